import itertools
import json
from typing import Any

import message
import pytest

from scorecast.aws.dynamodb.matches import Matches
from scorecast.domain.connections.identity import Identity
from scorecast.domain.rooms import Room, match_room, tournament_room
from scorecast.protocol.limits import REFUSAL_BYTES_MAX
from scorecast.protocol.states import State
from tests import examples
from tests.examples import NOW_MS
from tests.harness.moto_cloud import MotoCloud
from tests.harness.threads import at_once
from tests.harness.tokens import token

Json = dict[str, Any]
ROOM = match_room("m1")
_requests = itertools.count(1)
IP = "0123456789abcdef0123456789abcdef"


def _event(cloud: MotoCloud, body: str, connection_id: str, request_id: str = "request-1") -> Any:
    event = examples.event("message") | {"body": body}
    identity = cloud.connections.get(connection_id).identity
    event["requestContext"] |= {
        "connectionId": connection_id,
        "requestId": request_id,
        "requestTimeEpoch": cloud.system.now_ms(),
        "authorizer": {"user_id": identity.user_id, "ip_hash": IP},
    }
    return event


def _send_text(cloud: MotoCloud, text: str, connection_id: str = "c1", **named: str) -> Any:
    answer = message.handler(_event(cloud, text, connection_id, **named), cloud.context)
    assert answer["statusCode"] == 200
    return json.loads(answer["body"]) if "body" in answer else None


def _send(cloud: MotoCloud, kind: str, connection_id: str = "c1", **fields: Any) -> Any:
    request_id = f"request-{next(_requests)}"
    text = json.dumps({"type": kind} | fields)
    return _send_text(cloud, text, connection_id, request_id=request_id)


def _official(cloud: MotoCloud) -> None:
    cloud.connect("c1", identity=examples.ADMIN)


def _frame_of(size: int) -> str:
    """A ping whose text has so many bytes, some of them of two-byte characters."""
    text = json.dumps({"type": "ping", "id": "é"}, ensure_ascii=False)
    return text + " " * (size - len(text.encode()))


def test_a_long_id_leaves_no_refusal_larger_than_another(cloud: MotoCloud) -> None:
    cloud.register("m1")
    _official(cloud)
    message_id = "\x01" * 64
    text = json.dumps(
        {"type": "match_complete", "match_id": "m1", "winner_id": "p9", "id": message_id}
    )
    answer = message.handler(_event(cloud, text, "c1"), cloud.context)["body"]
    published = json.loads(answer)
    assert (published["code"], published["id"]) == ("invalid_schema", message_id)
    assert len(answer.encode()) <= REFUSAL_BYTES_MAX


@pytest.mark.parametrize("timestamp", [5, 1.5, None])
def test_a_ping_is_answered_with_the_same_timestamp(cloud: MotoCloud, timestamp: Any) -> None:
    cloud.connect("c1")
    assert _send(cloud, "ping", timestamp=timestamp, id="7") == {
        "type": "pong",
        "timestamp": timestamp,
        "server_time": cloud.system.now_ms(),
        "id": "7",
    }


def test_a_pong_wants_no_answer(cloud: MotoCloud) -> None:
    cloud.connect("c1")
    assert _send(cloud, "pong") is None


@pytest.mark.parametrize("kind", ["ping", "pong", "subscribe"])
def test_any_message_is_a_sign_of_life(cloud: MotoCloud, kind: str) -> None:
    cloud.connect("c1")
    cloud.system.sleep_ms(20_000)
    _send(cloud, kind)
    assert cloud.connections.get("c1").last_seen_ms in (NOW_MS + 20_000, NOW_MS)
    if kind != "subscribe":
        assert cloud.connections.get("c1").last_seen_ms == NOW_MS + 20_000


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "invalid_json"),
        ("", "invalid_json"),
        ("[]", "invalid_schema"),
        ("{}", "invalid_schema"),
        ('{"type":"goal"}', "unsupported_message_type"),
        ('{"type":"match_state_change","match_id":"m1","new_state":[]}', "invalid_schema"),
    ],
)
def test_a_bad_message_is_distinguished_and_the_connection_goes_on(
    cloud: MotoCloud, text: str, code: str
) -> None:
    cloud.connect("c1")
    answer = _send_text(cloud, text)
    assert (answer["type"], answer["code"]) == ("error", code)
    assert _send(cloud, "ping")["type"] == "pong"
    assert cloud.api.closed == []


