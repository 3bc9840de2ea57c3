"""T5, T7: a tournament's version cannot be advanced for a minute, and all else works."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any, Literal

import pytest

from scorecast.aws.sqs.sweep_queue import RequeueStalled
from scorecast.domain.matches.tournament import Tournament
from scorecast.protocol.limits import REQUEUE_PERIOD_SECONDS
from scorecast.protocol.states import State
from tests.simulation.ledger import MATCHES
from tests.simulation.outages import Outage
from tests.simulation.profiles import new_match
from tests.simulation.simulation import FLUSH_QUEUE, registered
from tests.simulation.stress.setting import SECOND_US, Setting, setting, viewer, watching

OUTAGE_S = 60
PUBLISHED_S_MAX = 5.0
NEIGHBOUR_S_MAX = 1.0
SEEN_S_MAX = 15
"""After the end, until one that joined meanwhile knows what it was not posted."""

REFUSED = ("throttle", "hang", "lost_reply")

type Kind = Literal["throttle", "hang", "lost_reply"]


def _refuse(scenario: Setting, kind: Kind) -> None:
    """Only the write of the tournament's version fails."""
    begins_us = scenario.begun_us + SECOND_US
    scenario.simulation.calls.outages.append(
        Outage(
            service="dynamodb",
            begins_us=begins_us,
            ends_us=begins_us + OUTAGE_S * SECOND_US,
            operations=frozenset({"UpdateItem"}),
            kind=kind,
            matches=_is_version,
        )
    )


def _is_version(request: dict[str, Any]) -> bool:
    return bool(request["Key"] == {"pk": {"S": "T#t1"}, "sk": {"S": "V"}})


def _register_neighbour(scenario: Setting) -> None:
    """Another tournament, with a match of its own."""
    cup = Tournament(id="t2", name="Cup", organizers=("official",), state="open", sequence=0)
    match = replace(new_match("other", State.LIVE), tournament_id=cup.id)
    tables = registered([cup], [match])
    for key, item in tables[MATCHES].items.items():
        scenario.simulation.dynamodb.tables[MATCHES].write(0, key, item)


def _late_s(scenario: Setting, client_id: str, goals: int, sent_s: float) -> float:
    return round(scenario.first_s(client_id, goals) - sent_s, 2)


def _sent_s(goals: int) -> float:
    return 1 + goals * 1.5


@pytest.mark.parametrize("kind", REFUSED)
def test_t5_scores_are_in_time_while_a_version_cannot_advance(
    kind: Kind,
) -> None:
    watchers = [watching("v1"), watching("v2", "m2"), viewer("cup", tournament_id="t1")]
    with setting(watchers) as scenario:
        _refuse(scenario, kind)
        for goals in range(1, 38):
            scenario.score(_sent_s(goals), goals)
            scenario.score(_sent_s(goals), goals, match_id="m2")
        scenario.sweep_until(90)
        scenario.run()
        late_s = [
            _late_s(scenario, client_id, goals, _sent_s(goals))
            for client_id in ("v1", "v2", "cup")
            for goals in range(1, 38)
        ]
        assert max(late_s) < PUBLISHED_S_MAX, late_s


@pytest.mark.parametrize("kind", REFUSED)
def test_t5_other_tournaments_are_not_delayed_by_a_version_that_cannot_advance(kind: Kind) -> None:
    with setting([watching("v1"), watching("v2", "m2")]) as scenario:
        _register_neighbour(scenario)
        scenario.simulation.gateway.connect(watching("other", "other"))
        _refuse(scenario, kind)
        for goals in range(1, 38):
            for match_id in ("m1", "m2", "other"):
                scenario.score(_sent_s(goals), goals, match_id=match_id)
        scenario.sweep_until(90)
        scenario.run()
        late_s = [_late_s(scenario, "other", goals, _sent_s(goals)) for goals in range(1, 38)]
        assert max(late_s) < NEIGHBOUR_S_MAX, late_s


def _requeue_until(scenario: Setting, until_s: int) -> None:
    """As often as the schedule's tasks do."""
    for at_s in range(0, until_s, REQUEUE_PERIOD_SECONDS):
        scenario.at(at_s, partial(scenario.simulation.put_task, RequeueStalled()))


def _uninformed(scenario: Setting, names: Iterable[str]) -> list[str]:
    """Those that do not know the newest of the match that is stored."""
    newest = int(scenario.item("M#m1", "M", MATCHES)["sequence_number"]["N"])
    clients = scenario.simulation.gateway.clients
    views = {name: clients[name].views.get("m1") for name in names}
    return [name for name, view in views.items() if view is None or view.sequence != newest]


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("last", ["score", "event"])
def test_newcomers_during_a_failed_version_get_the_newest_soon(kind: Kind, last: str) -> None:
    """Though nothing of the match follows."""
    names = [f"n{number}" for number in range(240)]
    uninformed: list[str] = []
    with setting([watching("v1")]) as scenario:
        _refuse(scenario, kind)
        for place, name in enumerate(names):
            newcomer = viewer(name, tournament_id="t1")
            scenario.at(5 + place / 4, partial(scenario.simulation.gateway.connect, newcomer))
        for goals in range(1, 38):
            scenario.score(_sent_s(goals), goals)
        if last == "event":
            end = {"type": "match_complete", "match_id": "m1", "winner_id": "p1"}
            scenario.send(scenario.official, 1 + OUTAGE_S - 2, **end)
        look_s = 1 + OUTAGE_S + SEEN_S_MAX
        scenario.at(look_s, lambda: uninformed.extend(_uninformed(scenario, names)))
        _requeue_until(scenario, look_s)
        scenario.run()
        assert not uninformed
        assert not scenario.simulation.queues.queues[FLUSH_QUEUE].dead_letters
