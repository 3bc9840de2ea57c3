"""Who runs and reports a match is not published to its rooms."""

import json
from typing import Any

import pytest

from tests.harness.fake_api import FakeApi
from tests.harness.socket import Socket

OFFICIAL = "the-official"
PLAYER = "p1"


def whole_match(fake_api: FakeApi) -> tuple[Socket, Socket]:
    """A match with every kind of event; who has watched it, and who comes in the end."""
    fake_api.register("m1")
    watching = fake_api.enter("spectator", match_id="m1")
    reporter = fake_api.enter(token=fake_api.token(OFFICIAL, role="admin"))
    player = fake_api.enter(PLAYER)
    reporter.ask("match_start", match_id="m1")
    fake_api.cloud.flush("m1")
    reporter.ask("score_update", match_id="m1", participant1_score=1, participant2_score=0)
    fake_api.cloud.flush("m1")
    disputed = player.ask("dispute_create", match_id="m1", reason="It was offside.")
    reporter.ask("match_state_change", match_id="m1", new_state="paused")
    reporter.ask("match_complete", match_id="m1", winner_id=None)
    reporter.ask("match_reopen", match_id="m1", new_state="live", reason="Too early.")
    reporter.ask("match_complete", match_id="m1", winner_id=None)
    reporter.ask("match_amend", match_id="m1", outcome="awarded", reason="Ruled so.")
    dispute_id = disputed["data"]["dispute_id"]
    reporter.ask("dispute_resolve", match_id="m1", dispute_id=dispute_id, resolution="rejected")
    fake_api.cloud.flush("m1")
    return watching, fake_api.enter("latecomer", match_id="m1")


def named_users(messages: list[dict[str, Any]]) -> set[str]:
    """The users of the match that are named; a player's id is its participant's, too."""
    text = json.dumps(messages)
    return {name for name in (OFFICIAL, f'_by": "{PLAYER}') if name in text}


def received(watching: Socket, late: Socket) -> list[dict[str, Any]]:
    """Messages to the room, a welcome, and what a resuming client recovers."""
    resumed = late.ask("subscribe", match_id="m1", since=0)
    assert resumed["data"]["recovered"] is True
    types = [*watching.types, *(event["type"] for event in resumed["data"]["events"])]
    assert {"score_updated", "match_completed"} <= set(types)
    return [*watching.messages, *late.messages, resumed]


def test_no_message_of_a_room_names_a_user(fake_api: FakeApi) -> None:
    assert named_users(received(*whole_match(fake_api))) == set()


def test_a_parameter_has_every_user_named(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLISH_USER_IDS", "true")
    monkeypatch.setitem(fake_api.cloud.environment, "PUBLISH_USER_IDS", "true")

    messages = received(*whole_match(fake_api))

    assert len(named_users(messages)) == 2
    score = next(each for each in messages if each["type"] == "score_updated")
    assert score["data"]["updated_by"] == OFFICIAL
    assert messages[-1]["data"]["snapshot"]["updated_by"] == OFFICIAL
    registered, started = messages[-1]["data"]["events"][:2]
    assert registered["data"]["registered_by"] == "admin"
    assert (started["type"], started["data"]["started_by"]) == ("match_started", OFFICIAL)
