"""Row R7: DynamoDB throttled, in conflict, failing, silent or out of reach.

What a client gets: a refused handshake (500 or 503) or an `internal_error` with a correlation id,
within the function's time-out, and never a place beyond the limit. botocore's pauses between
retries pass in the tests' time, like ours, so `waited_s` is what a Lambda would have spent.
"""

import json
from collections.abc import Callable
from typing import Final

import pytest

from scorecast.domain.rooms import match_room
from scorecast.protocol.limits import RECONCILE_LOOKS, RECONCILE_SECONDS
from tests.harness.fake_api import FakeApi
from tests.harness.wire import Attempt, Fault, Wire

FUNCTION_SECONDS_MAX: Final = 10
"""`Timeout` of connect, disconnect and message in the template."""
CONNECT_TIMEOUT_SECONDS: Final = 1
READ_TIMEOUT_SECONDS: Final = 2
"""What one attempt takes that nobody answers: botocore's time-outs in `wiring`."""
ATTEMPTS_MAX: Final = 40
PER_USER: Final = 3
TAKES_SECONDS: Final = {
    Fault.UNREACHABLE: CONNECT_TIMEOUT_SECONDS,
    Fault.SILENT: READ_TIMEOUT_SECONDS,
}

OUTAGES = [fault for fault in Fault if fault is not Fault.REPLY_LOST]


