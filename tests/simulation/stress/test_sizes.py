"""T10: no answer or message is above 30 KB, whatever is stored."""

from functools import partial
from uuid import UUID

import pytest

from scorecast.domain.connections.identity import Identity
from scorecast.protocol.limits import EVENTS_BYTES_MAX
from scorecast.protocol.strict_json import compact
from tests.simulation.gateway import ANSWER_BYTES_MAX
from tests.simulation.simulation import FANOUT_QUEUE, Plan
from tests.simulation.stress.setting import QUIET, SECOND_US, Setting, setting, viewer

ORGANIZER = Identity(user_id="official", role="service")


def _bracket_events(scenario: Setting, number: int, size: int) -> None:
    body = {"type": "bracket_updated", "data": {"bracket": "x" * (size - 20)}}
    ask = scenario.simulation.http.ask
    for place in range(number):
        scenario.at(1 + place, partial(ask, ORGANIZER, "POST", "/tournaments/t1/events", body))


@pytest.mark.parametrize(("events", "size"), [(3, 3_000), (3, 16_000), (9, 16_000)])
def test_t10_missed_events_that_do_not_fit_are_not_sent_and_that_is_said(
    events: int, size: int
) -> None:
    watcher = viewer("v", tournament_id="t1")
    with setting([watcher]) as scenario:
        _bracket_events(scenario, events, size)
        asked = scenario.send(watcher, 1 + events, type="subscribe", tournament_id="t1", since=0)
        scenario.run()
        answer = watcher.answers[asked]
        assert len(compact(answer).encode()) <= ANSWER_BYTES_MAX
        assert answer["data"]["recovered"] is (events * size < EVENTS_BYTES_MAX)


@pytest.mark.parametrize("matches", [100, 200, 700])
def test_t10_a_large_tournaments_viewer_is_welcomed_within_30_kb(matches: int) -> None:
    ids = [str(UUID(int=number)) for number in range(matches)]
    with setting([viewer("v", tournament_id="t1")], matches=ids) as scenario:
        client = scenario.simulation.gateway.clients["v"]
        assert client.is_welcomed


def test_t10_what_waits_in_a_lane_that_lags_is_posted_in_messages_of_30_kb() -> None:
    viewers = [viewer(name, tournament_id="t1") for name in ("a", "b")]
    with setting(viewers, plan=Plan(habits=QUIET, shard_members=1)) as scenario:
        scenario.simulation.hold(FANOUT_QUEUE, 15 * SECOND_US)
        _bracket_events(scenario, 5, 12_000)
        scenario.run()
        assert len(scenario.events("a", "bracket_updated")) == 5
