"""Rows R of the acceptance list, one client after the other; races have a file of their own."""

import json
from typing import Any

import pytest

from scorecast.domain.rooms import match_room
from scorecast.protocol.limits import HANDSHAKE_SECONDS_MAX, HOLDERS_CHECKED_MAX
from tests.harness.fake_api import FakeApi, Json
from tests.harness.socket import Socket

PER_USER = 2
PER_IP = 3
PER_SECOND = 2
BURST = 3
BYTES_MAX = 300
ANOTHER_IP = "192.0.2.2"


@pytest.fixture(autouse=True)
def _limits(fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {
        "CONNECTIONS_PER_USER": PER_USER,
        "CONNECTIONS_PER_IP": PER_IP,
        "MESSAGES_PER_SECOND_PER_USER": PER_SECOND,
        "MESSAGE_BURST_PER_USER": BURST,
        "MESSAGES_PER_SECOND_PER_IP": 2 * PER_SECOND,
        "MESSAGE_BURST_PER_IP": 2 * BURST,
        "MESSAGE_BYTES_MAX": BYTES_MAX,
    }
    for name, limit in limits.items():
        monkeypatch.setenv(name, str(limit))


def ping(socket: Socket) -> str:
    """`pong`, or the code of the error."""
    answer = socket.ask("ping")
    return str(answer.get("code", answer["type"]))


def ping_until_refused(socket: Socket) -> Json:
    for _ in range(BURST):
        assert ping(socket) == "pong"
    refusal = socket.ask("ping")
    assert refusal["code"] == "message_rate_limit_exceeded"
    return refusal


def padded(bytes_: int, text: str = "") -> str:
    """A ping frame of exactly so many bytes of UTF-8, with `text` inside it."""
    message = json.dumps({"type": "ping", "id": text}, ensure_ascii=False)
    return message + " " * (bytes_ - len(message.encode()))


def test_R1_as_many_connections_as_the_limit_are_in(fake_api: FakeApi) -> None:
    """two connections with a limit of two: both in"""
    sockets = [fake_api.enter("u1") for _ in range(PER_USER)]

    assert [socket.types for socket in sockets] == [["connection_established"]] * PER_USER
    assert fake_api.cloud.slots("U#u1") == PER_USER


def test_R2_the_third_is_refused_and_changes_no_counter(fake_api: FakeApi) -> None:
    """the third is refused (429) and **changes no counter**"""
    for _ in range(PER_USER):
        fake_api.enter("u1")
    fake_api.wait(HANDSHAKE_SECONDS_MAX)
    before = fake_api.cloud.counters()

    third = fake_api.connect("u1", ip=ANOTHER_IP)

    assert (third.status, third.body) == (429, "The connection limit of this user is reached.")
    assert fake_api.cloud.counters() == before
    assert fake_api.cloud.messages("WELCOME_QUEUE_URL") == []


def test_R2_the_same_for_an_ip(fake_api: FakeApi) -> None:
    """the third is refused (429) and **changes no counter**"""
    for number in range(PER_IP):
        fake_api.enter(f"u{number}")
    fake_api.wait(HANDSHAKE_SECONDS_MAX)
    before = fake_api.cloud.counters()

    one_more = fake_api.connect("someone")

    assert (one_more.status, one_more.body) == (429, "The connection limit of this ip is reached.")
    assert fake_api.cloud.counters() == before


def test_R2_but_a_stale_connections_place_is_given_to_the_newcomer(fake_api: FakeApi) -> None:
    """the third is refused (429) and **changes no counter**"""
    stale, alive = fake_api.enter("u1"), fake_api.enter("u1")
    fake_api.wait(HANDSHAKE_SECONDS_MAX)
    stale.vanish()

    assert fake_api.connect("u1").status == 200

    assert fake_api.connect("u1").status == 429
    assert ping(alive) == "pong"
    assert fake_api.cloud.slots("U#u1") == PER_USER


def test_R2_or_the_place_of_the_users_oldest_where_that_is_wanted(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """the third is refused (429) and **changes no counter**"""
    monkeypatch.setenv("CONNECTION_LIMIT_POLICY", "replace_oldest")
    oldest = fake_api.enter("u1")
    fake_api.wait(1)
    newer = fake_api.enter("u1")
    fake_api.wait(1)

    assert fake_api.connect("u1").status == 200

    assert oldest.goodbyes == [(4008, "connection_limit_exceeded")]
    assert not oldest.is_open and newer.is_open
    assert fake_api.cloud.slots("U#u1") == PER_USER


def test_R3_messages_up_to_the_burst_pass(fake_api: FakeApi) -> None:
    """three messages at the burst limit: all pass"""
    socket = fake_api.enter("u1")

    assert [ping(socket) for _ in range(BURST)] == ["pong"] * BURST


def test_R4_the_next_is_dropped_with_a_time_to_wait(fake_api: FakeApi) -> None:
    """the next is dropped with `retry_after_ms`"""
    fake_api.register("m1")
    socket = fake_api.enter("u1")
    ping_until_refused(socket)

    refusal = socket.ask("subscribe", match_id="m1")

    assert refusal["code"] == "message_rate_limit_exceeded"
    assert refusal["retry_after_ms"] == 1_000 // PER_SECOND
    assert fake_api.cloud.members(match_room("m1")) == []
    assert socket.is_open


def test_R5_exactly_at_the_payload_limit_is_accepted(fake_api: FakeApi) -> None:
    """exactly at the payload limit: accepted (bytes of UTF-8, not characters)"""
    socket = fake_api.enter("u1")
    message = padded(BYTES_MAX, "é" * 64)
    assert len(message.encode()) == BYTES_MAX > len(message)

    answer = socket.send_text(message)

    assert answer is not None and answer["type"] == "pong"


def test_R6_one_byte_more_is_too_large_and_ends_the_connection(fake_api: FakeApi) -> None:
    """one byte more: `payload_too_large`, goodbye 4009"""
    socket = fake_api.enter("u1")
    message = padded(BYTES_MAX + 1, "é" * 64)
    assert len(message) <= BYTES_MAX < len(message.encode())

    assert socket.send_text(message) is None

    assert [message.get("code") for message in socket.messages][1:] == ["payload_too_large", 4009]
    assert socket.goodbyes == [(4009, "payload_too_large")]
    assert socket.messages[-1]["reconnect"] is False
    assert not socket.is_open and fake_api.cloud.slots("U#u1") == 0


def test_R8_after_retry_after_ms_the_same_message_passes(fake_api: FakeApi) -> None:
    """after `retry_after_ms` the same message passes"""
    socket = fake_api.enter("u1")
    refusal = ping_until_refused(socket)

    fake_api.wait((refusal["retry_after_ms"] - 1) / 1_000)
    assert socket.ask("ping")["retry_after_ms"] == 1
    fake_api.wait(1 / 1_000)

    assert ping(socket) == "pong"
    assert ping(socket) == "message_rate_limit_exceeded"


def test_R9_two_users_have_allowances_of_their_own(fake_api: FakeApi) -> None:
    """two users: independent allowances"""
    ping_until_refused(fake_api.enter("u1"))

    assert [ping(fake_api.enter("u2", ip=ANOTHER_IP)) for _ in range(PER_USER)] == [
        "pong"
    ] * PER_USER


def test_R10_an_anonymous_client_is_limited_by_its_ip(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """an anonymous client is limited by its IP"""
    monkeypatch.setenv("ALLOW_ANONYMOUS", "true")
    sockets = [fake_api.enter(None) for _ in range(PER_IP)]
    assert fake_api.connect(None).status == 429
    assert fake_api.connect(None, ip=ANOTHER_IP).status == 200

    answers = [ping(socket) for _ in range(4) for socket in sockets]

    assert answers == ["pong"] * 2 * BURST + ["ip_rate_limit_exceeded"] * (12 - 2 * BURST)


def test_R14_what_is_too_large_and_too_fast_through_the_whole_path(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """oversized and too-fast frames through the whole path, not by a mock"""
    fake_api.register("m1")
    large, fast, other = (
        fake_api.enter(user_id, ip=ip, match_id="m1")
        for user_id, ip in (("u1", "192.0.2.1"), ("u2", "192.0.2.2"), ("u3", "192.0.2.3"))
    )
    assert fake_api.cloud.counted(match_room("m1")) == 3

    assert large.send_text("x" * (BYTES_MAX + 1)) is None
    answers = [fast.command("ping") for _ in range(BURST + 11)]

    assert large.goodbyes == [(4009, "payload_too_large")]
    refused = [answer for answer in answers if answer and answer["type"] == "error"]
    assert len(refused) == 10, "ten refusals in ten seconds are borne"
    assert {answer["code"] for answer in refused} == {"message_rate_limit_exceeded"}
    assert answers[-1] is None, "the eleventh is abuse"
    assert fast.goodbyes == [(4008, "rate_limit_exceeded")]
    assert fast.messages[-1]["retry_after_ms"] > 0
    assert fake_api.cloud.members(match_room("m1")) == [other.id]
    assert fake_api.cloud.counted(match_room("m1")) == 1
    assert ping(other) == "pong"


def test_R14_a_refused_message_costs_the_write_that_counts_it(fake_api: FakeApi, wire: Any) -> None:
    """oversized and too-fast frames through the whole path, not by a mock"""
    socket = fake_api.enter("u1")
    ping_until_refused(socket)
    wire.attempts.clear()

    socket.ask("ping")

    assert [attempt.operation for attempt in wire.attempts] == ["UpdateItem"]


def test_R15_the_allowance_is_one_for_all_connections_of_a_user(fake_api: FakeApi) -> None:
    """allowance enforced across two connections of one user"""
    first, second = fake_api.enter("u1"), fake_api.enter("u1", ip=ANOTHER_IP)

    answers = [ping(socket) for _ in range(BURST) for socket in (first, second)]

    assert answers == ["pong"] * BURST + ["message_rate_limit_exceeded"] * BURST


def test_R17_of_two_tabs_in_one_room_one_stays_when_the_other_closes(fake_api: FakeApi) -> None:
    """two tabs of one user in one room: closing one leaves the other in"""
    fake_api.register("m1")
    first, second = (fake_api.enter("u1", match_id="m1") for _ in range(2))
    assert fake_api.cloud.counted(match_room("m1")) == 2

    first.close()

    assert fake_api.cloud.members(match_room("m1")) == [second.id]
    assert (fake_api.cloud.counted(match_room("m1")), fake_api.cloud.slots("U#u1")) == (1, 1)
    assert ping(second) == "pong"


def test_R17_one_tab_that_leaves_the_room_leaves_the_other_in(fake_api: FakeApi) -> None:
    """two tabs of one user in one room: closing one leaves the other in"""
    fake_api.register("m1")
    first, second = (fake_api.enter("u1", match_id="m1") for _ in range(2))

    assert first.ask("unsubscribe", match_id="m1")["type"] == "unsubscribed"

    assert fake_api.cloud.members(match_room("m1")) == [second.id]
    assert fake_api.cloud.counted(match_room("m1")) == 1


def test_R18_refused_connects_however_many_never_free_a_place(fake_api: FakeApi) -> None:
    """refused connects, however many, never free a place"""
    inside = [fake_api.enter("u1") for _ in range(PER_USER)]
    fake_api.wait(HANDSHAKE_SECONDS_MAX)

    for _ in range(2 * HOLDERS_CHECKED_MAX):
        refused = fake_api.connect("u1", ip=ANOTHER_IP)
        assert refused.status == 429
        assert refused.close() == 200  # API Gateway need not call it; it might

    assert fake_api.cloud.slots("U#u1") == PER_USER
    assert fake_api.connect("u1").status == 429
    inside[0].close()
    assert [fake_api.connect("u1").status for _ in range(2)] == [200, 429]


def test_R18_nor_do_commands_from_refused_connections(fake_api: FakeApi) -> None:
    """refused connects, however many, never free a place"""
    fake_api.register("m1")
    for _ in range(PER_USER):
        fake_api.enter("u1")
    refused = fake_api.connect("u1")

    assert refused.command("subscribe", match_id="m1") is None
    assert refused.command("unsubscribe", match_id="m1") is None

    assert fake_api.cloud.counted(match_room("m1")) == 0
    assert fake_api.cloud.slots("U#u1") == PER_USER


def test_a_disconnect_that_overtakes_its_connect_leaves_nothing_behind(fake_api: FakeApi) -> None:
    early = Socket(fake_api, "early", status=0, authorizer={"ip_hash": "ip"})
    assert early.close() == 200

    late = fake_api.connect("u1", connection_id="early")

    assert late.status == 410
    assert fake_api.cloud.slots("U#u1") == 0


def test_an_admin_ends_every_connection_of_a_user(fake_api: FakeApi) -> None:
    fake_api.register("m1")
    ended, other = (
        [fake_api.enter("u1", match_id="m1") for _ in range(PER_USER)],
        fake_api.enter("u2"),
    )

    answer = fake_api.http("DELETE", "/users/u1/connections")

    assert answer == {"disconnected": PER_USER}
    for socket in ended:
        assert socket.goodbyes == [(4003, "disconnected_by_server")] and not socket.is_open
    assert other.goodbyes == [] and other.is_open
    assert (fake_api.cloud.slots("U#u1"), fake_api.cloud.counted(match_room("m1"))) == (0, 0)


@pytest.mark.parametrize("rooms_max", [1, 2])
def test_a_connection_is_in_no_more_rooms_than_it_may(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch, rooms_max: int
) -> None:
    monkeypatch.setenv("ROOMS_PER_CONNECTION", str(rooms_max))
    fake_api.register("m1", "m2", "m3")
    socket = fake_api.enter("u1", match_id="m1")

    answers = [socket.ask("subscribe", match_id=match_id) for match_id in ("m2", "m3")]

    assert [answer.get("code", "in") for answer in answers] == (
        ["forbidden", "forbidden"] if rooms_max == 1 else ["in", "forbidden"]
    )
    assert fake_api.cloud.counted(match_room("m3")) == 0


def test_a_full_room_is_refused_and_ends_only_those_whose_url_named_it(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROOM_CAPACITY", "1")
    fake_api.register("m1")
    fake_api.enter("u1", match_id="m1")

    late, idler = fake_api.connect("u2", match_id="m1"), fake_api.enter("u3")

    assert idler.ask("subscribe", match_id="m1")["code"] == "room_full"
    assert idler.is_open
    error, goodbye = late.messages
    assert error["code"] == "room_full" and error["retry_after_ms"] > 0
    assert (goodbye["code"], goodbye["reason"]) == (4008, "room_full")
    assert not late.is_open and fake_api.cloud.slots("U#u2") == 0
