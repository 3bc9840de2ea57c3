"""No neighbour silences an official, and no cheap request costs dear."""

import itertools
import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

from infra.cost import CALLS, Calls
from scorecast.aws.dynamodb.connection_items import user_pk
from scorecast.domain.connections.identity import user_hash
from scorecast.domain.rooms import match_room
from scorecast.protocol.limits import (
    ABUSE_REFUSALS_MAX,
    ADDRESS_RESERVE,
    HANDSHAKE_BURST,
    HANDSHAKE_SECONDS_MAX,
    HANDSHAKES_PER_SECOND,
    HOLDERS_CHECKED_MAX,
    PENALTY_SECONDS,
    RESERVE_BURST,
    ROOM_RESERVE,
    STALE_CHECK_SECONDS,
    SUBSCRIPTION_BURST,
    SUBSCRIPTIONS_PER_SECOND,
)
from tests.harness.fake_api import FakeApi
from tests.harness.meter import Meter
from tests.harness.socket import Socket
from tests.harness.wire import Attempt, Fault, Reply, Wire

PER_USER = 2
PER_IP = 4
BURST = 3
CAPACITY = 2


@pytest.fixture(autouse=True)
def _limits(fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {
        "CONNECTIONS_PER_USER": PER_USER,
        "CONNECTIONS_PER_IP": PER_IP,
        "MESSAGES_PER_SECOND_PER_USER": 10,
        "MESSAGE_BURST_PER_USER": BURST,
        "MESSAGES_PER_SECOND_PER_IP": 10,
        "MESSAGE_BURST_PER_IP": BURST,
        "ROOM_CAPACITY": CAPACITY,
        "ALLOW_ANONYMOUS": "true",
    }
    for name, limit in limits.items():
        monkeypatch.setenv(name, str(limit))


def official(fake_api: FakeApi, **how: Any) -> Socket:
    return fake_api.enter(token=fake_api.token("official", role="admin"), **how)


def live_match(fake_api: FakeApi) -> None:
    fake_api.register("m1")
    fake_api.http("POST", "/matches/m1/events", {"type": "match_start"})


def report(socket: Socket, score: int) -> str:
    answer = socket.ask(
        "score_update", match_id="m1", participant1_score=score, participant2_score=0
    )
    return str(answer.get("code", answer["type"]))


def flood(socket: Socket) -> None:
    """Ping until the connection is ended for it."""
    for _ in range(BURST + ABUSE_REFUSALS_MAX + 1):
        socket.command("ping")
    assert socket.goodbyes == [(4008, "rate_limit_exceeded")]


@pytest.mark.parametrize("neighbour", ["u1", None])
def test_an_official_reports_while_its_neighbours_flood(
    fake_api: FakeApi, neighbour: str | None
) -> None:
    live_match(fake_api)
    reporter = official(fake_api)
    neighbours = [fake_api.enter(neighbour) for _ in range(PER_USER)]

    accepted = []
    for score in range(1, 21):
        for _ in range(2):
            for each in neighbours:
                each.command("ping")
        accepted.append(report(reporter, score))
        fake_api.wait(0.1)

    assert accepted == ["accepted"] * 20
    assert reporter.is_open


def test_an_officials_own_pings_do_not_use_up_its_reports(fake_api: FakeApi) -> None:
    live_match(fake_api)
    reporter = official(fake_api)
    for _ in range(BURST + 1):
        reporter.ask("ping")

    answers = [report(reporter, score) for score in range(1, RESERVE_BURST + 2)]

    assert answers == ["accepted"] * RESERVE_BURST + ["message_rate_limit_exceeded"]


def test_a_flood_ends_its_own_connection_and_no_other_of_its_user(fake_api: FakeApi) -> None:
    flooding, quiet = fake_api.enter("u1"), fake_api.enter("u1")
    for _ in range(BURST + ABUSE_REFUSALS_MAX):
        flooding.ask("ping")

    assert quiet.ask("ping")["code"] == "message_rate_limit_exceeded"
    assert quiet.is_open and flooding.is_open

    assert flooding.command("ping") is None
    assert quiet.is_open and not flooding.is_open
    fake_api.wait(1)
    assert quiet.ask("ping")["type"] == "pong"


@pytest.mark.parametrize("user_id", ["u1", None])
def test_after_abuse_a_client_waits_and_twice_as_long_each_time(
    fake_api: FakeApi, user_id: str | None
) -> None:
    for wait_s in (PENALTY_SECONDS, 2 * PENALTY_SECONDS, 4 * PENALTY_SECONDS):
        socket = fake_api.enter(user_id)
        flood(socket)
        assert socket.messages[-1]["retry_after_ms"] == wait_s * 1_000
        fake_api.wait(wait_s - 0.1)
        assert fake_api.connect(user_id).status == 429
        fake_api.wait(0.1)


def test_the_abuse_of_an_anonymous_client_holds_up_no_user_at_its_address(
    fake_api: FakeApi,
) -> None:
    flood(fake_api.enter(None))

    assert fake_api.connect(None).status == 429
    assert fake_api.connect("u1").status == 200


@pytest.mark.parametrize("user_id", ["u1", None])
def test_handshakes_have_a_rate(fake_api: FakeApi, user_id: str | None) -> None:
    for _ in range(HANDSHAKE_BURST):
        socket = fake_api.connect(user_id)
        assert socket.status == 200
        socket.close()

    assert fake_api.connect(user_id).status == 429
    assert fake_api.connect("another").status == 200
    fake_api.wait(1 / HANDSHAKES_PER_SECOND)
    assert fake_api.connect(user_id).status == 200


def test_a_handshake_beyond_the_rate_costs_one_write_and_the_next_nothing(
    fake_api: FakeApi, meter: Meter
) -> None:
    for _ in range(HANDSHAKE_BURST):
        fake_api.connect("u1").close()
    meter.reset()

    assert fake_api.connect("u1").status == 429

    cost = meter.read()
    assert (cost.reads, cost.writes, cost.transactions, cost.checked) == (0, 1, 0, 0)
    meter.reset()
    assert [fake_api.connect("u1").status for _ in range(10)] == [429] * 10
    assert meter.read() == CALLS["handshake over its rate"] == Calls()
    fake_api.wait(1 / HANDSHAKES_PER_SECOND)
    assert fake_api.connect("u1").status == 200


@pytest.mark.parametrize("user_id", ["u1", None])
def test_subscriptions_have_a_rate(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch, user_id: str | None
) -> None:
    for name in ("MESSAGE_BURST_PER_USER", "MESSAGE_BURST_PER_IP"):
        monkeypatch.setenv(name, str(3 * SUBSCRIPTION_BURST))
    fake_api.register("m1")
    socket, other = fake_api.enter(user_id), fake_api.enter("another")
    for _ in range(SUBSCRIPTION_BURST):
        assert socket.ask("subscribe", match_id="m1")["type"] == "subscribed"

    refused = socket.ask("subscribe", match_id="m1", id="a1")

    assert refused["code"].endswith("_rate_limit_exceeded")
    assert (refused["id"], refused["retry_after_ms"]) == ("a1", 1_000 // SUBSCRIPTIONS_PER_SECOND)
    assert other.ask("subscribe", match_id="m1")["type"] == "subscribed"
    assert socket.ask("unsubscribe", match_id="m1")["type"] == "unsubscribed"
    fake_api.wait(1 / SUBSCRIPTIONS_PER_SECOND)
    assert socket.ask("subscribe", match_id="m1")["type"] == "subscribed"


def test_stale_holders_are_looked_for_seldom_and_few_at_a_time(
    fake_api: FakeApi, meter: Meter
) -> None:
    for user_id in ("u1", "u2", "u3", "u4"):
        fake_api.enter(user_id)
    fake_api.wait(HANDSHAKE_SECONDS_MAX)
    meter.reset()

    assert [fake_api.connect("u5").status for _ in range(5)] == [429] * 5
    assert meter.read().checked == HOLDERS_CHECKED_MAX

    fake_api.wait(STALE_CHECK_SECONDS)
    meter.reset()
    fake_api.connect("u5")
    assert meter.read().checked == HOLDERS_CHECKED_MAX


@pytest.fixture
def meter(fake_api: FakeApi, wire: Wire) -> Meter:
    return Meter(fake_api, wire)


def full_address(fake_api: FakeApi) -> None:
    for number in range(PER_IP):
        fake_api.enter(f"spectator-{number}")
    assert fake_api.connect("one-more").status == 429


@pytest.mark.parametrize(
    "claims",
    [{"role": "admin"}, {"role": "service"}, {"tournaments": ["t1"]}],
    ids=str,
)
def test_an_official_by_claim_finds_a_slot_at_a_full_address(
    fake_api: FakeApi, claims: dict[str, Any]
) -> None:
    full_address(fake_api)

    assert fake_api.connect(token=fake_api.token("official", **claims)).status == 200


def test_those_whom_the_match_lists_find_a_slot_at_a_full_address(fake_api: FakeApi) -> None:
    fake_api.register("m1")
    fake_api.http("PUT", "/tournaments/t1", {"name": "A cup", "organizers": ["listed"]})
    full_address(fake_api)

    assert fake_api.connect("p1", match_id="m1").status == 200
    assert fake_api.connect("listed", match_id="m1").status == 200
    assert fake_api.connect("listed", tournament_id="t1").status == 200
    assert fake_api.connect("p1", match_id="m2").status == 429
    assert fake_api.connect("nobody", match_id="m1").status == 429


def test_the_reserve_of_an_address_has_an_end(fake_api: FakeApi) -> None:
    full_address(fake_api)
    connect = [
        fake_api.connect(token=fake_api.token(f"admin-{n}", role="admin")).status
        for n in range(ADDRESS_RESERVE + 1)
    ]

    assert connect == [200] * ADDRESS_RESERVE + [429]


def test_officials_and_participants_find_a_place_in_a_full_room(fake_api: FakeApi) -> None:
    fake_api.register("m1")
    fake_api.http("PUT", "/tournaments/t1", {"name": "A cup", "organizers": ["listed"]})
    for number in range(CAPACITY):
        fake_api.enter(f"spectator-{number}", match_id="m1")

    late = fake_api.enter("spectator", ip="192.0.2.9", match_id="m1")
    others = [
        fake_api.enter(user_id, ip="192.0.2.9", match_id="m1") for user_id in ("p1", "listed")
    ]
    others.append(official(fake_api, ip="192.0.2.9", match_id="m1"))

    assert late.goodbyes == [(4008, "room_full")]
    assert [socket.types for socket in others] == [["connection_established"]] * 3
    assert fake_api.cloud.counted(match_room("m1")) == CAPACITY + 3 <= CAPACITY + ROOM_RESERVE


def revoke(fake_api: FakeApi, user_id: str, query: dict[str, str] | None = None) -> None:
    fake_api.http("DELETE", f"/users/{user_id}/connections", query=query)


def test_a_revoked_token_opens_nothing(fake_api: FakeApi) -> None:
    fake_api.register("m1")
    copied = fake_api.token("u1", iat=fake_api.now_s())
    socket = fake_api.enter(token=copied)
    ticket = fake_api.ticket(copied)
    other = fake_api.enter("u1")
    fake_api.wait(1)

    revoke(fake_api, "u1")

    assert socket.goodbyes == [(4003, "disconnected_by_server")]
    assert fake_api.connect(token=copied).status == 401
    assert fake_api.connect(None, ticket=ticket).status == 401
    assert fake_api.http_status("GET", "/matches/m1", token=copied) == 401
    assert fake_api.http_status("POST", "/tickets", token=copied) == 401
    assert not other.is_open


@pytest.mark.parametrize("call", range(8))
def test_a_revocation_during_a_handshake_leaves_no_connection(
    fake_api: FakeApi, wire: Wire, call: int
) -> None:
    """Whichever of the handshake's calls it comes before, and after the last."""
    copied, sent = fake_api.token("thief", iat=fake_api.now_s()), itertools.count()

    def revoke_before(attempt: Attempt, send: Callable[[], Reply]) -> Reply:
        if next(sent) == call:
            with wire.unnoticed():
                revoke(fake_api, "thief")
        return send()

    fake_api.wait(1)
    wire.around = revoke_before
    socket = fake_api.connect(token=copied)
    calls = next(sent)
    wire.around = lambda _attempt, send: send()
    if calls <= call:
        revoke(fake_api, "thief")
    fake_api.deliver_welcomes()

    assert not socket.is_open
    assert fake_api.cloud.slots(user_pk("thief")) == 0


def test_a_handshake_whose_restrictions_cannot_be_read_keeps_no_slot(
    fake_api: FakeApi, wire: Wire
) -> None:
    wire.fault = lambda attempt: Fault.BROKEN if attempt.operation == "BatchGetItem" else None

    assert fake_api.connect("u1").status == 500
    assert fake_api.cloud.slots(user_pk("u1")) == 0


def test_a_revoked_token_takes_no_place_of_its_user(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTION_LIMIT_POLICY", "replace_oldest")
    copied = fake_api.token("u1", iat=fake_api.now_s())
    fake_api.wait(1)
    revoke(fake_api, "u1")
    fake_api.wait(1)
    own = [
        fake_api.enter(token=fake_api.token("u1", iat=fake_api.now_s())) for _ in range(PER_USER)
    ]

    assert fake_api.connect(token=copied).status == 401
    assert all(socket.is_open for socket in own)


def test_a_token_without_a_time_of_issue_counts_as_older(fake_api: FakeApi) -> None:
    undated = fake_api.token("u1")
    revoke(fake_api, "u1")

    assert fake_api.connect(token=undated).status == 401


def test_a_token_issued_after_the_revocation_is_good(fake_api: FakeApi) -> None:
    fake_api.register("m1")
    revoke(fake_api, "u1")
    fake_api.wait(1)
    newer = fake_api.token("u1", iat=fake_api.now_s())

    assert fake_api.http_status("GET", "/matches/m1", token=newer) == 200
    socket = fake_api.enter(token=newer)
    assert socket.is_open


def test_a_connection_is_not_refreshed_with_a_revoked_token(fake_api: FakeApi) -> None:
    revoked = fake_api.token("u1", iat=fake_api.now_s())
    fake_api.wait(1)
    revoke(fake_api, "u1")
    fake_api.wait(1)
    socket = fake_api.enter(token=fake_api.token("u1", iat=fake_api.now_s()))

    assert socket.ask("refresh", token=revoked)["code"] == "forbidden"
    newer = fake_api.token("u1", iat=fake_api.now_s())
    assert socket.ask("refresh", token=newer)["type"] == "refreshed"


def test_tokens_can_be_kept(fake_api: FakeApi) -> None:
    copied = fake_api.token("u1", iat=fake_api.now_s())
    fake_api.wait(1)

    revoke(fake_api, "u1", {"tokens": "keep"})

    assert fake_api.connect(token=copied).status == 200


def test_a_ticket_is_good_for_no_longer_than_its_token(fake_api: FakeApi) -> None:
    ticket = fake_api.ticket(fake_api.token("u1", seconds=30))
    fake_api.wait(31)

    assert fake_api.connect(None, ticket=ticket).status == 401


def asked_for_a_ticket(
    fake_api: FakeApi, user_id: str, query: dict[str, str] | None = None
) -> tuple[int, str, bool]:
    """The status of `POST /tickets`, the code of a refusal, and whether it says when to retry."""
    response = fake_api.http_response(
        "POST", "/tickets", None, token=fake_api.token(user_id), query=query
    )
    code = json.loads(response["body"]).get("code", "")
    return response["statusCode"], code, "retry-after" in response["headers"]


ISSUED = (200, "", False)


def test_a_ticket_says_that_its_user_has_too_many_connections(fake_api: FakeApi) -> None:
    for _ in range(PER_USER):
        socket = fake_api.enter("u1")
    assert asked_for_a_ticket(fake_api, "u1") == ISSUED, "stale holders may be found"
    assert fake_api.connect("u1").status == 429
    assert asked_for_a_ticket(fake_api, "u1") == (429, "connection_limit_exceeded", True)
    assert asked_for_a_ticket(fake_api, "u2") == ISSUED

    socket.close()
    assert asked_for_a_ticket(fake_api, "u1") == ISSUED


def test_a_ticket_says_that_its_address_has_too_many_connections(fake_api: FakeApi) -> None:
    fake_api.register("m1")
    full_address(fake_api)

    refused = (429, "ip_connection_limit_exceeded", True)
    assert asked_for_a_ticket(fake_api, "u1", {"match_id": "m1"}) == refused
    assert asked_for_a_ticket(fake_api, "p1", {"match_id": "m1"}) == ISSUED
    assert asked_for_a_ticket(fake_api, "p1") == ISSUED, "it may be for the match of p1"
    assert asked_for_a_ticket(fake_api, "u1", {"match_id": "no id"})[:2] == (422, "invalid_schema")


def test_a_ticket_says_that_its_user_must_wait(fake_api: FakeApi) -> None:
    flood(fake_api.enter("u1"))
    assert asked_for_a_ticket(fake_api, "u1")[1] == "message_rate_limit_exceeded"
    fake_api.wait(1)
    assert asked_for_a_ticket(fake_api, "u1") == (429, "rate_limit_exceeded", True)
    fake_api.wait(PENALTY_SECONDS)
    assert asked_for_a_ticket(fake_api, "u1") == ISSUED


def test_asking_for_a_ticket_changes_no_counter(fake_api: FakeApi) -> None:
    for _ in range(PER_USER):
        fake_api.enter("u1")
    fake_api.connect("u1")
    before = fake_api.cloud.counters()
    asked_for_a_ticket(fake_api, "u1")
    assert fake_api.cloud.counters() == before


def test_tickets_have_an_allowance(fake_api: FakeApi) -> None:
    answers = [asked_for_a_ticket(fake_api, "u1") for _ in range(BURST + 1)]
    assert answers == [ISSUED] * BURST + [(429, "message_rate_limit_exceeded", True)]


def lines(log_lines: StringIO, message: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    return [line for line in found if line["message"] == message]


def test_refusals_and_abuse_are_logged_under_pseudonyms(
    fake_api: FakeApi, log_lines: StringIO
) -> None:
    socket = fake_api.enter("u1")
    flood(socket)
    fake_api.connect("u1")
    fake_api.connect(token="bad")

    (abuse,) = lines(log_lines, "disconnected for abuse")
    waiting, bad = lines(log_lines, "refused")
    address = socket.authorizer["ip_hash"]
    assert (abuse["user_hash"], abuse["ip_hash"]) == (user_hash("u1"), address)
    assert (waiting["user_hash"], waiting["ip_hash"]) == (user_hash("u1"), address)
    assert waiting["reason"] == "handshake rate"
    assert bad["ip_hash"] == address


def test_the_deny_list_holds_what_the_log_shows(fake_api: FakeApi) -> None:
    fake_api.register("m1")
    address = fake_api.enter("u2").authorizer["ip_hash"]
    until_ms = fake_api.cloud.system.now_ms() + 60_000
    for holder_hash, is_out in ((user_hash("u1"), "u1"), (address, "u2")):
        fake_api.cloud.restrictions.deny(holder_hash, until_ms=until_ms)
        assert fake_api.connect(is_out).status == 403
        assert fake_api.http_status("GET", "/matches/m1", token=fake_api.token(is_out)) == 403
    assert fake_api.connect("u2", ip="192.0.2.9").status == 200
    fake_api.wait(60)
    assert fake_api.connect("u1").status == 200
