"""How matches end, what comes after, and what two officials or a party may do meanwhile."""

import json
from typing import Any

import api
import jwt
import message
import pytest

from scorecast.domain.rooms import match_room, tournament_room
from tests import examples
from tests.examples import SECRET
from tests.harness.engine import CONTEXT, HOUR_S, EngineHarness, Json, answer_in

PARTY = "c-party"


@pytest.fixture
def watched(engine: EngineHarness) -> EngineHarness:
    """Match m1 is live; one viewer follows it and one its tournament."""
    engine.register("m1")
    engine.viewer("fan", match_room("m1"))
    engine.viewer("follower", tournament_room("t1"))
    engine.enter(PARTY, by=examples.PARTICIPANT)
    return engine


def scheduled(engine: EngineHarness, match_id: str = "m2") -> None:
    match = {
        "tournament_id": "t1",
        "participants": [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}],
        "scheduled_at": "2026-06-11T13:00:00-06:00",
    }
    assert engine.http("PUT", f"/matches/{match_id}", match)[0] == 200


def news(engine: EngineHarness, connection_id: str, kind: str) -> Json:
    """The data of the one message of this kind that a connection got."""
    engine.pass_ms(1_000)
    [data] = [each["data"] for each in engine.events(connection_id) if each["type"] == kind]
    return dict(data)


def snapshot(engine: EngineHarness, connection_id: str, **room: str) -> Json:
    answer = engine.command("subscribe", by=connection_id, **(room or {"match_id": "m1"}))
    assert answer is not None
    return dict(answer["data"]["snapshot"])


def refusal(answer: Json | None) -> tuple[str, Any]:
    assert answer is not None and answer["type"] == "error", answer
    return answer["code"], answer.get("data")


def read(engine: EngineHarness, path: str, user_id: str, **claims: str) -> tuple[int, Json]:
    event = engine.http_event("GET", path, {})
    now_s = engine.timeline.now_ms() // 1_000
    known = {"sub": user_id, "exp": now_s + HOUR_S, "iss": "https://issuer.test"}
    token = jwt.encode(known | {"aud": "scorecast"} | claims, SECRET, algorithm="HS256")
    event["headers"] |= {"authorization": f"Bearer {token}"}
    response = api.handler(event, CONTEXT)
    return response["statusCode"], json.loads(response["body"])


@pytest.mark.parametrize(
    ("outcome", "winner"),
    [
        ("walkover", "p1"),
        ("forfeit", "p2"),
        ("double_forfeit", None),
        ("disqualified", "p1"),
        ("awarded", "p2"),
        ("abandoned", None),
        ("bye", "p1"),
    ],
)
def test_M3_a_match_that_was_never_played_ends_without_a_start(
    watched: EngineHarness, outcome: str, winner: str | None
) -> None:
    scheduled(watched)
    watched.order("match_complete", "m2", winner_id=winner, outcome=outcome)
    sent = news(watched, "follower", "match_completed")
    assert (sent["match_id"], sent["outcome"], sent["winner_id"]) == (
        "m2",
        outcome,
        winner,
    )
    assert "match_started" not in [each["type"] for each in watched.events("follower")]
    seen = snapshot(watched, "fan", match_id="m2")
    assert (seen["state"], seen["outcome"], seen["winner_id"]) == ("completed", outcome, winner)


def test_M3_a_match_that_must_have_begun_is_not_played_by_a_command(watched: EngineHarness) -> None:
    scheduled(watched)
    for outcome in ("played", "retired"):
        asked = {"match_id": "m2", "winner_id": "p1", "outcome": outcome}
        code, data = refusal(watched.command("match_complete", **asked))
        assert (code, data["state"]) == ("invalid_transition", "scheduled")


def test_M3_a_retirement_ends_a_live_match_with_what_decided_it(watched: EngineHarness) -> None:
    watched.order("match_complete", winner_id="p2", outcome="retired")
    assert news(watched, "fan", "match_completed")["outcome"] == "retired"


def test_M4_a_result_is_amended_for_everyone_in_the_matchs_numbering(
    watched: EngineHarness,
) -> None:
    watched.score(2)
    watched.order("match_complete", winner_id="p1", decided_by="regulation")
    watched.order("match_amend", winner_id="p2", outcome="awarded", reason="Ineligible player.",
                  participant1_score=0, participant2_score=3)  # fmt: skip
    sent = news(watched, "follower", "result_amended")
    assert sent == news(watched, "fan", "result_amended")
    assert (sent["before"]["winner_id"], sent["before"]["participant1_score"]) == (
        "p1",
        2,
    )
    assert (sent["after"]["winner_id"], sent["after"]["participant2_score"]) == ("p2", 3)
    assert sent["reason"] == "Ineligible player."
    assert [number for _, number in watched.numbers("fan")] == [2, 3, 4]
    seen = snapshot(watched, "fan")
    assert seen.items() >= {"state": "completed", "participant2_score": 3, "revision": 2}.items()
    assert (seen["outcome"], seen["winner_id"]) == ("awarded", "p2")


