"""A room of many, simulated: how long a frame takes to the last of them, and what it costs.

`python -m tests.engine.large_room [members ...]` runs the real `message`, `flush` and `fanout` on
virtual time, over a model of DynamoDB. What AWS takes is assumed (see the constants); the account's
quota of posts is a token bucket, as API Gateway has one.
"""

import math
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from typing import Any, Final

import pytest

from tests.simulation.environment import make_importable

make_importable()

from scorecast.domain.delivery import Delivery  # noqa: E402
from scorecast.domain.rooms import match_room  # noqa: E402
from tests.harness.calls import Calls  # noqa: E402
from tests.harness.dynamodb_model import model  # noqa: E402
from tests.harness.engine import Call, EngineHarness, Json  # noqa: E402
from tests.harness.engine_wiring import ENVIRONMENT, wire  # noqa: E402
from tests.harness.environment import LAMBDA  # noqa: E402
from tests.harness.fixtures import forget_wired  # noqa: E402
from tests.harness.timeline import Timeline  # noqa: E402

MEMBERS: Final = (2_000, 20_000)
AWS_MS: Final = {"SendMessage": 6.0, "Query": 8.0}
AWS_MS_ELSE: Final = 4.0
TO_LAMBDA_MS: Final = 20.0
POST_MS: Final = 8.0
POSTS_PER_SECOND_OF_ONE: Final = 10_000
"""What one Lambda of one processor posts, over TLS."""

QUOTA_PER_SECOND, QUOTA_BURST = 10_000, 5_000
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""

DOLLARS: Final = {
    "Lambda requests": 0.20e-6,
    "Lambda ms at 1,769 MB, arm64": 1.7275 * 0.0000133334 / 1_000,
    "SQS requests (FIFO)": 0.50e-6,
    "read units": 0.125e-6,
    "write units": 0.625e-6,
    "WebSocket messages": 1.00e-6,
}
"""List prices of us-east-1, first tier."""

CHUNK: Final = 20


@dataclass
class Account:
    """API Gateway for the whole account: a bucket of posts, and when each frame was posted."""

    timeline: Timeline
    has_quota: bool
    left: float = QUOTA_BURST
    refilled_us: int = 0
    delivered_us: list[int] = field(default_factory=list)
    outcomes: "Counter[Delivery]" = field(default_factory=Counter)

    def post(self, _connection_id: str, _frame: bytes) -> Delivery:
        return Delivery.DELIVERED

    def is_open(self, _connection_id: str) -> bool:
        return True

    def close(self, _connection_id: str) -> None:
        """Nobody is ever closed here."""

    def post_all(
        self,
        connection_ids: Iterable[str],
        _frame: bytes,
        *,
        time_ms_max: int,
        posts_per_second: float = math.inf,
    ) -> dict[str, Delivery]:
        deadline_ms = self.timeline.now_ms() + time_ms_max
        pause_ms = 1_000 / min(posts_per_second, POSTS_PER_SECOND_OF_ONE)
        outcomes = {}
        for number, connection_id in enumerate(connection_ids, start=1):
            in_time = self.timeline.now_ms() < deadline_ms
            outcomes[connection_id] = self._one() if in_time else Delivery.SKIPPED
            if number % CHUNK == 0 and in_time:
                self.timeline.sleep_ms(CHUNK * pause_ms)
        self.timeline.sleep_ms(POST_MS)
        self.outcomes.update(outcomes.values())
        return outcomes

    def _one(self) -> Delivery:
        now_us = self.timeline.now_us()
        earned = (now_us - self.refilled_us) / 1e6 * QUOTA_PER_SECOND
        self.left, self.refilled_us = min(QUOTA_BURST, self.left + earned), now_us
        if self.has_quota and self.left < 1:
            return Delivery.THROTTLED
        self.left -= 1
        self.delivered_us.append(now_us)
        return Delivery.DELIVERED


@dataclass
class TakingTime(Calls):
    """AWS's answers take time."""

    timeline: Timeline = field(default_factory=Timeline)

    def make(self, name: str, call: Any) -> Any:
        if not name.startswith("post"):
            self.timeline.sleep_ms(AWS_MS.get(name, AWS_MS_ELSE))
        return super().make(name, call)


