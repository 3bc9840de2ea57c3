"""What is kept of a registration, and how much it may hold."""

from typing import Any

import pytest

from scorecast.domain.matches.match import Match, Participant
from scorecast.http import bodies
from scorecast.http.registration import MatchBody
from scorecast.http.tournaments import TournamentBody, TournamentEventBody
from scorecast.protocol.errors import Rejection
from tests import examples
from tests.examples import score
from tests.unit.http_requests import request

MEXICO = {"id": "p1", "name": "Mexico"}
PERU = {"id": "p2", "name": "Peru"}
_ONE_KIND = "is needed: id and name, or placeholder, or bye, and not several of these"
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
    return body.match("m1", "t1")


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


def test_participants_must_differ() -> None:
    twice = MATCH | {"participants": [MEXICO, MEXICO | {"name": "Mexico B"}]}
    refused = _refused(MatchBody, twice)
    assert refused.message == "participants must be two different participants."


@pytest.mark.parametrize(
    ("second", "errors"),
    [
        ({"id": "p2"}, {"participants.1.id": _ONE_KIND}),
        (PERU | {"bye": True}, {"participants.1.id": _ONE_KIND}),
        ({"placeholder": "Winner of QF1", "metadata": {}}, {"participants.1.id": _ONE_KIND}),
        ({"bye": False}, {"participants.1.bye": "must be true"}),
        (PERU | {"shirt": 9}, {"participants.1.shirt": "is not a known field"}),
    ],
    ids=[
        "a name is missing",
        "a bye has no name",
        "only who is known has metadata",
        "a bye is true or left out",
        "a field is unknown",
    ],
)
def test_what_is_wrong_with_a_participant_is_named_by_its_place(
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
        "participants must be a list of two objects, each a participant.",
        "participants.0 must be an object.",
        "participants.1 must be an object.",
    )


CHESS = {"scale": 1, "negative": True, "unit": "points", "best_of": 4}


def test_M9_a_match_says_how_its_scores_are_to_be_read() -> None:
    """sets, maps, half points and negative scores are representable"""
    assert _match().scoring is None
    assert _match(scoring={}).scoring == {"scale": 0, "negative": False, "unit": "points"}
    assert _match(scoring=CHESS).scoring == CHESS


@pytest.mark.parametrize(
    ("field", "value", "must"),
    [
        ("scale", 4, "must be an integer from 0 to 3"),
        ("negative", 1, "must be true or false"),
        ("unit", "x" * 25, "must be a string of 1 to 24 characters, all of them visible"),
        ("best_of", 0, "must be an integer from 1 to 99"),
        ("overs", 20, "is not a known field"),
    ],
)
def test_scoring_is_read_as_strictly_as_the_rest(field: str, value: object, must: str) -> None:
    refused = _refused(MatchBody, MATCH | {"scoring": CHESS | {field: value}})
    assert refused.data == {"errors": {f"scoring.{field}": must}}


def test_M9_placeholders_byes_and_no_time_yet_are_registered() -> None:
    """placeholders ("Winner of QF1") and byes are representable"""
    known = MEXICO | {"metadata": {"country": "MX"}}
    waiting = _match(participants=[known, {"placeholder": "Winner of QF1"}], scheduled_at=None)
    assert waiting.participants == (
        Participant("p1", "Mexico", {"country": "MX"}),
        Participant(None, placeholder="Winner of QF1"),
    )
    assert (waiting.scheduled_at, waiting.participant_ids) == (None, ["p1"])
    free = _match(participants=[{"bye": True}, MEXICO])
    assert [each.is_bye for each in free.participants] == [True, False]


def test_two_byes_are_no_match_but_two_placeholders_are() -> None:
    refused = _refused(MatchBody, MATCH | {"participants": [{"bye": True}] * 2})
    assert refused.message == "participants must be two different participants."
    assert _match(participants=[{"placeholder": "To be drawn"}] * 2).participant_ids == []


def test_a_match_says_whether_its_time_is_known() -> None:
    timeless = {name: value for name, value in MATCH.items() if name != "scheduled_at"}
    assert _refused(MatchBody, timeless).data == {"errors": {"scheduled_at": "is missing"}}


@pytest.mark.parametrize(
    ("metadata", "is_kept"),
    [
        ({"x": "y" * 2_040}, True),
        ({"x": "y" * 2_041}, False),
        ({"a": {"b": {"c": {"d": {"e": {"f": {"g": {}}}}}}}}, True),
        ({"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {}}}}}}}}}, False),
        ([], False),
    ],
    ids=["2 KB", "a byte more", "8 levels", "a level more", "a list"],
)
def test_metadata_has_at_most_2_kilobytes_and_8_levels(metadata: object, is_kept: bool) -> None:
    must = "metadata must be an object of at most 2048 bytes and 8 levels."
    for model, body in ((MatchBody, MATCH), (TournamentBody, {"name": "Cup"})):
        read: Any = _read(model, body | {"metadata": metadata})
        if is_kept:
            assert read.metadata == metadata
        else:
            assert isinstance(read, Rejection) and read.message == must
