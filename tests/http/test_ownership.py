"""Whose a tournament is, and writes that happen only upon what was read."""

from collections.abc import Callable
from typing import Any

import pytest

from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.dynamodb.registrations import Registrations
from tests.harness.moto_cloud import MotoCloud
from tests.http.caller import Caller, Reply
from tests.http.conftest import token

MATCH = {
    "tournament_id": "t1",
    "participants": [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}],
    "scheduled_at": "2026-06-12T13:00:00+00:00",
}
PUTS: list[tuple[str, dict[str, Any]]] = [
    ("/tournaments/t1", {"name": "Renamed"}),
    ("/matches/m1", MATCH),
]
OTHERS: dict[str, dict[str, Any]] = {
    "/tournaments/t1": {"name": "First"},
    "/matches/m1": MATCH | {"scheduled_at": "2026-06-13T13:00:00+00:00"},
}
FOUNDER = Caller(token(sub="fo", role=None, tournaments=["t2"]))
ORGANIZER = Caller(token(sub="or", role=None))


@pytest.fixture
def founded(call: Caller) -> None:
    """A tournament that a user has registered, with another organizer."""
    assert FOUNDER("PUT", "/tournaments/t2", {"name": "Cup", "organizers": ["or"]}).status == 200


def _organizers(call: Caller) -> Any:
    return call("GET", "/tournaments/t2").json["organizers"]


def test_organizers_that_are_left_out_stay(call: Caller, founded: None) -> None:
    assert ORGANIZER("PUT", "/tournaments/t2", {"name": "Renamed"}).status == 200
    assert _organizers(call) == ["or", "fo"]


def test_an_organizer_cannot_remove_the_registrant(call: Caller, founded: None) -> None:
    taken = {"name": "Taken", "organizers": ["or"]}
    assert ORGANIZER("PUT", "/tournaments/t2", taken).problem() == (403, "forbidden")
    assert call("GET", "/tournaments/t2").json["name"] == "Cup"
    assert call("PUT", "/tournaments/t2", taken).status == 200
    assert _organizers(call) == ["or"]


def test_of_two_who_register_at_once_the_second_takes_the_first_off_no_list(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Matches.tournament

    def overtaken(self: Matches, tournament_id: str) -> Any:
        found = read(self, tournament_id)
        if found is None:
            monkeypatch.setattr(Matches, "tournament", read)
            assert (
                FOUNDER("PUT", "/tournaments/t2", {"name": "Cup", "organizers": []}).status == 200
            )
        return found

    monkeypatch.setattr(Matches, "tournament", overtaken)
    other = Caller(token(sub="other", role=None, tournaments=["t2"]))

    taken = other("PUT", "/tournaments/t2", {"name": "Taken", "organizers": []})

    assert taken.problem() == (403, "forbidden")
    assert _organizers(call) == ["fo"]


@pytest.mark.parametrize(("path", "body"), PUTS)
def test_a_write_upon_what_was_read_happens_once(
    call: Caller, path: str, body: dict[str, Any]
) -> None:
    tag = call("GET", path).headers["etag"]
    assert call("PUT", path, body, if_match=tag).status == 200
    assert call("PUT", path, OTHERS[path], if_match=tag).problem() == (412, "stale")


@pytest.mark.parametrize(("path", "body"), PUTS)
def test_a_write_upon_anything_needs_something(
    call: Caller, path: str, body: dict[str, Any]
) -> None:
    assert call("PUT", path, body, if_match="*").status == 200
    missing = path[:-1] + "9"
    assert call("PUT", missing, body, if_match="*").problem() == (412, "stale")
    assert call("GET", missing).status == 404


@pytest.mark.parametrize(("path", "body"), PUTS)
def test_a_write_that_another_overtakes_does_not_happen(
    call: Caller, monkeypatch: pytest.MonkeyPatch, path: str, body: dict[str, Any]
) -> None:
    """The other write comes between the look at the tag and the write."""
    tag = call("GET", path).headers["etag"]
    place, name = (Matches, "put_tournament") if "tournaments" in path else (Registrations, "store")
    write: Callable[..., Any] = getattr(place, name)
    replies: list[Reply] = []

    def overtaken(*args: Any, **options: Any) -> Any:
        monkeypatch.setattr(place, name, write)
        replies.append(call("PUT", path, OTHERS[path]))
        return write(*args, **options)

    monkeypatch.setattr(place, name, overtaken)
    assert call("PUT", path, body, if_match=tag).problem() == (412, "stale")
    assert [reply.status for reply in replies] == [200]


def test_a_registration_starts_with_its_users(
    call: Caller, served: MotoCloud, founded: None
) -> None:
    assert served.matches.tournament("t2").registered_by == "fo"
    assert served.matches.tournament("t1").registered_by is None


SCORE = {"participant1_score": 1, "participant2_score": 0}
NEXT = {"participant1_score": 2, "participant2_score": 0}


def test_a_score_is_accepted_upon_the_score_that_was_seen(call: Caller) -> None:
    assert call("PUT", "/matches/m1/score", SCORE, if_match='"0"').json["revision"] == 1
    refused = call("PUT", "/matches/m1/score", NEXT, if_match='"0"')
    assert refused.problem() == (412, "conflict")
    assert (refused.json["revision"], refused.json["participant1_score"]) == (1, 1)
    assert call("PUT", "/matches/m1/score", NEXT, if_match='"1"').json["revision"] == 2


def test_a_score_that_is_sent_again_under_its_key_is_accepted_again(call: Caller) -> None:
    for _ in range(2):
        reply = call("PUT", "/matches/m1/score", SCORE, if_match='"0"', idempotency_key="k")
        assert (reply.status, reply.json["revision"]) == (200, 1)


@pytest.mark.parametrize("named", ['W/"0"', "0", '"x"', "", '"0", "1"'])
def test_a_score_has_no_other_tag_than_its_revision(call: Caller, named: str) -> None:
    assert call("PUT", "/matches/m1/score", SCORE, if_match=named).problem() == (412, "conflict")


def test_the_body_or_the_header_names_the_base_not_both(call: Caller) -> None:
    based = SCORE | {"base_revision": 0}
    refused = call("PUT", "/matches/m1/score", based, if_match='"0"')
    assert refused.problem() == (422, "invalid_schema")
    assert list(refused.json["errors"]) == ["base_revision"]
    assert call("PUT", "/matches/m1/score", based).json["revision"] == 1


def test_a_score_upon_anything_is_a_score(call: Caller) -> None:
    assert call("PUT", "/matches/m1/score", SCORE, if_match="*").status == 200
    assert call("PUT", "/matches/none/score", SCORE, if_match="*").status == 404
