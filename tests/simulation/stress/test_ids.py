"""Ids that are equal in different tables never meet in a deduplication id."""

from functools import partial

import pytest

from scorecast.domain.connections.identity import Identity
from scorecast.protocol.states import State
from tests.simulation.simulation import Plan
from tests.simulation.stress.setting import QUIET, setting, viewer

ORGANIZER = Identity(user_id="official", role="service")
KINDS = ("bracket_generated", "match_started", "score_updated")


@pytest.mark.parametrize("tournament", ["cup", "final"])
@pytest.mark.parametrize("shard_members", [1, 500])
def test_a_match_named_like_its_tournament_swallows_no_message(
    tournament: str, shard_members: int
) -> None:
    viewers = [viewer(f"v{number}", tournament_id=tournament) for number in range(4)]
    plan = Plan(habits=QUIET, shard_members=shard_members)
    started = setting(
        viewers, plan=plan, tournament=tournament, matches=["final"], state=State.SCHEDULED
    )
    with started as scenario:
        ask = scenario.simulation.http.ask
        path = f"/tournaments/{tournament}/events"
        scenario.at(1, partial(ask, ORGANIZER, "POST", path, {"type": "bracket_generated"}))
        scenario.send(scenario.official, 30, type="match_start", match_id="final")
        scenario.score(40, 1, match_id="final")
        scenario.sweep_until(60)
        scenario.run()
        for kind in KINDS:
            reached = {posted.client_id for posted in scenario.events(kind=kind)}
            assert reached >= {f"v{number}" for number in range(4)}, kind
