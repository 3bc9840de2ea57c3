"""What is kept of a registration, and how much it may hold."""

from typing import Any

import pytest

from scorecast.domain.matches.match import Match, Participant
from scorecast.http import bodies
from scorecast.http.matches import MatchBody
from scorecast.http.tournaments import TournamentBody, TournamentEventBody
from scorecast.protocol.errors import Rejection
from tests import examples
from tests.examples import score
from tests.unit.http_requests import request

MEXICO = {"id": "p1", "name": "Mexico"}
PERU = {"id": "p2", "name": "Peru"}
MATCH = {
    "tournament_id": "t1",
    "participants": [MEXICO, PERU],
    "scheduled_at": "2026-06-11T13:00:00-06:00",
}


def _read[B](model: type[B], body: object) -> B | Rejection:
    read: B | Rejection = bodies.read((model,), request(body), {})
    return read


def _match(**changes: Any) -> Match:
    body = _read(MatchBody, MATCH | changes)
    assert isinstance(body, MatchBody), body
    return body.match("m1")


def _tournament(**fields: Any) -> TournamentBody:
    body = _read(TournamentBody, fields)
    assert isinstance(body, TournamentBody), body
    return body


def _refused(model: type[Any], body: object) -> Rejection:
    refused = _read(model, body)
    assert isinstance(refused, Rejection)
    return refused


def test_a_match_is_kept_as_it_was_registered() -> None:
    assert _match() == examples.match(
        state="scheduled",
        participants=(Participant("p1", "Mexico"), Participant("p2", "Peru")),
        score=score(0, 0),
    )


def test_a_name_may_have_120_characters_and_a_tournament_100_organizers() -> None:
    organizers = [f"u{n}" for n in range(100)]
    cup = _tournament(name="ü" * 120, organizers=organizers)
    assert (cup.name, cup.organizers) == ("ü" * 120, organizers)


@pytest.mark.parametrize("data", [[], "x", 5, True, {"a": "x" * (16 * 1024 - 7)}], ids=type)
def test_the_data_of_an_event_is_an_object_of_at_most_16_kilobytes(data: object) -> None:
    refused = _refused(TournamentEventBody, {"type": "bracket_updated", "data": data})
    assert refused.message == "data must be an object of at most 16384 bytes."


def test_nobody_plays_against_themselves_under_another_name() -> None:
    twice = MATCH | {"participants": [MEXICO, MEXICO | {"name": "Mexico B"}]}
    refused = _refused(MatchBody, twice)
    assert refused.message == "participants must be two different participants."


@pytest.mark.parametrize(
    ("second", "errors"),
    [
        ({"id": "p2"}, {"participants.1.name": "is missing"}),
        (PERU | {"shirt": 9}, {"participants.1.shirt": "is not a known field"}),
    ],
    ids=["a name is missing", "a field is unknown"],
)
def test_what_is_wrong_with_a_participant_is_told_by_its_place(
    second: object, errors: dict[str, str]
) -> None:
    refused = _refused(MatchBody, MATCH | {"participants": [MEXICO, second]})
    assert refused.data == {"errors": errors}


def test_a_participant_is_an_object() -> None:
    refused = _refused(MatchBody, MATCH | {"participants": [MEXICO, None]})
    assert refused.message == "participants.1 must be an object."


@pytest.mark.parametrize("participants", [[MEXICO], [], {"a": 1, "b": 2}, "ab", None])
def test_participants_are_a_list_of_two_objects(participants: object) -> None:
    refused = _refused(MatchBody, MATCH | {"participants": participants})
    assert refused.message in (
        "participants must be a list of two objects with an id and a name.",
        "participants.0 must be an object.",
        "participants.1 must be an object.",
    )
