"""Messages as they are sent, for the document. Tests check them against the schemas."""

from typing import Any, Final

type Message = dict[str, Any]

T0: Final = 1_795_360_250_000
_SCORE: Final[Message] = {"participant1_score": 2, "participant2_score": 1}
_EVENT: Final[Message] = {"match_id": "m1", "tournament_id": "t1", "server_time": T0}
_SUMMARY: Final[Message] = {
    "match_id": "m1",
    "state": "live",
    **_SCORE,
    "details": {"minute": 37},
    "winner_id": None,
    "outcome": None,
    "decided_by": None,
    "open_disputes": 0,
    "revision": 3,
    "sequence": 4,
    "registration": 1,
    "updated_at": T0 - 1_000,
}
_REGISTERED: Final[Message] = {
    "participants": [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}],
    "scheduled_at": "2026-06-11T13:00:00-06:00",
}
_MATCH: Final[Message] = _SUMMARY | {"tournament_id": "t1", **_REGISTERED, "updated_by": "o1"}
_TOURNAMENT: Final[Message] = {
    "tournament_id": "t1",
    "name": "Summer Cup",
    "state": "open",
    "sequence": 2,
    "matches": [_SUMMARY],
    "complete": True,
}
_BRIEF: Final[Message] = _TOURNAMENT | {
    "matches": [{name: value for name, value in _SUMMARY.items() if name != "details"}],
    "complete": False,
}
_PAUSED: Final[Message] = {
    "type": "match_state_changed",
    "data": _EVENT | {"sequence": 6, "old_state": "live", "new_state": "paused"},
}
_WON: Final[Message] = {"winner_id": "p1", "outcome": "played", "decided_by": "regulation"}
_AWARDED: Final[Message] = {"winner_id": "p2", "outcome": "awarded", "decided_by": None}
_IN_MATCH: Final[Message] = {
    "match_id": "m1",
    "tournament_id": "t1",
    "role": "spectator",
    "is_participant": False,
    "snapshot": _MATCH,
    "sequence": 4,
    "viewers": 187,
}
_IN_TOURNAMENT: Final[Message] = _IN_MATCH | {
    "match_id": None,
    "snapshot": _TOURNAMENT,
    "sequence": 2,
}
_CELL: Final[Message] = {
    "socket_url": "wss://live-2.example.com",
    "http_url": "https://api-2.example.com",
}
_NOWHERE: Final[Message] = {
    "match_id": None,
    "tournament_id": None,
    "role": "spectator",
    "is_participant": False,
    "snapshot": None,
    "sequence": 0,
    "viewers": 0,
}
_CONNECTION: Final[Message] = {
    "connection_id": "dGVzdA=",
    "user_id": "u1",
    "username": "Ann",
    "heartbeat_interval": 25,
    "heartbeat_timeout": 50,
    "protocol": 1,
    "server_time": T0,
    "expires_at": T0 + 3_600_000,
}
_ANONYMOUS: Final[Message] = _CONNECTION | {"user_id": None, "username": None, "expires_at": None}
_ALL: Final[Message] = {"recovered": True, "events": [_PAUSED]}
_NONE: Final[Message] = {"recovered": False, "events": []}


def _error(code: str, message: str, **more: object) -> Message:
    return {"type": "error", "code": code, "message": message, **more}


def _goodbye(code: int, reason: str, reconnect: bool, **more: object) -> Message:
    return {"type": "goodbye", "code": code, "reason": reason, "reconnect": reconnect, **more}


def _period(name: str, first: int, second: int) -> Message:
    return {"name": name, "participant1_score": first, "participant2_score": second}


def _match_event(kind: str, sequence: int, **data: object) -> Message:
    return {"type": kind, "data": _EVENT | {"sequence": sequence, **data}}


def _bracket(kind: str, sequence: int, **data: object) -> Message:
    known = {"tournament_id": "t1", "sequence": sequence, "server_time": T0}
    return {"type": kind, "data": data | known}


