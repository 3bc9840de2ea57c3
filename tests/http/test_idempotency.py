"""A request with an `Idempotency-Key` makes one event, however often it is sent."""

from typing import Any

import pytest

from tests.harness.moto_cloud import MotoCloud
from tests.http.caller import Caller

COMPLETED = {"type": "match_complete", "winner_id": "p1"}
PAUSED = {"type": "match_state_change", "new_state": "paused"}
DISPUTED = {"type": "dispute_create", "reason": "Offside."}
BRACKET = {"type": "bracket_updated", "data": {"round": 2}}
SCORE = {"participant1_score": 1, "participant2_score": 0}
EVENTS: list[tuple[str, str, dict[str, Any]]] = [
    ("PUT", "/matches/m1/score", SCORE),
    ("POST", "/matches/m1/events", COMPLETED),
    ("POST", "/matches/m1/events", DISPUTED),
    ("POST", "/tournaments/t1/events", BRACKET),
]


def _stored(cloud: MotoCloud) -> tuple[Any, Any]:
    return cloud.matches.get("m1"), cloud.matches.tournament("t1")


@pytest.mark.parametrize(("method", "path", "body"), EVENTS)
@pytest.mark.parametrize("key", ["k-1", '"k-1"'])
def test_a_request_that_is_sent_again_gets_the_same_reply(
    call: Caller, served: MotoCloud, method: str, path: str, body: dict[str, Any], key: str
) -> None:
    first = call(method, path, body, idempotency_key=key)
    stored = _stored(served)
    again = call(method, path, body, idempotency_key=key)
    assert (first.status, again.status, again.body) == (200, 200, first.body)
    assert _stored(served) == stored


def test_a_bare_key_and_a_quoted_one_are_the_same(call: Caller) -> None:
    first = call("POST", "/tournaments/t1/events", BRACKET, idempotency_key="k")
    again = call("POST", "/tournaments/t1/events", BRACKET, idempotency_key='"k"')
    assert first.json == again.json == {"tournament_id": "t1", "sequence": 1}


def test_without_a_key_every_request_is_an_event(call: Caller) -> None:
    for sequence in (1, 2):
        assert call("POST", "/tournaments/t1/events", BRACKET).json["sequence"] == sequence


@pytest.mark.parametrize(
    ("path", "body", "other"),
    [
        ("/matches/m1/events", PAUSED, COMPLETED),
        ("/tournaments/t1/events", BRACKET, BRACKET | {"data": {"round": 3}}),
    ],
)
def test_a_key_of_another_request_is_refused(
    call: Caller, served: MotoCloud, path: str, body: dict[str, Any], other: dict[str, Any]
) -> None:
    assert call("POST", path, body, idempotency_key="k").status == 200
    stored = _stored(served)
    refused = call("POST", path, other, idempotency_key="k")
    assert refused.problem() == (422, "invalid_schema")
    assert list(refused.json["errors"]) == ["Idempotency-Key"]
    assert _stored(served) == stored


def test_a_key_counts_for_one_match(call: Caller, served: MotoCloud) -> None:
    served.register("m2")
    for match_id in ("m1", "m2"):
        path = f"/matches/{match_id}/events"
        assert call("POST", path, PAUSED, idempotency_key="k").json["match_id"] == match_id


def test_a_refused_request_leaves_its_key_free(call: Caller) -> None:
    invalid = {"type": "match_state_change", "new_state": "live"}
    assert call("POST", "/matches/m1/events", invalid, idempotency_key="k").status == 409
    assert call("POST", "/matches/m1/events", PAUSED, idempotency_key="k").status == 200


@pytest.mark.parametrize("key", ['"', '""', '"k', 'k"', '"a b"'])
@pytest.mark.parametrize(("method", "path", "body"), EVENTS)
def test_a_bad_key_is_named(
    call: Caller, method: str, path: str, body: dict[str, Any], key: str
) -> None:
    refused = call(method, path, body, idempotency_key=key)
    assert refused.problem() == (422, "invalid_schema")
    assert list(refused.json["errors"]) == ["Idempotency-Key"]


@pytest.mark.parametrize("condition", [{}, {"if_match": '"1"'}])
def test_a_key_of_another_score_is_refused_by_the_name_that_the_caller_gave_it(
    call: Caller, condition: dict[str, str]
) -> None:
    assert call("PUT", "/matches/m1/score", SCORE, idempotency_key="k").status == 200
    other = SCORE | {"participant1_score": 2}
    refused = call("PUT", "/matches/m1/score", other, idempotency_key="k", **condition)
    assert refused.problem() == (422, "invalid_schema")
    assert refused.json["detail"].startswith("Idempotency-Key must be a new one")
    assert list(refused.json["errors"]) == ["Idempotency-Key"]
    by_field = call("PUT", "/matches/m1/score", other | {"update_id": "k"})
    assert list(by_field.json["errors"]) == ["update_id"]
