import json
from typing import Any

import api
import pytest

from scorecast.domain.rooms import match_room
from tests import examples
from tests.harness.moto_cloud import MotoCloud
from tests.harness.tokens import token

Json = dict[str, Any]
TOURNAMENT: Json = {"name": "World Cup", "organizers": ["or"]}
MATCH: Json = {
    "tournament_id": "t1",
    "participants": [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}],
    "scheduled_at": "2026-06-11T13:00:00-06:00",
}


@pytest.fixture
def served(issuer: MotoCloud) -> MotoCloud:
    return issuer


def _token(**claims: Any) -> str:
    return token("ad", **{"role": "admin", **claims})


SPECTATOR = {"sub": "sp", "role": None}
ORGANIZER = {"sub": "or", "role": None}


def _call(
    cloud: MotoCloud, method: str, path: str, body: Any = None, claims: Json | None = None
) -> tuple[int, Any, Any]:
    """Status, parsed body and headers of an answer."""
    event = examples.event("http") | {"rawPath": path, "routeKey": "$default"}
    event["requestContext"]["http"] |= {"method": method, "path": path}
    event["headers"]["authorization"] = f"Bearer {_token(**(claims or {}))}"
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
    answer = api.handler(event, cloud.context)
    return answer["statusCode"], json.loads(answer["body"]), _headers(answer)


def _headers(answer: Json) -> Json:
    return {name.lower(): value for name, value in answer["headers"].items()}


def _problem(called: tuple[int, Any, Any]) -> tuple[int, str]:
    status, body, headers = called
    assert headers["content-type"] == "application/problem+json"
    assert (body["status"], body["type"]) == (status, "about:blank")
    assert body["title"] and body["detail"]
    return status, body["code"]


def _register(cloud: MotoCloud) -> None:
    assert _call(cloud, "PUT", "/tournaments/t1", TOURNAMENT)[0] == 200
    assert _call(cloud, "PUT", "/matches/m1", MATCH)[0] == 200


def test_a_tournament_is_registered_and_read_back(served: MotoCloud) -> None:
    status, body, headers = _call(served, "PUT", "/tournaments/t1", TOURNAMENT)
    assert (status, headers["content-type"]) == (200, "application/json")
    assert (body["tournament_id"], body["name"], body["matches"]) == ("t1", "World Cup", [])
    read_status, read, _ = _call(served, "GET", "/tournaments/t1", claims=ORGANIZER)
    assert (read_status, read) == (200, body)


def test_a_match_is_registered_and_read_back(served: MotoCloud) -> None:
    _register(served)
    status, body, _ = _call(served, "GET", "/matches/m1", claims=ORGANIZER)
    assert status == 200
    assert {name: body[name] for name in MATCH} == MATCH
    assert (body["match_id"], body["state"], body["sequence"]) == ("m1", "scheduled", 1)
    assert _call(served, "GET", "/tournaments/t1")[1]["matches"] == [body]


def test_registering_again_changes_nothing_but_what_was_registered(served: MotoCloud) -> None:
    _register(served)
    renamed = TOURNAMENT | {"name": "Cup"}
    assert _call(served, "PUT", "/tournaments/t1", renamed)[1]["name"] == "Cup"
    later = MATCH | {"scheduled_at": "2026-06-12T13:00:00+00:00"}
    assert _call(served, "PUT", "/matches/m1", later)[1]["scheduled_at"] == later["scheduled_at"]


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer nonsense", "Basic x"])
def test_without_a_good_token_nothing_is_returned(
    served: MotoCloud, authorization: str | None
) -> None:
    event = examples.event("http")
    if authorization is not None:
        event["headers"]["authorization"] = authorization
    answer = api.handler(event, served.context)
    called = (answer["statusCode"], json.loads(answer["body"]), _headers(answer))
    assert _problem(called)[0] == 401


def test_an_expired_token_is_refused(served: MotoCloud) -> None:
    refused = _call(served, "GET", "/matches/m1", claims={"exp": 1})
    assert _problem(refused) == (401, "token_expired")


def test_an_organizer_registers_matches_of_their_tournament_and_no_other(served: MotoCloud) -> None:
    _call(served, "PUT", "/tournaments/t1", TOURNAMENT)
    _call(served, "PUT", "/tournaments/t2", {"name": "Other"})
    assert _call(served, "PUT", "/matches/m1", MATCH, claims=ORGANIZER)[0] == 200
    other = MATCH | {"tournament_id": "t2"}
    refused = _call(served, "PUT", "/matches/m2", other, claims=ORGANIZER)
    assert _problem(refused) == (403, "forbidden")
    assert _problem(_call(served, "GET", "/matches/m2")) == (404, "not_found")