OF_CLIENTS: Final[dict[str, list[Message]]] = {
    "ping": [{"type": "ping", "timestamp": T0, "id": "a3"}, {"type": "ping"}],
    "pong": [{"type": "pong"}],
    "subscribe": [
        {"type": "subscribe", "match_id": "m1", "since": 4, "id": "a1"},
        {"type": "subscribe", "tournament_id": "t1"},
    ],
    "unsubscribe": [{"type": "unsubscribe", "tournament_id": "t1"}],
    "score_update": [
        {
            "type": "score_update",
            "match_id": "m1",
            **_SCORE,
            "details": {"minute": 37},
            "client_revision": T0,
            "update_id": "goal-3",
            "id": "a2",
        },
        {
            "type": "score_update",
            "match_id": "m2",
            "participant1_score": 1,
            "participant2_score": 0,
            "periods": [_period("Set 1", 6, 4) | {"final": True}, _period("Set 2", 2, 3)],
            "clock": {"period": "Set 2", "running": True, "elapsed_ms": 3_120_000},
            "corrects": 7,
        },
        {
            "type": "score_update",
            "match_id": "m1",
            **_SCORE,
            "shootout": {"participant1_score": 1, "participant2_score": 0},
        },
    ],
    "match_start": [{"type": "match_start", "match_id": "m1"}],
    "match_complete": [
        {"type": "match_complete", "match_id": "m1", "winner_id": "p1", **_SCORE},
        {"type": "match_complete", "match_id": "m1", "winner_id": None},
        {"type": "match_complete", "match_id": "m1", "winner_id": "p2", "outcome": "walkover"},
    ],
    "match_amend": [
        {
            "type": "match_amend",
            "match_id": "m1",
            "winner_id": "p2",
            "outcome": "awarded",
            "participant1_score": 0,
            "participant2_score": 3,
            "reason": "An ineligible player took part.",
        }
    ],
    "match_reopen": [
        {
            "type": "match_reopen",
            "match_id": "m1",
            "new_state": "live",
            "reason": "Completed instead of the match on court 2.",
        }
    ],
    "match_state_change": [{"type": "match_state_change", "match_id": "m1", "new_state": "paused"}],
    "dispute_create": [
        {"type": "dispute_create", "match_id": "m1", "reason": "The second goal was offside."}
    ],
    "dispute_resolve": [
        {
            "type": "dispute_resolve",
            "match_id": "m1",
            "dispute_id": "80757d44",
            "resolution": "rejected",
            "note": "Seen on video.",
        }
    ],
    "refresh": [{"type": "refresh", "token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1MSJ9.c2ln"}],
}

