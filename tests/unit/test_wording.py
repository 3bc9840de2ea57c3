"""The messages to clients, word by word: they show it, and their programs branch on its keys."""

from dataclasses import fields
from typing import Any

import pytest
from pydantic import TypeAdapter

from scorecast.domain.matches.changes import Change
from scorecast.domain.matches.decisions import decide, report_rejection
from scorecast.domain.matches.match import Claimed, Result
from scorecast.domain.matches.payloads import match_snapshot, match_summary, score_updated
from scorecast.domain.matches.scoring import rejection
from scorecast.domain.matches.tournament import TournamentEventType, tournament_event
from scorecast.domain.rooms import Room, match_room, room_from_key, tournament_room
from scorecast.protocol.commands import (
    COMMANDS,
    MatchComplete,
    MatchEventCommand,
    MatchStateChange,
)
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.fields import NewState
from scorecast.protocol.requirements import requirement
from scorecast.protocol.roles import Role
from scorecast.protocol.states import Outcome, State
from tests.examples import NOW_MS, match, occasion, score, score_update, tournament

ID = (
    "must be a string of 1 to 64 of A-Z a-z 0-9 _ -",
    {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"},
)
INTEGER = (
    "must be an integer from 0 to 9007199254740991",
    {"type": "integer", "minimum": 0, "maximum": 9007199254740991},
)
SCORE = (
    "must be an integer from -1000000000000 to 1000000000000",
    {"type": "integer", "minimum": -(10**12), "maximum": 10**12},
)
DETAILS = (
    "must be an object of at most 2048 bytes and 8 levels",
    {"additionalProperties": True, "type": "object"},
)
STATES = ["scheduled", "live", "paused", "disputed", "postponed", "completed", "cancelled"]
RULES: dict[str, dict[str, tuple[str, Any]]] = {
    "subscribe": {"match_id": ID, "tournament_id": ID, "since": INTEGER},
    "score_update": {
        "match_id": ID,
        "participant1_score": SCORE,
        "participant2_score": SCORE,
        "details": DETAILS,
        "periods": (
            "must be a list of at most 32 periods",
            {"type": "array", "items": {"$ref": "#/$defs/Period"}, "maxItems": 32},
        ),
        "clock": ("must be an object", {"$ref": "#/$defs/Clock"}),
        "shootout": ("must be an object", {"$ref": "#/$defs/Shootout"}),
        "corrects": INTEGER,
        "client_revision": INTEGER,
        "update_id": ID,
        "base_revision": INTEGER,
    },
    "dispute_create": {
        "match_id": ID,
        "reason": (
            "must be a string of 1 to 500 characters, all of them visible",
            {"type": "string", "minLength": 1, "maxLength": 500},
        ),
    },
    "refresh": {
        "token": (
            "must be a string of 1 to 4096 characters",
            {"type": "string", "minLength": 1, "maxLength": 4096},
        )
    },
}


@pytest.mark.parametrize("kind", RULES)
def test_a_field_says_what_it_must_be(kind: str) -> None:
    found = {
        field.name: (requirement(field.type), _without_null(field.type))
        for field in fields(COMMANDS[kind])
    }
    assert found == RULES[kind]


def _without_null(hint: Any) -> Any:
    schema = TypeAdapter(hint).json_schema()
    plain, *_null = schema.get("anyOf", [schema])
    return plain


def test_a_new_state_says_which_there_are() -> None:
    assert sorted(TypeAdapter(NewState).json_schema()["enum"]) == sorted(STATES)
    assert requirement(NewState) == "must be one of " + ", ".join(State)


def _refused(command: MatchEventCommand, **changes: Any) -> Rejection:
    refused = decide(command, match(**changes), occasion())
    assert isinstance(refused, Rejection)
    return refused


def test_a_role_that_does_not_allow_a_command_gets_that_reason() -> None:
    command = MatchComplete(match_id="m1", winner_id=None)
    assert report_rejection(command, Role.SPECTATOR) == Rejection(
        Code.FORBIDDEN, "Your role in this match does not allow this."
    )


def test_a_winner_from_elsewhere_is_named_as_what_is_wrong() -> None:
    assert _refused(MatchComplete(match_id="m1", winner_id="px")) == Rejection(
        Code.INVALID_SCHEMA,
        "winner_id must be one of the match's participants.",
        data={"errors": {"winner_id": "must be one of the match's participants"}},
    )


def test_a_match_is_completed_by_its_own_command() -> None:
    asked = MatchStateChange(match_id="m1", new_state=State.COMPLETED)
    assert _refused(asked) == Rejection(
        Code.INVALID_TRANSITION, "To complete a match, send match_complete."
    )


def test_a_step_to_the_state_that_is_says_so() -> None:
    asked = MatchStateChange(match_id="m1", new_state=State.LIVE)
    assert _refused(asked) == Rejection(
        Code.INVALID_TRANSITION,
        "The match is already live.",
        data={"match_id": "m1", "state": State.LIVE},
    )


def test_a_step_that_is_none_says_from_where_to_where() -> None:
    asked = MatchStateChange(match_id="m1", new_state=State.PAUSED)
    assert (
        _refused(asked, state=State.COMPLETED).message
        == "A match cannot go from completed to paused."
    )


def test_a_score_outside_of_the_match_is_answered_with_the_state() -> None:
    assert rejection(match(state=State.SCHEDULED), score_update(1)) == Rejection(
        Code.MATCH_NOT_LIVE,
        "Scores are accepted while a match is live, paused or disputed; this one is scheduled.",
        data={"match_id": "m1", "state": State.SCHEDULED},
    )


def test_an_old_score_is_answered_with_the_newer_revision() -> None:
    refused = rejection(match(score=score(revision=7)), score_update(1))
    assert (refused.code, refused.message) == (
        Code.STALE,
        "A newer score of this match has been accepted.",
    )


@pytest.mark.parametrize(("first", "second"), [(3, 2), (None, None)])
def test_a_completion_carries_the_final_score(first: int | None, second: int | None) -> None:
    asked = MatchComplete(
        match_id="m1",
        winner_id="p1",
        participant1_score=first,
        participant2_score=second,
        details={"minute": 90},
    )
    before = match(score=score(1, 1))
    assert decide(asked, before, occasion()) == Change(
        type="match_completed",
        new_state=State.COMPLETED,
        data={
            "winner_id": "p1",
            "outcome": Outcome.PLAYED,
            "decided_by": None,
            "confirmed_by": "or",
        },
        result=Result(winner_id="p1", outcome=Outcome.PLAYED),
        score=score(
            1 if first is None else first,
            1 if second is None else second,
            details={"minute": 90},
            revision=1,
            updated_at_ms=NOW_MS,
            updated_by="or",
        ),
        disputes=before.disputes,
        tells_score=True,
    )


STANDING = {
    "match_id": "m1",
    "state": State.LIVE,
    "participant1_score": 1,
    "participant2_score": 2,
    "details": None,
    "winner_id": None,
    "outcome": None,
    "decided_by": None,
    "open_disputes": 0,
    "revision": 0,
    "sequence": 0,
    "registration": 0,
    "updated_at": NOW_MS,
}


def test_a_standing_has_all_that_changes() -> None:
    assert match_summary(match(score=score(1, 2, updated_at_ms=NOW_MS))) == STANDING


def test_a_snapshot_has_the_rest_too() -> None:
    shown = match_snapshot(match(score=score(1, 2, updated_at_ms=NOW_MS, updated_by="or")))
    assert shown == STANDING | {
        "tournament_id": "t1",
        "participants": [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}],
        "scheduled_at": "2026-06-11T13:00:00-06:00",
        "updated_by": "or",
    }


