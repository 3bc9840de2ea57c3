from typing import Any

import pytest
from pydantic import ValidationError

from scorecast.registration import MatchBody, TournamentBody
from scorecast.states import State

TOURNAMENT: dict[str, Any] = {"name": "Cup", "organizers": ["or"]}
MATCH: dict[str, Any] = {
    "tournament_id": "t1",
    "participants": [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}],
    "scheduled_at": "2026-06-11T13:00:00-06:00",
}


def test_a_tournament_begins_open_with_number_0() -> None:
    tournament = TournamentBody.model_validate(TOURNAMENT).tournament("t1")
    assert (tournament.id, tournament.organizers) == ("t1", ("or",))
    assert (tournament.state, tournament.sequence) == ("open", 0)


def test_a_match_begins_scheduled_without_a_score() -> None:
    match = MatchBody.model_validate(MATCH).match("m1")
    assert (match.state, match.sequence, match.score.revision) == (State.SCHEDULED, 0, 0)
    assert match.scheduled_at == "2026-06-11T13:00:00-06:00"
    assert [participant.id for participant in match.participants] == ["p1", "p2"]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "x" * 121},
        {"name": 5},
        {"organizers": ["a b"]},
        {"organizers": "or"},
        {"organizers": [f"u{n}" for n in range(101)]},
        {"colour": "red"},
    ],
    ids=repr,
)
def test_a_wrong_tournament_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TournamentBody.model_validate(TOURNAMENT | changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"tournament_id": "t 1"},
        {"tournament_id": "t1\n"},
        {"participants": MATCH["participants"][:1]},
        {"participants": MATCH["participants"] + [{"id": "p3", "name": "Chad"}]},
        {"participants": [MATCH["participants"][0]] * 2},
        {"participants": [{"id": "p1"}, {"id": "p2", "name": "Peru"}]},
        {"scheduled_at": "2026-06-11T13:00:00"},
        {"scheduled_at": "soon"},
        {"score": 1},
    ],
    ids=repr,
)
def test_a_wrong_match_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MatchBody.model_validate(MATCH | changes)