OF_THE_SERVER: Final[dict[str, list[Message]]] = {
    "connection_established": [
        {"type": "connection_established", "data": _CONNECTION | _IN_MATCH},
        {"type": "connection_established", "data": _ANONYMOUS | _IN_TOURNAMENT},
        {"type": "connection_established", "data": _CONNECTION | _NOWHERE},
    ],
    "subscribed": [
        {"type": "subscribed", "id": "a1", "data": _IN_MATCH | _ALL},
        {"type": "subscribed", "data": _IN_TOURNAMENT | _NONE | {"snapshot": _BRIEF}},
    ],
    "unsubscribed": [{"type": "unsubscribed", "data": {"match_id": None, "tournament_id": "t1"}}],
    "accepted": [
        {"type": "accepted", "id": "a2", "data": {"match_id": "m1", "revision": 4}},
        {"type": "accepted", "data": {"match_id": "m1", "revision": 4, "dispute_id": "80757d44"}},
    ],
    "refreshed": [{"type": "refreshed", "data": {"expires_at": T0 + 7_200_000}}],
    "pong": [{"type": "pong", "timestamp": T0, "server_time": T0 + 113, "id": "a3"}],
    "error": [
        _error("invalid_json", "The message is not JSON in UTF-8."),
        _error(
            "invalid_schema",
            "match_id is missing.",
            id="a4",
            data={"errors": {"match_id": "is missing"}},
        ),
        _error(
            "stale",
            "A newer score of this match has been accepted.",
            data={"match_id": "m1", "revision": 4, **_SCORE},
        ),
        _error(
            "conflict",
            "Another score of this match has been accepted meanwhile.",
            data={"match_id": "m1", "revision": 4, **_SCORE},
        ),
        _error(
            "match_not_live",
            "Scores are accepted while a match is live, paused or disputed; this one is completed.",
            data={"match_id": "m1", "state": "completed"},
        ),
        _error(
            "invalid_transition",
            "A match cannot go from completed to live.",
            data={"match_id": "m1", "state": "completed"},
        ),
        _error("room_full", "The room is full: it holds 2000.", retry_after_ms=10_000),
        _error(
            "tournament_moving",
            "The tournament is being moved to another cell.",
            id="a2",
            retry_after_ms=500,
        ),
        _error(
            "moved",
            "The tournament belongs to another cell.",
            id="a2",
            data={"tournament_id": "t1", "endpoint": _CELL},
        ),
        _error(
            "internal_error",
            "Something went wrong on our side.",
            data={"correlation_id": "KxY2cFlkoAMEVOQ="},
        ),
    ],
    "goodbye": [
        _goodbye(4004, "heartbeat_timeout", True, retry_after_ms=1_200),
        _goodbye(4003, "disconnected_by_server", False),
        _goodbye(4013, "moved", True, endpoint=_CELL),
    ],
    "score_updated": [
        _match_event(
            "score_updated",
            5,
            **_SCORE,
            details={"minute": 37},
            updated_at=T0,
            revision=4,
            merged=2,
            correction=False,
        ),
        _match_event(
            "score_updated",
            9,
            participant1_score=1,
            participant2_score=0,
            details=None,
            periods=[
                _period("Set 1", 6, 4) | {"final": True},
                _period("Set 2", 2, 3) | {"final": False},
            ],
            clock={"period": "Set 2", "running": True, "elapsed_ms": 3_120_000, "at": T0},
            shootout={"participant1_score": 0, "participant2_score": 0},
            updated_at=T0,
            updated_by="o1",
            revision=8,
            merged=1,
            correction=True,
            corrects=7,
        ),
    ],
    "match_started": [_match_event("match_started", 2)],
    "match_state_changed": [_PAUSED],
    "dispute_created": [
        _match_event(
            "dispute_created",
            7,
            dispute_id="80757d44",
            status="open",
            open_disputes=1,
        )
    ],
    "dispute_resolved": [
        _match_event(
            "dispute_resolved",
            9,
            dispute_id="80757d44",
            resolution="rejected",
            open_disputes=0,
        )
    ],
    "match_completed": [
        _match_event("match_completed", 8, **_WON, **_SCORE, details=None, revision=4)
    ],
    "result_amended": [
        _match_event(
            "result_amended",
            10,
            before=_WON | _SCORE | {"details": None, "revision": 4},
            after=_AWARDED
            | {"participant1_score": 0, "participant2_score": 3, "details": None, "revision": 5},
            reason="An ineligible player took part.",
        )
    ],
    "match_reopened": [
        _match_event(
            "match_reopened",
            11,
            winner_id=None,
            outcome=None,
            decided_by=None,
            old_state="completed",
            new_state="live",
            reason="Completed instead of the match on court 2.",
            **_SCORE,
            details=None,
            revision=4,
        )
    ],
    "match_registered": [_match_event("match_registered", 1, **_REGISTERED, state="scheduled")],
    "match_updated": [_match_event("match_updated", 2, **_REGISTERED, changed=["scheduled_at"])],
    "match_deleted": [_match_event("match_deleted", 3)],
    "bracket_generated": [_bracket("bracket_generated", 1, rounds=3)],
    "bracket_updated": [_bracket("bracket_updated", 2, round=2)],
    "tournament_completed": [_bracket("tournament_completed", 3)],
    "tournament_reopened": [_bracket("tournament_reopened", 4)],
    "viewers": [
        {
            "type": "viewers",
            "data": {
                "room": "match",
                "match_id": "m1",
                "tournament_id": None,
                "count": 188,
                "sequence": 8,
                "server_time": T0,
            },
        }
    ],
    "batch": [
        {
            "type": "batch",
            "data": {
                "messages": [
                    _match_event("match_started", 4),
                    _bracket("bracket_updated", 2, round=2),
                ]
            },
        }
    ],
    "ping": [{"type": "ping", "timestamp": T0}],
    "gateway_error": [
        {
            "message": "Internal server error",
            "connectionId": "dGVzdA=",
            "requestId": "KxY2cFlkoAMEVOQ=",
        }
    ],
}