@pytest.fixture(autouse=True)
def _jitter_at_its_longest(fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours and botocore's: the bound is to hold for the unluckiest."""
    fake_api.cloud.system.jitter = 0.999
    monkeypatch.setattr(
        "botocore.retries.standard.ExponentialBackoff.delay_amount",
        lambda _self, context: min(2 ** (context.attempt_number - 1), 20),
    )


def dynamodb(fault: Fault) -> Callable[[Attempt], Fault | None]:
    return lambda attempt: fault if attempt.service == "DynamoDB" else None


class Outage:
    """Everything fails from here on; what was tried meanwhile, and how long it took."""

    def __init__(self, fake_api: FakeApi, wire: Wire, fault: Fault) -> None:
        self._stage, self._wire, self._fault = fake_api, wire, fault

    def __enter__(self) -> "Outage":
        self._since_ms = self._stage.cloud.system.at_ms
        self._wire.attempts.clear()
        self._wire.fault = dynamodb(self._fault)
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.fault = lambda _attempt: None
        waited_s = (self._stage.cloud.system.at_ms - self._since_ms) / 1_000
        self.waited_s = waited_s + len(self._wire.attempts) * TAKES_SECONDS.get(self._fault, 0)
        self.attempts = len(self._wire.attempts)

    def assert_bounded(self) -> None:
        assert 0 < self.attempts <= ATTEMPTS_MAX
        assert self.waited_s < FUNCTION_SECONDS_MAX


def assert_internal_error(text: str) -> None:
    message = json.loads(text)
    assert (message["type"], message["code"]) == ("error", "internal_error")
    assert message["data"]["correlation_id"]
    assert "Traceback" not in text and "botocore" not in text


@pytest.mark.parametrize("fault", OUTAGES)
def test_R7_a_connect_is_refused_and_takes_no_place(
    fake_api: FakeApi, wire: Wire, fault: Fault
) -> None:
    """DynamoDB throttled or down: a clear, bounded, documented answer; never unlimited"""
    fake_api.enter("u1")

    with Outage(fake_api, wire, fault) as outage:
        refused = fake_api.connect("u1")

    outage.assert_bounded()
    assert refused.status == 500
    assert_internal_error(refused.body)
    assert fake_api.cloud.slots("U#u1") == 1
    assert fake_api.cloud.messages("WELCOME_QUEUE_URL") == []
    statuses = [fake_api.connect("u1").status for _ in range(PER_USER)]
    assert statuses == [200] * (PER_USER - 1) + [429]


@pytest.mark.parametrize("message", ["ping", "pong", "subscribe"])
@pytest.mark.parametrize("fault", OUTAGES)
def test_R7_a_message_is_answered_with_internal_error(
    fake_api: FakeApi, wire: Wire, fault: Fault, message: str
) -> None:
    """DynamoDB throttled or down: a clear, bounded, documented answer; never a hang"""
    fake_api.register("m1")
    socket = fake_api.enter("u1")
    command = {"type": message} | ({"match_id": "m1"} if message == "subscribe" else {})

    with Outage(fake_api, wire, fault) as outage:
        answered = socket.respond(json.dumps(command))

    outage.assert_bounded()
    assert_internal_error(answered["body"])
    assert fake_api.cloud.members(match_room("m1")) == []
    assert socket.is_open and socket.goodbyes == []
    assert socket.ask("ping")["type"] == "pong"


@pytest.mark.parametrize("fault", OUTAGES)
def test_R7_a_disconnect_that_failed_is_made_good_by_the_sweep(
    fake_api: FakeApi, wire: Wire, fault: Fault
) -> None:
    """DynamoDB throttled or down: a clear, bounded, documented answer; never a hang"""
    fake_api.register("m1")
    socket = fake_api.enter("u1", match_id="m1")

    with Outage(fake_api, wire, fault) as outage:
        assert socket.close() == 500
    outage.assert_bounded()
    assert fake_api.cloud.slots("U#u1") == 1

    fake_api.pass_time(40)
    fake_api.run_queued_tasks()

    assert fake_api.cloud.slots("U#u1") == 0
    assert fake_api.cloud.counted(match_room("m1")) == 0


def test_R7_without_sqs_connections_are_refused(fake_api: FakeApi, wire: Wire) -> None:
    """DynamoDB throttled or down: a clear, bounded, documented answer; never a hang"""
    wire.fault = lambda attempt: Fault.UNREACHABLE if attempt.service == "AmazonSQS" else None

    refused = fake_api.connect("u1")

    assert (refused.status, refused.body) == (503, "Try again.")
    assert fake_api.cloud.slots("U#u1") == 0


def once(operation: str, fault: Fault) -> Callable[[Attempt], Fault | None]:
    """The fault for the first attempt at an operation, and then no more."""
    met: list[Attempt] = []

    def decide(attempt: Attempt) -> Fault | None:
        if attempt.operation != operation or met:
            return None
        met.append(attempt)
        return fault

    return decide


@pytest.mark.parametrize("fault", [*OUTAGES, Fault.REPLY_LOST])
def test_R7_what_fails_once_is_tried_again_and_counts_once(
    fake_api: FakeApi, wire: Wire, fault: Fault
) -> None:
    """DynamoDB throttled or down: a clear, bounded, documented answer; never unlimited"""
    wire.fault = once("TransactWriteItems", fault)
    socket = fake_api.connect("u1")
    assert socket.status == 200
    assert fake_api.cloud.slots("U#u1") == 1

    wire.fault = once("TransactWriteItems", fault)
    assert socket.close() == 200
    assert fake_api.cloud.slots("U#u1") == 0


@pytest.mark.parametrize("fault", [Fault.REPLY_LOST, Fault.BROKEN, Fault.SILENT])
def test_R7_a_join_whose_outcome_is_unknown_fails_and_at_worst_counts_too_many(
    fake_api: FakeApi, wire: Wire, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DynamoDB throttled or down: a clear, bounded, documented answer; never unlimited"""
    monkeypatch.setenv("ROOM_CAPACITY", "2")
    fake_api.register("m1")
    unlucky, others = fake_api.enter("u1"), [fake_api.enter(f"u{n}") for n in range(2, 5)]

    def counting_in(attempt: Attempt) -> Fault | None:
        return fault if "R#m:m1" in str(attempt.body) and "joins" in str(attempt.body) else None

    wire.fault = counting_in
    wire.attempts.clear()
    assert unlucky.ask("subscribe", match_id="m1")["code"] == "internal_error"
    assert sum(map(bool, map(counting_in, wire.attempts))) == 1, "ADD is not idempotent"
    wire.fault = lambda _attempt: None

    answers = [each.ask("subscribe", match_id="m1").get("code", "in") for each in others]
    applied = fault is Fault.REPLY_LOST
    assert answers == (["in", "room_full", "room_full"] if applied else ["in", "in", "room_full"])
    assert fake_api.cloud.counted(match_room("m1")) == 2
    for _ in range(RECONCILE_LOOKS):
        fake_api.reconcile()
        fake_api.wait(RECONCILE_SECONDS)
    assert fake_api.cloud.counted(match_room("m1")) == (1 if applied else 2)


def test_R7_a_crash_after_any_write_of_a_connect_leaves_counters_right(
    fake_api: FakeApi, wire: Wire
) -> None:
    """DynamoDB throttled or down: a clear, bounded, documented answer; never unlimited"""
    wire.fault = lambda attempt: Fault.REPLY_LOST if attempt.service == "DynamoDB" else None

    sockets = [fake_api.connect("u1") for _ in range(PER_USER + 2)]

    wire.fault = lambda _attempt: None
    items = fake_api.cloud.items(fake_api.cloud.connections_table, "C#").values()
    holding = [item for item in items if item.get("user_id") == "u1"]
    assert {socket.status for socket in sockets} <= {200, 429, 500}
    assert fake_api.cloud.slots("U#u1") == len(holding) <= PER_USER
