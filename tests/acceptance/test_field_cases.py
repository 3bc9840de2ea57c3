"""Inputs that organisers and official's programs have sent to comparable systems, as they were."""

import json
from typing import Any

import pytest

from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.limits import SENT_BYTES_MAX
from tests.harness.fake_api import FakeApi
from tests.harness.socket import Socket

type Json = dict[str, Any]

COUNTER_MAX = 2**53 - 1
PLAYERS = [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}]


def admin(fake_api: FakeApi, user_id: str = "admin") -> Socket:
    return fake_api.enter(token=fake_api.token(user_id, role="admin"))


def live(fake_api: FakeApi) -> Socket:
    """Match m1 of tournament t1 is live; its official's connection."""
    fake_api.register("m1")
    official = admin(fake_api)
    accepted(official, "match_start")
    return official


def accepted(official: Socket, kind: str, **fields: Any) -> Json:
    answer = official.ask(kind, match_id="m1", **fields)
    assert answer["type"] == "accepted", answer
    return dict(answer["data"])


def score(official: Socket, first: int, second: int = 0, **fields: Any) -> Json:
    scores = {"participant1_score": first, "participant2_score": second}
    return official.ask("score_update", match_id="m1", **scores, **fields)


def match(fake_api: FakeApi, match_id: str = "m1") -> Json:
    return fake_api.http("GET", f"/matches/{match_id}")


def test_a_match_that_was_cancelled_by_mistake_goes_on(fake_api: FakeApi) -> None:
    official = live(fake_api)
    accepted(official, "match_state_change", new_state="cancelled")
    accepted(official, "match_reopen", new_state="live", reason="The wrong match.")
    assert score(official, 1)["type"] == "accepted"
    assert match(fake_api)["state"] == "live"


def test_a_result_is_amended_after_a_dispute(
    fake_api: FakeApi,
) -> None:
    official, party = live(fake_api), fake_api.enter("p1")
    accepted(official, "match_complete", winner_id="p2")
    dispute = accepted(party, "dispute_create", reason="I have won.")
    accepted(official, "match_amend", winner_id="p1", reason="The players were mixed up.")
    accepted(official, "dispute_resolve", resolution="upheld", dispute_id=dispute["dispute_id"])
    assert (match(fake_api)["winner_id"], match(fake_api)["open_disputes"]) == ("p1", 0)


@pytest.mark.parametrize("how", ["milliseconds times a thousand", "the largest integer"])
def test_a_revision_far_ahead_is_refused_and_blocks_no_one(fake_api: FakeApi, how: str) -> None:
    official, now_ms = live(fake_api), fake_api.cloud.system.now_ms()
    ahead = now_ms * 1_000 if how.startswith("milli") else COUNTER_MAX
    refused = score(official, 1, client_revision=ahead)
    assert refused["code"] == "invalid_schema"
    assert set(refused["data"]["errors"]) == {"client_revision"}
    assert score(admin(fake_api, "another"), 1, client_revision=now_ms)["type"] == "accepted"


def test_three_disputes_of_a_player_hold_up_no_score(fake_api: FakeApi) -> None:
    official, player = live(fake_api), fake_api.enter("p1")
    answers = [player.ask("dispute_create", match_id="m1", reason="Offside.") for _ in range(3)]
    assert [answer["type"] for answer in answers] == ["accepted", "error", "error"]
    assert {answer["code"] for answer in answers[1:]} == {"forbidden"}
    assert score(official, 1)["type"] == "accepted"
    assert match(fake_api)["open_disputes"] == 1


def test_ten_large_brackets_make_no_message_larger_than_a_message_may_be(fake_api: FakeApi) -> None:
    fake_api.register("m1")
    for number in range(10):
        data = {"rounds": [{"name": f"{number}", "note": "x" * 10_000}]}
        body = {"type": "bracket_updated", "data": data}
        fake_api.http("POST", "/tournaments/t1/events", body)
    joined = fake_api.enter("fan").ask("subscribe", tournament_id="t1", since=0)
    assert len(json.dumps(joined).encode()) <= SENT_BYTES_MAX
    assert joined["data"]["recovered"] is False


def single_elimination(players: int) -> Json:
    """A bracket in which the match with number n is fed by those with numbers 2n and 2n + 1."""
    numbers = range(players - 1, 0, -1)
    rounds: dict[int, list[Json]] = {}
    for number in numbers:
        feeders = [2 * number, 2 * number + 1]
        slots = [{"winner_of": f"m{feeder}"} if feeder < players else None for feeder in feeders]
        pairing = {"match_id": f"m{number}", "slots": slots}
        rounds.setdefault(number.bit_length(), []).append(pairing)
    named = [{"name": f"Round {n}", "matches": rounds[n]} for n in sorted(rounds, reverse=True)]
    return {"groups": [], "rounds": named}