def test_a_claim_on_a_tournament_is_enough_to_register_it(served: MotoCloud) -> None:
    claims = {"sub": "x", "role": None, "tournaments": ["t1"]}
    assert _call(served, "PUT", "/tournaments/t1", TOURNAMENT, claims=claims)[0] == 200
    refused = _call(served, "PUT", "/tournaments/t2", TOURNAMENT, claims=claims)
    assert _problem(refused) == (403, "forbidden")


def test_a_spectator_registers_nothing(served: MotoCloud) -> None:
    _register(served)
    for path, body in (("/tournaments/t1", TOURNAMENT), ("/matches/m1", MATCH)):
        assert _problem(_call(served, "PUT", path, body, claims=SPECTATOR)) == (403, "forbidden")


def test_a_match_stays_in_its_tournament(served: MotoCloud) -> None:
    _register(served)
    _call(served, "PUT", "/tournaments/t2", {"name": "Other"})
    moved = MATCH | {"tournament_id": "t2"}
    assert _problem(_call(served, "PUT", "/matches/m1", moved)) == (403, "forbidden")
    assert _call(served, "GET", "/tournaments/t2")[1]["matches"] == []


@pytest.mark.parametrize("path", ["/matches/m9", "/tournaments/t9", "/nothing", "/"])
def test_what_is_not_there_is_not_found(served: MotoCloud, path: str) -> None:
    assert _problem(_call(served, "GET", path)) == (404, "not_found")


def test_a_match_of_an_unknown_tournament_is_not_found(served: MotoCloud) -> None:
    assert _problem(_call(served, "PUT", "/matches/m1", MATCH)) == (404, "not_found")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scheduled_at": "soon"}, "scheduled_at"),
        ({"participants": []}, "participants"),
        ({"tournament_id": "a b"}, "tournament_id"),
        ({"colour": "s3cret"}, "colour"),
    ],
)
def test_a_wrong_field_is_named_and_its_value_is_not(
    served: MotoCloud, changes: Json, field: str
) -> None:
    called = _call(served, "PUT", "/matches/m1", MATCH | changes)
    assert _problem(called) == (422, "invalid_schema")
    assert field in called[1]["errors"]
    assert "s3cret" not in json.dumps(called[1])


@pytest.mark.parametrize("body", [None, "", "{", "nonsense", "[]", "5", '{"name":NaN}'])
def test_a_body_that_is_not_an_object_is_refused(served: MotoCloud, body: Any) -> None:
    status, code = _problem(_call(served, "PUT", "/tournaments/t1", body))
    assert 400 <= status < 500
    assert code in ("invalid_json", "invalid_schema")


@pytest.mark.parametrize("path", ["/matches/a%20b", "/matches/" + "x" * 65])
def test_a_path_without_an_id_is_refused(served: MotoCloud, path: str) -> None:
    assert 400 <= _problem(_call(served, "GET", path))[0] < 500


def test_a_fault_of_ours_is_reported_without_detail_and_with_what_to_search_for(
    served: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATCHES_TABLE", "no-such-table")
    called = _call(served, "GET", "/matches/m1")
    assert _problem(called) == (500, "internal_error")
    assert called[1]["correlation_id"]
    assert "no-such-table" not in json.dumps(called[1])


SCORE: Json = {"participant1_score": 1, "participant2_score": 0}


@pytest.fixture
def live(served: MotoCloud) -> MotoCloud:
    served.register("m1")
    return served


def test_a_score_is_accepted_as_on_the_socket(live: MotoCloud) -> None:
    status, body, _ = _call(live, "PUT", "/matches/m1/score", SCORE, claims=ORGANIZER)
    assert (status, body) == (200, {"match_id": "m1", "revision": 1})
    assert live.flush_requests() == ["m1"]


def test_a_score_of_a_spectator_is_refused(live: MotoCloud) -> None:
    refused = _call(live, "PUT", "/matches/m1/score", SCORE, claims=SPECTATOR)
    assert _problem(refused) == (403, "forbidden")


def test_an_idempotency_key_names_the_update(live: MotoCloud) -> None:
    event = examples.event("http") | {"rawPath": "/matches/m1/score", "body": json.dumps(SCORE)}
    event["requestContext"]["http"] |= {"method": "PUT", "path": "/matches/m1/score"}
    event["headers"] |= {"authorization": f"Bearer {_token()}", "Idempotency-Key": "update-1"}
    answers = []
    for n in (1, 2):
        event["requestContext"]["requestId"] = f"http-{n}"
        answers.append(json.loads(api.handler(event, live.context)["body"]))
    assert answers == [{"match_id": "m1", "revision": 1}] * 2


def test_a_key_that_names_the_stored_score_names_no_other(live: MotoCloud) -> None:
    assert _call(live, "PUT", "/matches/m1/score", SCORE | {"update_id": "u1"})[0] == 200
    other = SCORE | {"participant1_score": 2, "update_id": "u1"}
    refused = _call(live, "PUT", "/matches/m1/score", other)
    assert _problem(refused) == (422, "invalid_schema")
    assert list(refused[1]["errors"]) == ["update_id"]
    assert _call(live, "PUT", "/matches/m1/score", other | {"update_id": "u2"})[1]["revision"] == 2


def test_a_match_that_has_begun_keeps_its_participants(live: MotoCloud) -> None:
    swapped = MATCH | {"participants": MATCH["participants"][::-1]}
    refused = _call(live, "PUT", "/matches/m1", swapped)
    assert _problem(refused) == (409, "invalid_transition")
    assert (refused[1]["match_id"], refused[1]["state"]) == ("m1", "live")
    again = MATCH | {"scheduled_at": "2026-06-12T13:00:00+00:00"}
    for _ in range(2):
        status, body, _headers = _call(live, "PUT", "/matches/m1", again)
        assert (status, body["scheduled_at"]) == (200, again["scheduled_at"])


def test_a_late_score_is_a_conflict(live: MotoCloud) -> None:
    _call(live, "PUT", "/matches/m1/score", SCORE | {"client_revision": 5})
    late = _call(live, "PUT", "/matches/m1/score", SCORE | {"client_revision": 4, "update_id": "x"})
    assert _problem(late) == (409, "stale")
    assert late[1]["revision"] == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"participant1_score": 1}, "invalid_schema"),
        (SCORE | {"participant1_score": True}, "invalid_schema"),
        ("{", "invalid_json"),
        ("[]", "invalid_schema"),
    ],
)
def test_a_bad_score_is_refused(live: MotoCloud, body: Any, code: str) -> None:
    status, published = _problem(_call(live, "PUT", "/matches/m1/score", body))
    assert (400 <= status < 500, published) == (True, code)