@dataclass
class Bill:
    """What was used, by the names of `DOLLARS`."""

    engine: EngineHarness
    used: "Counter[str]" = field(default_factory=Counter)

    def meter(self, call: Call, operation: str, _request: Json) -> Json:
        reply = call()
        if operation == "Query":
            bytes_read = sum(map(_size, reply["Items"]))
            self.used["read units"] += max(1, math.ceil(bytes_read / 4_096))
        elif operation == "GetItem":
            self.used["read units"] += max(1, math.ceil(_size(reply.get("Item", {})) / 4_096))
        elif operation == "UpdateItem":
            self.used["write units"] += max(1, math.ceil(_size(reply["Attributes"]) / 1_024))
        return reply

    def timed(self, queue: Any) -> None:
        function = queue.function

        def invoke(event: Json) -> Any:
            began_us = self.engine.timeline.now_us()
            self.used["Lambda requests"] += 1
            self.used["SQS requests (FIFO)"] += 2 + len(event["Records"])
            response = function(event)
            ended_us = self.engine.timeline.now_us()
            self.used["Lambda ms at 1,769 MB, arm64"] += (ended_us - began_us) // 1_000
            return response

        queue.function = invoke


def _size(item: Json) -> int:
    """About as DynamoDB counts: names and values."""
    return sum(len(name) + len(str(next(iter(value.values())))) for name, value in item.items())


def run(members: int, *, has_quota: bool) -> tuple[Account, Bill, int]:
    """One score to everyone in the room; the last number is when it was claimed (us)."""
    timeline = Timeline()
    tables, database, scan = model(timeline.now_us)
    environment = ENVIRONMENT | tables | {"GATEWAY_ENDPOINT": "http://gateway.invalid/live"}
    calls, account = TakingTime(timeline=timeline), Account(timeline, has_quota)
    engine = EngineHarness(environment, timeline, Any, calls, database, scan)  # type: ignore[arg-type]
    bill = Bill(engine)
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()):  # the metrics
        for name, value in LAMBDA.items():
            patch.setenv(name, value)
        forget_wired()
        wire(engine, patch, account)
        engine.register("m1")
        engine.pass_ms(2_000)
        engine.fill(match_room("m1"), [f"L0ngConnectionId{n:06}=" for n in range(members)])
        _measure(engine, account, bill)
    claimed_us: int = engine.match_item()["claimed_at_ms"] * 1_000
    return account, bill, claimed_us


def _measure(engine: EngineHarness, account: Account, bill: Bill) -> None:
    for queue in (engine.flush_queue, engine.fanout_queue):
        queue.latency_ms = TO_LAMBDA_MS
        bill.timed(queue)
    with engine.disturbed(bill.meter):
        engine.score(1)
        engine.pass_ms(20_000)
    bill.used["WebSocket messages"] = len(account.delivered_us)
    bill.used["SQS requests (FIFO)"] += len(engine.fanout_queue.sent)


def report(members: int, *, has_quota: bool) -> None:
    account, bill, claimed_us = run(members, has_quota=has_quota)
    first_us, last_us = min(account.delivered_us), max(account.delivered_us)
    span_s = max(last_us - first_us, 1) / 1e6
    quota = f"{QUOTA_PER_SECOND:,}/s, burst {QUOTA_BURST:,}" if has_quota else "none"
    print(f"\n{members:,} members, quota of posts: {quota}")
    print(f"  from claim to first post {(first_us - claimed_us) / 1_000:8.0f} ms")
    print(f"  from claim to last post  {(last_us - claimed_us) / 1_000:8.0f} ms")
    print(f"  posts per second         {len(account.delivered_us) / span_s:8,.0f}")
    print(f"  outcomes                 {dict(account.outcomes)}")
    for name, price in DOLLARS.items():
        print(f"  {name:32}{bill.used[name]:8,} {bill.used[name] * price * 1e6:10,.1f} µ$")
    total = sum(bill.used[name] * price for name, price in DOLLARS.items())
    print(f"  {'one frame':32}{'':8} {total * 1e6:10,.1f} µ$")


if __name__ == "__main__":
    for wanted in map(int, sys.argv[1:] or MEMBERS):
        for quota in (False, True):
            report(wanted, has_quota=quota)
