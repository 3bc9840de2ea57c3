from typing import Any

import pytest

from scorecast.http import bodies
from scorecast.http.registration import MatchBody
from scorecast.http.tournaments import TournamentBody, TournamentEventBody
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.states import State
from tests.unit.http_requests import request

TOURNAMENT: dict[str, Any] = {"name": "Cup", "organizers": ["or"]}
MATCH: dict[str, Any] = {
    "tournament_id": "t1",
    "participants": [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}],
    "scheduled_at": "2026-06-11T13:00:00-06:00",
}


def _read[B](model: type[B], body: object) -> B | Rejection:
    read: B | Rejection = bodies.read((model,), request(body), {})
    return read


def _good[B](model: type[B], body: object) -> B:
    read = _read(model, body)
    assert not isinstance(read, Rejection), read
    return read


def _errors(model: type[Any], body: object) -> list[str]:
    refused = _read(model, body)
    assert isinstance(refused, Rejection)
    assert refused.code is Code.INVALID_SCHEMA
    assert refused.data is not None
    errors = refused.data["errors"]
    assert isinstance(errors, dict)
    return list(errors)


def test_a_match_begins_scheduled_without_a_score() -> None:
    match = _good(MatchBody, MATCH).match("m1", "t1")
    assert (match.state, match.sequence, match.score.revision) == (State.SCHEDULED, 0, 0)
    assert match.scheduled_at == "2026-06-11T13:00:00-06:00"
    assert [participant.id for participant in match.participants] == ["p1", "p2"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2026-06-11T13:00:00Z", "2026-06-11T13:00:00+00:00"),
        ("2026-06-11t13:00:00.5z", "2026-06-11T13:00:00.500000+00:00"),
        ("2026-06-11T13:00:00.123456+05:30", "2026-06-11T13:00:00.123456+05:30"),
        ("2026-06-11T13:00:00.1234567Z", "2026-06-11T13:00:00.123456+00:00"),
        ("2026-06-11T13:00:00.123456789-06:00", "2026-06-11T13:00:00.123456-06:00"),
        ("9999-12-31T23:59:59.999999999999Z", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_a_time_is_kept_in_one_form(given: str, kept: str) -> None:
    assert _good(MatchBody, MATCH | {"scheduled_at": given}).match("m1", "t1").scheduled_at == kept


@pytest.mark.parametrize("data", [{}, None, {"round": 2}, {"a": "x" * (16 * 1024 - 8)}])
def test_an_event_of_a_tournament_has_data_or_none(data: object) -> None:
    event = _good(TournamentEventBody, {"type": "bracket_updated", "data": data})
    assert (event.type, event.data) == ("bracket_updated", data)
    assert _good(TournamentEventBody, {"type": "bracket_updated"}).data is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": 5}, "name"),
        ({"organizers": ["a b"]}, "organizers"),
        ({"organizers": "or"}, "organizers"),
        ({"organizers": [f"u{n}" for n in range(101)]}, "organizers"),
        ({"colour": "red"}, "colour"),
    ],
    ids=repr,
)
def test_a_wrong_tournament_is_refused(changes: dict[str, Any], field: str) -> None:
    assert _errors(TournamentBody, TOURNAMENT | changes) == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tournament_id": "t 1"}, "tournament_id"),
        ({"tournament_id": "t1\n"}, "tournament_id"),
        ({"participants": MATCH["participants"][:1]}, "participants"),
        ({"participants": MATCH["participants"] + [{"id": "p3", "name": "C"}]}, "participants"),
        ({"participants": [MATCH["participants"][0]] * 2}, "participants"),
        ({"participants": [{"id": "p1"}, {"id": "p2", "name": "P"}]}, "participants.0.id"),
        ({"scheduled_at": "2026-06-11T13:00:00"}, "scheduled_at"),
        ({"scheduled_at": "2026-06-11T13:00Z"}, "scheduled_at"),
        ({"scheduled_at": "2026-06-11T13:00:00.Z"}, "scheduled_at"),
        ({"scheduled_at": "0000-06-11T13:00:00Z"}, "scheduled_at"),
        ({"scheduled_at": "٢٠٢٦-06-11T13:00:00Z"}, "scheduled_at"),
        ({"scheduled_at": "soon"}, "scheduled_at"),
        ({"score": 1}, "score"),
    ],
    ids=repr,
)
def test_a_wrong_match_is_refused(changes: dict[str, Any], field: str) -> None:
    assert _errors(MatchBody, MATCH | changes) == [field]