@pytest.mark.parametrize("end", ["completed", "cancelled"])
@pytest.mark.parametrize("state", ["scheduled", "live", "paused"])
def test_M4_an_end_is_taken_back_and_scores_count_again(
    watched: EngineHarness, end: str, state: str
) -> None:
    watched.score(2)
    if end == "completed":
        watched.order("match_complete", winner_id="p1")
    else:
        watched.order("match_state_change", new_state="cancelled")
    watched.pass_ms(1_000)
    watched.order("match_reopen", new_state=state, reason="By mistake.")
    sent = news(watched, "fan", "match_reopened")
    assert (sent["old_state"], sent["new_state"], sent["winner_id"]) == (
        end,
        state,
        None,
    )
    seen = snapshot(watched, "fan")
    assert (seen["state"], seen["outcome"], seen["winner_id"]) == (state, None, None)
    assert seen["participant1_score"] == sent["participant1_score"]
    assert seen["participant1_score"] == (0 if state == "scheduled" else 2)
    answer = watched.score(5)
    assert answer["type"] == ("error" if state == "scheduled" else "accepted")


def test_M4_a_score_that_was_sent_before_the_end_is_stale_after_the_reopening(
    watched: EngineHarness,
) -> None:
    held_up = watched.message_event(
        "score_update", match_id="m1", participant1_score=9, participant2_score=9
    )
    watched.pass_ms(50)
    watched.order("match_complete", winner_id="p1", participant1_score=1, participant2_score=0)
    watched.order("match_reopen", new_state="live", reason="By mistake.")
    code, stored = refusal(answer_in(message.handler(held_up, CONTEXT)))
    assert (code, stored["participant1_score"]) == ("stale", 1)


def test_M4_a_start_is_undone_with_its_score_and_the_match_starts_anew(
    watched: EngineHarness,
) -> None:
    watched.score(1)
    watched.order("match_state_change", new_state="scheduled")
    sent = news(watched, "fan", "match_state_changed")
    assert (sent["old_state"], sent["new_state"]) == ("live", "scheduled")
    assert (sent["participant1_score"], sent["revision"]) == (0, 2)
    assert refusal(watched.score(1))[0] == "match_not_live"
    watched.order("match_start")
    assert watched.score(1)["data"]["revision"] == 3


def test_M4_second_thoughts_are_for_officials(watched: EngineHarness) -> None:
    watched.order("match_complete", winner_id="p1")
    for kind, fields in (
        ("match_amend", {"winner_id": "p2", "reason": "I won."}),
        ("match_reopen", {"new_state": "live", "reason": "I won."}),
    ):
        answer = watched.command(kind, by=PARTY, match_id="m1", **fields)
        assert refusal(answer)[0] == "forbidden"


def test_M4_a_client_that_was_away_recovers_every_second_thought(watched: EngineHarness) -> None:
    watched.order("match_complete", winner_id="p1")
    watched.order("match_amend", winner_id="p2", reason="Counted wrong.")
    watched.order("match_reopen", new_state="paused", reason="Extra time is due.")
    watched.order("match_state_change", new_state="postponed")
    answer = watched.command("subscribe", by="follower", match_id="m1", since=1)
    assert answer is not None and answer["data"]["recovered"] is True
    assert [event["type"] for event in answer["data"]["events"]] == [
        "match_completed",
        "result_amended",
        "match_reopened",
        "match_state_changed",
    ]


def test_a_tournament_is_not_completed_over_a_match_in_play(watched: EngineHarness) -> None:
    end, back = ({"type": f"tournament_{what}"} for what in ("completed", "reopened"))
    status, problem = watched.http("POST", "/tournaments/t1/events", end)
    assert (status, problem["code"]) == (409, "invalid_transition")
    assert (problem["match_id"], problem["state"]) == ("m1", "live")
    watched.order("match_complete", winner_id=None)
    assert watched.http("POST", "/tournaments/t1/events", end)[0] == 200
    assert watched.http("POST", "/tournaments/t1/events", back)[0] == 200
    assert watched.http("GET", "/tournaments/t1", {})[1]["state"] == "open"
    watched.pass_ms(100)
    bracket = [number for kind, number in watched.numbers("follower") if "tournament" in kind]
    assert bracket == [1, 2]


def dispute(engine: EngineHarness, by: str = PARTY) -> Json | None:
    return engine.command("dispute_create", by=by, match_id="m1", reason="Offside, clearly.")


