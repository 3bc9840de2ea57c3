"""One good example of each thing that tests talk about; a test changes what it is about."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from scorecast.domain.connections.admission import Connection
from scorecast.domain.connections.identity import Identity
from scorecast.domain.matches.changes import Occasion
from scorecast.domain.matches.match import Match, Participant, Score, Window
from scorecast.domain.matches.tournament import Tournament
from scorecast.protocol.commands import ScoreUpdate
from scorecast.protocol.states import State

NOW_MS = 1_795_360_000_000
SECRET = "a secret of at least thirty-two bytes"
_EVENTS = Path(__file__).parent / "events"

ADMIN = Identity(user_id="ad", role="admin")
ORGANIZER = Identity(user_id="or")
PARTICIPANT = Identity(user_id="p1")
SPECTATOR = Identity(user_id="sp", name="Ann")


def event(name: str) -> dict[str, Any]:
    """One of tests/events, by its name without the ending."""
    return dict(json.loads((_EVENTS / f"{name}.json").read_text()))


def score(participant1: int = 0, participant2: int = 0, **changes: Any) -> Score:
    nil_nil = Score(
        participant1=participant1,
        participant2=participant2,
        details=None,
        revision=0,
        updated_at_ms=None,
        updated_by=None,
    )
    return replace(nil_nil, **changes)


def match(**changes: Any) -> Match:
    live = Match(
        id="m1",
        tournament_id="t1",
        participants=(Participant("p1", "Mexico"), Participant("p2", "Peru")),
        scheduled_at="2026-06-11T13:00:00-06:00",
        state=State.LIVE,
        score=score(),
        sequence=0,
        last_event_sequence=0,
    )
    return replace(live, **changes)


def occasion(**changes: Any) -> Occasion:
    now = Occasion(user_id="or", now_ms=NOW_MS, received_at_ms=NOW_MS, command_id="d1")
    return replace(now, **changes)


def window(*, updates: int = 1, opened_at_ms: int = NOW_MS, **changes: Any) -> Window:
    opened = Window(id=0, opened_at_ms=opened_at_ms, updated_at_ms=opened_at_ms, updates=updates)
    return replace(opened, **changes)


def tournament(**changes: Any) -> Tournament:
    cup = Tournament(id="t1", name="Cup", organizers=("or",), state="open", sequence=0)
    return replace(cup, **changes)


def connection(connection_id: str = "c1", **changes: Any) -> Connection:
    opened = Connection(id=connection_id, identity=SPECTATOR, ip_hash="ip", connected_at_ms=NOW_MS)
    return replace(opened, **changes)


def score_update(participant1: int, match_id: str = "m1", **fields: Any) -> ScoreUpdate:
    return ScoreUpdate(
        match_id=match_id, participant1_score=participant1, participant2_score=0, **fields
    )