@pytest.mark.parametrize("window_ms", [None, 250])
def test_a_published_score_says_how_long_its_window_was_if_it_had_one(
    window_ms: int | None,
) -> None:
    claimed = Claimed(
        sequence=4,
        score=score(1, 0, revision=9, updated_at_ms=NOW_MS, updated_by="or"),
        merged=3,
        claimed_by="tick",
        claimed_at_ms=NOW_MS + 5,
        window_ms=window_ms,
    )
    published = {
        "match_id": "m1",
        "tournament_id": "t1",
        "sequence": 4,
        "participant1_score": 1,
        "participant2_score": 0,
        "details": None,
        "updated_at": NOW_MS,
        "updated_by": "or",
        "revision": 9,
        "merged": 3,
        "correction": False,
        "server_time": NOW_MS + 5,
    }
    wanted = published if window_ms is None else published | {"window_ms": window_ms}
    assert score_updated("m1", "t1", claimed) == wanted


def test_nothing_comes_after_the_end_of_a_tournament() -> None:
    ended = tournament(state="completed")
    kind = TournamentEventType.BRACKET_UPDATED
    assert tournament_event(kind, {}, ended, now_ms=NOW_MS) == Rejection(
        Code.INVALID_TRANSITION, "The tournament is completed."
    )


@pytest.mark.parametrize("room", [match_room("m1"), tournament_room("t1")], ids=str)
def test_a_room_is_found_by_its_key(room: Room) -> None:
    assert room_from_key(room.key) == room
    assert room.id in ("m1", "t1")
