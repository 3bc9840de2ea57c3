import asyncio
from collections.abc import Callable
from dataclasses import replace as changed
from itertools import pairwise

import pytest

from scorecast_client import ConnectRefused
from scorecast_client.replay.official import ReplayError
from scorecast_client.replay.play import replay, replay_on
from scorecast_client.replay.report import Report
from scorecast_client.replay.tournament import Match, Tournament
from tests.clients.python.fake_scorecast import FakeScorecast
from tests.clients.python.world_cup import match_between, world_cup

DEADLINE_SECONDS = 20
RATE_LIMITED = {"code": "message_rate_limit_exceeded", "message": "Slow.", "retry_after_ms": 1}


def of(*matches: Match) -> Tournament:
    return changed(world_cup(), matches=matches)


def first(count: int) -> Tournament:
    return of(*world_cup().matches[:count])


def replayed(
    tournament: Tournament, prepare: Callable[[FakeScorecast], None] = lambda fake: None
) -> tuple[Report, FakeScorecast]:
    async def run() -> tuple[Report, FakeScorecast]:
        async with asyncio.timeout(DEADLINE_SECONDS), FakeScorecast() as fake:
            prepare(fake)
            return await replay_on(fake.stack, tournament), fake

    return asyncio.run(run())


def test_eight_matches_end_as_the_file_has_them() -> None:
    report, fake = replayed(first(8))

    goals = sum(len(match.goals) for match in first(8).matches)
    assert (report.matches, report.differences) == (8, [])
    assert report.accepted == goals == report.send_to_receipt.count
    assert report.score_messages + report.merged == goals
    assert report.messages == report.score_messages + 2 * 8
    assert 0 < report.merged < goals
    assert list(fake.tournaments) == ["worldcup-2026"]
    assert list(fake.matches) == [f"wc-{number:03}" for number in range(1, 9)]


def test_groups_and_rounds_are_stored_with_the_matches() -> None:
    group, final = world_cup().matches[0], world_cup().matches[-1]
    _, fake = replayed(of(group, final))

    [structure] = [body for _, path, _, body in fake.requests if path.endswith("/structure")]
    assert structure == {
        "groups": [{"name": "Group A", "matches": [group.id]}],
        "rounds": [{"name": "Final", "matches": [{"match_id": final.id, "slots": [None, None]}]}],
    }


def test_extra_time_and_a_shoot_out_reach_the_spectator() -> None:
    match = match_between("Australia", "Egypt")
    report, fake = replayed(of(match))

    assert report.differences == []
    assert fake.matches[match.id]["details"]["penalties"] == [2, 4]


def test_matches_of_one_time_are_played_together_the_others_in_turn() -> None:
    matches = world_cup().matches
    at_once = next(pair for pair in pairwise(matches) if pair[0].kick_off == pair[1].kick_off)
    both = {match.id for match in at_once}
    _, fake = replayed(of(matches[0], *at_once))

    order = [message["match_id"] for _, message in fake.commands]
    alone = len(matches[0].goals) + 2
    assert set(order[:alone]) == {matches[0].id}
    assert set(order[alone : alone + 2]) == both


def test_officials_take_the_matches_in_turn() -> None:
    _, fake = replayed(first(5))

    officials = {user: message["match_id"] for user, message in reversed(fake.commands)}
    assert officials == {
        "official-1": "wc-001",
        "official-2": "wc-002",
        "official-3": "wc-003",
        "official-4": "wc-004",
    }
    organizers = fake.tournaments["worldcup-2026"]["organizers"]
    assert organizers == sorted(officials)


def test_a_rate_limit_is_waited_for_and_a_fault_tried_again() -> None:
    fault = {"code": "internal_error", "message": "Our fault."}
    report, fake = replayed(
        first(1), lambda fake: fake.refuse_next.extend([RATE_LIMITED, RATE_LIMITED, fault])
    )

    goals = len(first(1).matches[0].goals)
    assert report.differences == []
    assert len(fake.commands) == goals + 2 + 3


def test_a_final_refusal_ends_the_replay_with_its_reason() -> None:
    refusal = {"code": "forbidden", "message": "You may not."}

    with pytest.raises(ReplayError, match=r"refused in wc-001: forbidden: You may not\."):
        replayed(first(2), lambda fake: fake.refuse_next.append(refusal))


def test_scores_that_reach_no_spectator_are_differences() -> None:
    report, _ = replayed(first(3), lambda fake: fake.undelivered.add("wc-002"))

    assert [(found.match_id, found.what) for found in report.differences] == [("wc-002", "score")]
    assert report.send_to_receipt.count < report.accepted


def test_a_spectator_that_is_refused_ends_the_replay() -> None:
    def prepare(fake: FakeScorecast) -> None:
        goodbye = {"code": 4003, "reason": "disconnected_by_server", "reconnect": False}
        fake.goodbye = {"type": "goodbye", **goodbye}

    with pytest.raises(ReplayError, match="spectator's connection ended before the last match"):
        replayed(first(3), prepare)


def test_what_has_been_played_is_not_played_again() -> None:
    def prepare(fake: FakeScorecast) -> None:
        fake.matches["wc-002"] = {"match_id": "wc-002", "state": "completed", "sequence": 9}

    with pytest.raises(ReplayError, match="wc-002 of worldcup-2026 is already completed here"):
        replayed(first(3), prepare)


def test_speed_is_a_factor_over_real_time() -> None:
    tournament = first(1)
    slow = 115 * 60 / 0.4

    async def run() -> Report:
        async with asyncio.timeout(DEADLINE_SECONDS), FakeScorecast() as fake:
            return await replay_on(fake.stack, tournament, speed=slow)

    assert asyncio.run(run()).seconds >= 0.4


def test_one_token_is_enough_and_progress_is_reported() -> None:
    steps: list[tuple[int, int, str]] = []

    async def run() -> Report:
        async with asyncio.timeout(DEADLINE_SECONDS), FakeScorecast() as fake:
            return await replay(
                first(1),
                ws_url=fake.stack.ws_url,
                http_url=fake.stack.http_url,
                token=fake.stack.tokens["admin"],
                progress=lambda done, total, words: steps.append((done, total, words)),
            )

    assert asyncio.run(run()).differences == []
    assert steps[0] == (1, 5, "wc-001 registered")
    assert steps[-1] == (5, 5, "Mexico 2:0 South Africa")


def test_a_refused_token_ends_the_replay_at_once() -> None:
    async def run() -> None:
        async with asyncio.timeout(DEADLINE_SECONDS), FakeScorecast() as fake:
            ws_url, http_url = fake.stack.ws_url, fake.stack.http_url
            match = first(1)
            await replay(match, ws_url=ws_url, http_url=http_url, token="t", token_for=_no_token)

    with pytest.raises(ConnectRefused, match="401"):
        asyncio.run(run())


def _no_token(user_id: str) -> str:
    return ""