def double_elimination(players: int) -> Json:
    """Those who lose in the upper bracket meet those who are left in the lower one."""
    upper = single_elimination(players)["rounds"]
    lower: list[Json] = []
    left: list[Json] = []
    for each in upper:
        fallen = [{"loser_of": pairing["match_id"]} for pairing in each["matches"]]
        left = [*left, *fallen]
        while len(left) >= max(2, len(fallen)):
            matches = [
                {"match_id": f"l{len(lower)}-{place}", "slots": [left[place], left[-place - 1]]}
                for place in range(len(left) // 2)
            ]
            lower.append({"name": f"Lower {len(lower)}", "matches": matches})
            left = [{"winner_of": pairing["match_id"]} for pairing in matches]
    final = {"match_id": "final", "slots": [{"winner_of": "m1"}, *left]}
    rounds = [*upper, *lower, {"name": "Grand final", "matches": [final]}]
    return {"groups": [], "rounds": rounds}


@pytest.mark.parametrize(
    ("structure", "matches"),
    [(single_elimination(256), 255), (double_elimination(256), 510)],
    ids=["single", "double"],
)
def test_a_bracket_of_256_players_is_stored_and_published_by_its_version(
    fake_api: FakeApi, structure: Json, matches: int
) -> None:
    fake_api.register("m1")
    fan = fake_api.enter("fan", tournament_id="t1")
    stored = fake_api.http("PUT", "/tournaments/t1/structure", structure)
    fake_api.cloud.flush_room.run(tournament_room("t1"), request_id="structure")

    read = fake_api.http("GET", "/tournaments/t1/structure")
    assert {name: read[name] for name in structure} == structure
    [event] = [each["data"] for each in fan.messages if each["type"] == "bracket_updated"]
    assert (event["sequence"], event["version"]) == (stored["version"], stored["version"])
    assert len(json.dumps(event).encode()) <= SENT_BYTES_MAX
    assert sum(len(each["matches"]) for each in structure["rounds"]) == matches


def test_a_match_named_like_its_tournament_has_its_own_numbers(fake_api: FakeApi) -> None:
    fake_api.http("PUT", "/tournaments/final", {"name": "The final", "organizers": []})
    registered = {"tournament_id": "final", "participants": PLAYERS, "scheduled_at": None}
    fake_api.http("PUT", "/matches/final", registered)
    fake_api.cloud.flush("final")
    fan, official = fake_api.enter("fan", tournament_id="final"), admin(fake_api)

    for number in range(2):
        body = {"type": "bracket_updated", "data": {"rounds": [number]}}
        fake_api.http("POST", "/tournaments/final/events", body)
    assert official.ask("match_start", match_id="final")["type"] == "accepted"
    for room in (tournament_room("final"), match_room("final")):
        fake_api.cloud.flush_room.run(room, request_id="numbers")

    received = [(each["type"], each["data"].get("sequence")) for each in fan.messages]
    assert [each for each in received if each[0] in ("bracket_updated", "match_started")] == [
        ("bracket_updated", 1),
        ("bracket_updated", 2),
        ("match_started", 2),
    ]


REPRESENTABLE = {
    "9.85 in gymnastics": ({"scale": 2, "unit": "points"}, (985, 970)),
    "half a point in chess": ({"scale": 1, "unit": "points"}, (5, 5)),
    "three below par": ({"scale": 0, "negative": True, "unit": "points"}, (-3, 0)),
    "a game of billions": ({"scale": 0, "unit": "points"}, (1_234_567_890, 10**12)),
}


@pytest.mark.parametrize(("scoring", "scores"), REPRESENTABLE.values(), ids=REPRESENTABLE.keys())
def test_M9_a_score_of_another_sport_is_stored_as_it_is(
    fake_api: FakeApi, scoring: Json, scores: tuple[int, int]
) -> None:
    fake_api.register("m1")
    registered = {"tournament_id": "t1", "participants": PLAYERS, "scheduled_at": None}
    fake_api.http("PUT", "/matches/m1", registered | {"scoring": scoring})
    official = admin(fake_api)
    accepted(official, "match_start")
    assert score(official, *scores)["type"] == "accepted"
    stored = match(fake_api)
    assert (stored["participant1_score"], stored["participant2_score"]) == scores
    assert stored["scoring"].items() >= scoring.items()


@pytest.mark.parametrize("other", [{"bye": True}, {"placeholder": "Winner of QF1"}])
def test_M9_a_match_without_a_time_or_opponent_is_registered(
    fake_api: FakeApi, other: Json
) -> None:
    fake_api.register("m1")
    sides = [PLAYERS[0], other]
    registered = {"tournament_id": "t1", "participants": sides, "scheduled_at": None}
    fake_api.http("PUT", "/matches/sf1", registered)
    stored = match(fake_api, "sf1")
    assert (stored["scheduled_at"], stored["participants"][1]) == (None, other)