def test_M6_a_dispute_holds_up_no_score_and_reveals_no_text(watched: EngineHarness) -> None:
    answer = dispute(watched)
    assert answer is not None and answer["type"] == "accepted"
    sent = news(watched, "fan", "dispute_created")
    assert sent["dispute_id"] == answer["data"]["dispute_id"]
    assert "Offside" not in json.dumps(watched.events("fan") + watched.events("follower"))
    assert watched.score(1)["type"] == "accepted"
    seen = snapshot(watched, "fan")
    assert (seen["state"], seen["open_disputes"]) == ("live", 1)


def test_M6_a_user_has_one_open_dispute_and_a_match_ten_in_all(watched: EngineHarness) -> None:
    for number in range(10):
        answer = dispute(watched)
        assert answer is not None and answer["type"] == "accepted", number
        assert refusal(dispute(watched))[0] == "forbidden"
        watched.order(
            "dispute_resolve", dispute_id=answer["data"]["dispute_id"], resolution="rejected"
        )
    assert refusal(dispute(watched))[0] == "forbidden"
    assert snapshot(watched, "fan")["open_disputes"] == 0


def test_M6_a_dispute_is_raised_after_the_end_and_resolved_without_reopening(
    watched: EngineHarness,
) -> None:
    watched.order("match_complete", winner_id="p2")
    answer = dispute(watched)
    assert answer is not None
    dispute_id = answer["data"]["dispute_id"]
    fields = {"dispute_id": dispute_id, "resolution": "upheld", "note": "Seen on video."}
    answer = watched.command("dispute_resolve", by=PARTY, match_id="m1", **fields)
    assert refusal(answer)[0] == "forbidden"
    watched.order("dispute_resolve", **fields)
    sent = news(watched, "follower", "dispute_resolved")
    assert (sent["resolution"], sent["open_disputes"]) == ("upheld", 0)
    assert "note" not in sent
    seen = snapshot(watched, "fan")
    assert (seen["state"], seen["winner_id"]) == ("completed", "p2")
    assert refusal(watched.command("dispute_resolve", match_id="m1", **fields))[0] == "not_found"


def test_M6_the_texts_are_for_officials_and_the_parties(watched: EngineHarness) -> None:
    dispute(watched)
    for reader in ({"user_id": "p2"}, {"user_id": "or"}, {"user_id": "x", "role": "service"}):
        status, found = read(watched, "/matches/m1/disputes", **reader)
        assert status == 200
        [sent] = found["disputes"]
        assert (sent["reason"], sent["initiated_by"]) == ("Offside, clearly.", "p1")
    status, problem = read(watched, "/matches/m1/disputes", "somebody")
    assert (status, problem["code"]) == (403, "forbidden")
    assert read(watched, "/matches/m9/disputes", "p1")[0] == 404


def test_M7_of_two_officials_who_saw_the_same_score_the_second_is_in_conflict(
    watched: EngineHarness,
) -> None:
    first = watched.score(1, base_revision=0)
    assert first["data"]["revision"] == 1
    code, stored = refusal(watched.score(7, base_revision=0))
    assert code == "conflict"
    assert stored == {
        "match_id": "m1",
        "revision": 1,
        "participant1_score": 1,
        "participant2_score": 0,
    }
    assert watched.score(2, base_revision=stored["revision"])["type"] == "accepted"
    watched.pass_ms(1_000)
    assert watched.scores("fan")[-1] == 2


def test_M7_a_score_that_is_sent_again_is_never_in_conflict_with_itself(
    watched: EngineHarness,
) -> None:
    for _ in range(2):
        answer = watched.score(1, base_revision=0, update_id="goal")
        assert answer["data"]["revision"] == 1
    watched.score(2, base_revision=1)
    assert refusal(watched.score(1, base_revision=0, update_id="goal"))[0] == "stale"


def test_M7_over_HTTP_the_body_or_If_Match_names_the_base(watched: EngineHarness) -> None:
    watched.score(1)
    nil_one = {"participant1_score": 0, "participant2_score": 1}
    status, problem = watched.http("PUT", "/matches/m1/score", nil_one | {"base_revision": 0})
    assert (status, problem["code"], problem["revision"]) == (409, "conflict", 1)
    event = watched.http_event("PUT", "/matches/m1/score", nil_one)
    event["headers"] |= {"if-match": '"0"'}
    response = api.handler(event, CONTEXT)
    assert response["statusCode"] == 412
    assert json.loads(response["body"])["code"] == "conflict"


def test_a_postponed_match_takes_no_scores_until_it_goes_on(watched: EngineHarness) -> None:
    watched.score(1)
    watched.order("match_state_change", new_state="postponed")
    assert refusal(watched.score(2))[0] == "match_not_live"
    assert snapshot(watched, "fan")["participant1_score"] == 1
    watched.order("match_start")
    assert watched.score(2)["type"] == "accepted"


def test_an_official_whose_play_is_on_hold_still_reports(watched: EngineHarness) -> None:
    watched.order("match_state_change", new_state="disputed")
    assert watched.score(1)["type"] == "accepted"