def test_a_subscription_returns_the_snapshot_and_joins(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.execute(examples.score_update(2))
    cloud.connect("c1", identity=examples.PARTICIPANT)
    answer = _send(cloud, "subscribe", match_id="m1", id="s")
    data = answer["data"]
    assert (answer["type"], answer["id"]) == ("subscribed", "s")
    assert (data["role"], data["is_participant"], data["viewers"]) == ("participant", True, 1)
    assert (data["match_id"], data["tournament_id"]) == ("m1", "t1")
    assert data["snapshot"]["participant1_score"] == 2
    assert data["sequence"] == data["snapshot"]["sequence"] == 1
    assert cloud.members(ROOM) == ["c1"]


def test_a_subscription_to_a_tournament_returns_all_of_its_matches(cloud: MotoCloud) -> None:
    cloud.register("m1", "m2")
    cloud.connect("c1", identity=examples.ORGANIZER)
    data = _send(cloud, "subscribe", tournament_id="t1")["data"]
    assert (data["role"], data["is_participant"]) == ("organizer", False)
    assert [each["match_id"] for each in data["snapshot"]["matches"]] == ["m1", "m2"]
    assert cloud.members(tournament_room("t1")) == ["c1"]


def test_a_returning_client_is_sent_the_events_it_missed(cloud: MotoCloud) -> None:
    since = cloud.register("m1").sequence
    _official(cloud)
    _send(cloud, "match_state_change", match_id="m1", new_state="paused")
    _send(cloud, "match_complete", match_id="m1", winner_id="p1")
    data = _send(cloud, "subscribe", match_id="m1", since=since)["data"]
    assert data["recovered"] is True
    types = [event["type"] for event in data["events"]]
    assert types == ["match_state_changed", "match_completed"]
    assert [event["data"]["sequence"] for event in data["events"]] == [since + 1, since + 2]


def test_missed_events_are_never_newer_than_the_snapshot_they_come_with(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    since = cloud.register("m1").sequence
    _official(cloud)
    _send(cloud, "match_state_change", match_id="m1", new_state="paused")
    read = Matches.events

    def completed_meanwhile(matches: Matches, room: Room, *, after: int) -> Any:
        _send(cloud, "match_complete", match_id="m1", winner_id="p1")
        return read(matches, room, after=after)

    monkeypatch.setattr(Matches, "events", completed_meanwhile)
    data = _send(cloud, "subscribe", match_id="m1", since=since)["data"]
    assert [event["type"] for event in data["events"]] == ["match_state_changed"]
    assert (data["recovered"], data["snapshot"]["state"]) == (True, "paused")


def test_a_client_whose_events_have_expired_starts_again(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.system.sleep_ms(8 * 24 * 3_600_000)
    cloud.connect("c1", connected_at_ms=cloud.system.now_ms())
    data = _send(cloud, "subscribe", match_id="m1", since=0)["data"]
    assert (data["recovered"], data["events"]) == (False, [])


@pytest.mark.parametrize("ids", [{"match_id": "m9"}, {"tournament_id": "t9"}])
def test_an_unknown_room_is_not_found(cloud: MotoCloud, ids: Json) -> None:
    cloud.connect("c1")
    assert _send(cloud, "subscribe", **ids)["code"] == "not_found"
    assert cloud.items(cloud.connections_table, "R#") == {}


def test_a_full_room_is_refused_with_a_time_and_the_connection_goes_on(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROOM_CAPACITY", "1")
    cloud.register("m1")
    cloud.connect("c0", ROOM)
    cloud.connect("c1")
    answer = _send(cloud, "subscribe", match_id="m1")
    assert (answer["code"], answer["retry_after_ms"] > 0) == ("room_full", True)
    assert cloud.api.closed == []


def test_a_connection_is_in_so_many_rooms_and_no_more(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROOMS_PER_CONNECTION", "1")
    cloud.register("m1", "m2")
    cloud.connect("c1")
    _send(cloud, "subscribe", match_id="m1")
    assert _send(cloud, "subscribe", match_id="m2")["code"] == "forbidden"
    assert cloud.members(match_room("m2")) == []


def test_unsubscribing_leaves_the_room_and_may_be_repeated(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.connect("c1", ROOM)
    answer = {"type": "unsubscribed", "data": {"match_id": "m1", "tournament_id": None}}
    assert [_send(cloud, "unsubscribe", match_id="m1") for _ in range(2)] == [answer] * 2
    assert (cloud.members(ROOM), cloud.counted(ROOM)) == ([], 0)


def test_a_score_is_accepted_with_its_revision_and_flush_is_requested(cloud: MotoCloud) -> None:
    cloud.register("m1")
    _official(cloud)
    scores: Json = {"participant1_score": 1, "participant2_score": 0}
    answer = _send(cloud, "score_update", match_id="m1", id="u", **scores)
    data = {"match_id": "m1", "revision": 1}
    assert answer == {"type": "accepted", "id": "u", "data": data}
    assert cloud.flush_requests() == ["m1"]


def test_the_same_message_processed_twice_is_one_update(cloud: MotoCloud) -> None:
    cloud.register("m1")
    _official(cloud)
    text = json.dumps(
        {
            "type": "score_update",
            "match_id": "m1",
            "participant1_score": 1,
            "participant2_score": 0,
        }
    )
    answers = [_send_text(cloud, text, request_id="same") for _ in range(2)]
    assert [answer["data"]["revision"] for answer in answers] == [1, 1]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("score_update", {"participant1_score": 1, "participant2_score": 0}),
        ("match_start", {}),
        ("match_complete", {"winner_id": None}),
        ("match_state_change", {"new_state": "paused"}),
        ("dispute_create", {"reason": "Offside"}),
    ],
)
def test_a_user_who_does_not_play_may_only_watch(cloud: MotoCloud, kind: str, fields: Json) -> None:
    cloud.register("m1")
    cloud.connect("c1", identity=examples.SPECTATOR)
    assert _send(cloud, kind, match_id="m1", **fields)["code"] == "forbidden"
    assert _send(cloud, "subscribe", match_id="m1")["type"] == "subscribed"


def test_three_messages_at_the_burst_pass_and_the_next_is_dropped_with_a_time(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESSAGE_BURST_PER_USER", "3")
    cloud.connect("c1")
    *passed, refused = [_send(cloud, "ping") for _ in range(4)]
    assert [answer["type"] for answer in passed] == ["pong"] * 3
    assert refused["code"] == "message_rate_limit_exceeded"
    cloud.system.sleep_ms(refused["retry_after_ms"] - 1)
    assert _send(cloud, "ping")["type"] == "error"
    cloud.system.sleep_ms(1)
    assert _send(cloud, "ping")["type"] == "pong"


def test_an_allowance_is_shared_by_the_connections_of_a_user(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESSAGE_BURST_PER_USER", "2")
    for tab in ("c1", "c2"):
        cloud.connect(tab, identity=examples.SPECTATOR)
    cloud.connect("c3")
    assert [_send(cloud, "ping", tab)["type"] for tab in ("c1", "c2")] == ["pong"] * 2
    assert _send(cloud, "ping", "c1")["code"] == "message_rate_limit_exceeded"
    assert _send(cloud, "ping", "c3")["type"] == "pong"


def test_an_anonymous_client_is_limited_by_its_ip(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESSAGE_BURST_PER_IP", "2")
    cloud.connect("c1", identity=Identity(user_id=None))
    answers = [_send(cloud, "ping") for _ in range(3)]
    assert answers[2]["code"] == "ip_rate_limit_exceeded"


def test_exactly_the_burst_passes_when_30_messages_come_at_once(
    cloud: MotoCloud, switching: None
) -> None:
    cloud.connect("c1")
    answers = at_once(lambda _: _send(cloud, "ping"), range(30))
    assert sum(answer is not None and answer["type"] == "pong" for answer in answers) == 20


def test_a_message_at_the_limit_in_bytes_is_accepted(cloud: MotoCloud) -> None:
    cloud.connect("c1")
    assert _send_text(cloud, _frame_of(16_384))["type"] == "pong"


def test_a_message_one_byte_over_the_limit_ends_its_connection(cloud: MotoCloud) -> None:
    cloud.connect("c1")
    assert _send_text(cloud, _frame_of(16_385)) is None
    error, goodbye = cloud.api.messages("c1")
    assert error["code"] == "payload_too_large"
    assert (goodbye["type"], goodbye["code"], goodbye["reconnect"]) == ("goodbye", 4009, False)
    assert cloud.api.closed == ["c1"]


def test_an_official_goes_through_a_whole_match(cloud: MotoCloud) -> None:
    cloud.register("m1", state=State.SCHEDULED)
    _official(cloud)
    cloud.connect("c2", ROOM)
    steps: list[tuple[str, Json]] = [
        ("match_start", {}),
        ("score_update", {"participant1_score": 1, "participant2_score": 0}),
        ("match_state_change", {"new_state": "paused"}),
        ("match_state_change", {"new_state": "live"}),
        ("dispute_create", {"reason": "Offside"}),
        ("match_complete", {"winner_id": "p1"}),
    ]
    for n, (kind, fields) in enumerate(steps):
        answer = _send(cloud, kind, match_id="m1", **fields)
        assert answer["type"] == "accepted", answer
        cloud.flush(request_id=f"tick{n}")
    assert cloud.api.types("c2") == [
        "match_started",
        "score_updated",
        "match_state_changed",
        "match_state_changed",
        "dispute_created",
        "match_completed",
    ]
    assert [message["data"]["sequence"] for message in cloud.api.messages("c2")] == list(
        range(1, 7)
    )


def test_a_fault_of_ours_is_reported_without_detail_and_with_what_to_search_for(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.register("m1")
    _official(cloud)
    monkeypatch.setenv("MATCHES_TABLE", "no-such-table")
    answer = _send(cloud, "match_start", match_id="m1", id="7")
    assert (answer["code"], answer["id"]) == ("internal_error", "7")
    assert answer["data"]["correlation_id"].startswith("request-")
    assert "no-such-table" not in json.dumps(answer)


def test_a_closed_connection_is_answered_nothing(cloud: MotoCloud) -> None:
    cloud.connect("c1")
    late = _event(cloud, json.dumps({"type": "subscribe", "match_id": "m1"}), "c1")
    cloud.registry.release("c1")
    assert message.handler(late, cloud.context) == {"statusCode": 200}
    assert cloud.members(ROOM) == []


def _expiring(cloud: MotoCloud, in_ms: int = 1_000) -> None:
    cloud.connect("c1", identity=Identity(user_id="u1", expires_at_ms=NOW_MS + in_ms))


def test_an_expired_token_is_announced_and_ends_the_connection_after_its_grace(
    cloud: MotoCloud,
) -> None:
    _expiring(cloud)
    assert _send(cloud, "ping")["type"] == "pong"
    cloud.system.sleep_ms(1_000)
    assert _send(cloud, "ping")["code"] == "token_expired"
    cloud.system.sleep_ms(24_999)
    assert _send(cloud, "ping")["code"] == "token_expired"
    assert cloud.api.closed == []
    cloud.system.sleep_ms(1)
    assert _send(cloud, "ping") is None
    assert cloud.api.messages("c1")[-1]["code"] == 4001
    assert cloud.api.closed == ["c1"]


def test_an_expired_token_commands_nothing(cloud: MotoCloud) -> None:
    cloud.register("m1")
    identity = Identity(user_id="ad", role="admin", expires_at_ms=NOW_MS + 1_000)
    cloud.connect("c1", identity=identity)
    cloud.system.sleep_ms(1_000)
    answer = _send(cloud, "match_complete", match_id="m1", winner_id=None)
    assert answer["code"] == "token_expired"
    assert cloud.matches.get("m1").state == "live"


def test_a_newer_token_goes_on(issuer: MotoCloud) -> None:
    _expiring(issuer)
    issuer.system.sleep_ms(1_000)
    assert _send(issuer, "ping")["code"] == "token_expired"
    answer = _send(issuer, "refresh", token=token("u1", role="admin"))
    expires_at = NOW_MS + 3_600_000
    assert (answer["type"], answer["data"]) == ("refreshed", {"expires_at": expires_at})
    assert _send(issuer, "ping")["type"] == "pong"
    assert issuer.connections.get("c1").identity.role == "admin"


@pytest.mark.parametrize("bad", ["nonsense", token("u2"), token("u1", exp=1), token("u1", aud="x")])
def test_a_bad_token_or_another_users_changes_nothing(issuer: MotoCloud, bad: str) -> None:
    _expiring(issuer)
    before = issuer.connections.get("c1")
    answer = _send(issuer, "refresh", token=bad)
    assert answer["type"] == "error"
    assert bad not in json.dumps(answer)
    assert issuer.connections.get("c1") == before


def test_hammering_past_the_allowance_ends_the_connection(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESSAGE_BURST_PER_USER", "1")
    cloud.connect("c1")
    answers = [_send(cloud, "ping") for _ in range(12)]
    assert [answer and answer["type"] for answer in answers] == ["pong", *["error"] * 10, None]
    goodbye = cloud.api.messages("c1")[-1]
    assert (goodbye["code"], goodbye["reason"]) == (4008, "rate_limit_exceeded")
    assert goodbye["retry_after_ms"] > 0
    assert cloud.api.closed == ["c1"]