@pytest.mark.parametrize("said", [{"match_id": "m2"}, {"type": "match_start"}, {"id": "a1"}])
def test_a_path_names_the_match_and_a_body_does_not(live: MotoCloud, said: Json) -> None:
    refused = _call(live, "PUT", "/matches/m1/score", SCORE | said)
    assert _problem(refused) == (422, "invalid_schema")
    assert refused[1]["errors"].keys() == said.keys()
    assert live.matches.get("m1").score.revision == 0


def test_decisive_events_are_reported(live: MotoCloud) -> None:
    completed = {"type": "match_complete", "winner_id": "p1"}
    assert _call(live, "POST", "/matches/m1/events", completed)[0] == 200
    assert live.matches.get("m1").state == "completed"
    again = _call(live, "POST", "/matches/m1/events", {"type": "match_start"})
    assert _problem(again) == (409, "invalid_transition")


@pytest.mark.parametrize("kind", ["subscribe", "ping", "refresh", "goal"])
def test_a_command_that_is_not_for_matches_is_refused(live: MotoCloud, kind: str) -> None:
    status, _ = _problem(_call(live, "POST", "/matches/m1/events", {"type": kind}))
    assert 400 <= status < 500


def test_a_tournaments_event_is_published(live: MotoCloud) -> None:
    body = {"type": "bracket_updated", "data": {"round": 2}}
    status, published, _ = _call(live, "POST", "/tournaments/t1/events", body, claims=ORGANIZER)
    assert (status, published) == (200, {"tournament_id": "t1", "sequence": 1})
    refused = _call(live, "POST", "/tournaments/t1/events", body, claims=SPECTATOR)
    assert _problem(refused) == (403, "forbidden")
    unknown = _call(live, "POST", "/tournaments/t9/events", body)
    assert _problem(unknown) == (404, "not_found")


def test_an_admin_disconnects_a_user_everywhere(live: MotoCloud) -> None:
    for n in (1, 2):
        live.connect(f"c{n}", identity=examples.SPECTATOR, ip_hash=f"ip{n}")
    live.connect("other")
    assert _call(live, "DELETE", "/users/sp/connections")[0] == 200
    assert sorted(live.api.closed) == ["c1", "c2"]
    assert live.slots("U#sp") == 0
    goodbye = live.api.messages("c1")[-1]
    assert (goodbye["code"], goodbye["reason"]) == (4003, "disconnected_by_server")


def test_other_roles_cannot_disconnect_a_user(live: MotoCloud) -> None:
    live.connect("c1", identity=examples.SPECTATOR)
    for claims in (SPECTATOR, ORGANIZER):
        refused = _call(live, "DELETE", "/users/sp/connections", claims=claims)
        assert _problem(refused) == (403, "forbidden")
    assert live.api.closed == []


def test_a_room_shows_how_many_watch_and_how_many_fit(live: MotoCloud) -> None:
    live.connect("c1", match_room("m1"))
    status, body, _ = _call(live, "GET", "/rooms/m1", claims=SPECTATOR)
    assert (status, body) == (200, {"room": "match", "viewers": 1, "capacity": 2_000})
    assert _call(live, "GET", "/rooms/t1")[1]["room"] == "tournament"
    assert _problem(_call(live, "GET", "/rooms/x9")) == (404, "not_found")
