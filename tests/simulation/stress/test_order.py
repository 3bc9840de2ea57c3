"""I6: latest wins by the order of the updates, whichever kinds of order their senders use."""

from dataclasses import replace
from typing import Any

import pytest

from tests.simulation.ledger import MATCHES, number
from tests.simulation.simulation import Plan
from tests.simulation.stress.setting import QUIET, SECOND_US, Setting, official, setting

SEEDS = range(40)
APART = Plan(habits=replace(QUIET, disorder_us=100_000))


def _refusal(scenario: Setting, by: Any, message_id: str) -> str | None:
    answer = by.answers[message_id]
    return None if answer["type"] == "accepted" else str(answer["code"])


def _now_ms(scenario: Setting, at_s: float) -> int:
    return (scenario.begun_us + int(at_s * SECOND_US)) // 1_000


@pytest.mark.parametrize("first_has_revision", [True, False])
def test_i6_of_two_kinds_of_order_the_one_received_later_stands(first_has_revision: bool) -> None:
    stored = [_stored_after_two_kinds(first_has_revision, seed) for seed in SEEDS]
    assert stored == [2] * len(SEEDS), f"{stored.count(1)} of {len(SEEDS)} keep the older"


def _stored_after_two_kinds(first_has_revision: bool, seed: int) -> int:
    """1-0 by one kind of order, and 50 ms later 2-0 by the other; processed in any order."""
    other = official("other")
    with setting([other], plan=APART, seed=seed) as scenario:
        revision: dict[str, Any] = {"client_revision": _now_ms(scenario, 1)}
        first, second = (revision, {}) if first_has_revision else ({}, revision)
        scenario.score(1, 1, 0, **first)
        scenario.score(1.05, 2, 0, by=other, **second)
        scenario.run()
        return number(scenario.item("M#m1", "M", MATCHES), "participant1_score")


def test_i6_a_clock_an_hour_ahead_blocks_no_other_sender() -> None:
    other = official("other")
    with setting([other]) as scenario:
        ahead = scenario.score(2, 1, 1, client_revision=_now_ms(scenario, 3_602))
        sent = [
            scenario.score(at_s, n, 1, by=other, client_revision=_now_ms(scenario, at_s))
            for n, at_s in enumerate((1, 3, 60, 1_800), start=2)
        ]
        scenario.run()
        assert _refusal(scenario, scenario.official, ahead) == "invalid_schema"
        assert [_refusal(scenario, other, each) for each in sent] == [None] * 4


def test_i6_the_highest_revision_of_all_is_refused() -> None:
    with setting() as scenario:
        highest = scenario.score(1, 1, client_revision=2**53 - 1)
        sent = [scenario.score(n, n, client_revision=_now_ms(scenario, n)) for n in (2, 3)]
        sent.append(scenario.score(4, 4))
        scenario.run()
        assert _refusal(scenario, scenario.official, highest) == "invalid_schema"
        assert [_refusal(scenario, scenario.official, each) for each in sent] == [None] * 3


def test_i6_revisions_that_count_from_one_are_still_taken() -> None:
    with setting() as scenario:
        sent = [scenario.score(n, n, client_revision=n) for n in (1, 2, 3)]
        late = scenario.score(4, 2, client_revision=2)
        scenario.run()
        assert [_refusal(scenario, scenario.official, each) for each in sent] == [None] * 3
        assert _refusal(scenario, scenario.official, late) == "stale"
