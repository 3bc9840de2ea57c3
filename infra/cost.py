"""The cost of watching in AWS: `python -m infra.cost` prints the tables of docs/scaling.md.

The calls of each operation are measured: tests/acceptance/test_budgets.py compares them with
`CALLS`. Assumptions about the duration of functions and the size of messages are stated here.
`infra.abuse` computes from the same figures what one spectator can cost.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Calls:
    """AWS calls of one operation. Units are DynamoDB's, on demand, indexes included."""

    transactions: int = 0
    writes: int = 0
    reads: int = 0
    write_units: int = 0
    read_units: float = 0
    queued: int = 0
    """Messages sent to SQS."""
    posted: int = 0
    """Messages posted to connections."""
    checked: int = 0
    """Connections checked with GetConnection, which shows whether they are open."""
    closed: int = 0


CALLS: Final[Mapping[str, Calls]] = {
    "connect": Calls(writes=4, reads=1, write_units=4, read_units=2, queued=1),
    "first connect": Calls(writes=4, reads=1, write_units=4, read_units=2, queued=1),
    "refused connect": Calls(writes=3, reads=2, write_units=3, read_units=3, checked=2),
    "welcome": Calls(
        transactions=1,
        writes=1,
        reads=4,
        write_units=5,
        read_units=4,
        queued=1,
        posted=1,
        checked=1,
    ),
    "disconnect": Calls(writes=6, write_units=6, queued=1),
    "ping": Calls(writes=1, reads=1, write_units=1, read_units=1),
    "ping in a burst": Calls(writes=2, reads=1, write_units=2, read_units=1),
    "ping recorded as activity": Calls(writes=2, reads=1, write_units=2, read_units=1),
    "pong": Calls(writes=1, write_units=1),
    "join": Calls(transactions=1, writes=3, reads=4, write_units=7, read_units=4, queued=1),
    "leave": Calls(transactions=1, writes=2, reads=1, write_units=6, read_units=1),
    "score": Calls(writes=2, reads=3, write_units=4, read_units=3, queued=1),
    "flush of a score": Calls(writes=3, reads=11, write_units=5, read_units=10.5, posted=2),
    "viewer count": Calls(writes=2, reads=4, write_units=2, read_units=4, posted=2),
    "unchanged viewer count": Calls(writes=1, write_units=1),
    "completion": Calls(transactions=1, writes=1, reads=4, write_units=7, read_units=4, queued=1),
    "dispute": Calls(transactions=1, writes=1, reads=4, write_units=8, read_units=4, queued=1),
    "resolution of a dispute": Calls(
        transactions=1, writes=1, reads=4, write_units=7, read_units=4, queued=1
    ),
    "history of 10 scores": Calls(writes=1, write_units=10),
    "refused message": Calls(writes=2, write_units=2),
    "HTTP read of a match": Calls(writes=1, reads=3, write_units=1, read_units=4),
    "HTTP 304 of a tournament": Calls(writes=1, reads=2, write_units=1, read_units=3),
    "HTTP page of 10 matches": Calls(reads=4, read_units=14),
    "registration of a match": Calls(
        transactions=1, writes=1, reads=4, write_units=8, read_units=5, queued=1
    ),
    "another time of a match": Calls(
        transactions=1, writes=1, reads=4, write_units=9, read_units=5, queued=1
    ),
    "ticket": Calls(writes=2, reads=3, write_units=2, read_units=4),
    "handshake over its rate": Calls(),
    "handshake with an unknown ticket": Calls(reads=1, read_units=1),
    "refresh": Calls(writes=2, reads=2, write_units=2, read_units=2),
    "forbidden report": Calls(writes=1, reads=3, write_units=1, read_units=3),
    "forbidden report over HTTP": Calls(writes=1, reads=3, write_units=1, read_units=4),
    "comparison of a counter": Calls(reads=2, read_units=2),
    "sweep, none idle": Calls(reads=32, read_units=16),
    "sweep, 1,000 idle": Calls(writes=1, reads=33, write_units=1, read_units=33, posted=1_000),
}
"""Of a returning user, the third in a room, without failures. A first connect is that of a new user
at a new address. A flush and a viewer count are of a room of two. A sweep is of all connections."""

MESSAGE: Final = "API Gateway messages"
MINUTE: Final = "API Gateway connection minutes"
INVOCATION: Final = "Lambda requests"
GB_SECOND: Final = "Lambda GB-seconds"
WRITE: Final = "DynamoDB write units"
READ: Final = "DynamoDB read units"
QUEUE: Final = "SQS requests"
GIGABYTE: Final = "GB to the internet"

DOLLARS: Final[Mapping[str, float]] = {
    MESSAGE: 1.00e-6,
    MINUTE: 0.25e-6,
    INVOCATION: 0.20e-6,
    GB_SECOND: 13.3334e-6,
    WRITE: 0.625e-6,
    READ: 0.125e-6,
    QUEUE: 0.40e-6,
    GIGABYTE: 0.09,
}
"""US dollars each: us-east-1, arm64, on demand, after the free tiers and before discounts.

From aws.amazon.com/{api-gateway,lambda,dynamodb,sqs}/pricing: API Gateway and transfer as of
2026-09-20, SQS as of 2026-03, DynamoDB as of 2024-11-15, Lambda as of 2024-07.
"""

HEARTBEAT_PERIOD_SECONDS: Final = 36
"""An idle client is pinged by the first sweep after 25 s; sweeps are 12 s apart."""

SQS_REQUESTS_PER_MESSAGE: Final = 3
"""Sent, received, deleted. Larger batches need fewer."""

POLLS_PER_QUEUE_AND_HOUR: Final = 900
"""Empty receives of an event source: five pollers that wait 20 s each. An estimate."""

QUEUES: Final = 4
SWEEPS_PER_HOUR: Final = 300
TASKS_PER_HOUR: Final = 60 * (5 + 8 + 1)
"""A minute: five sweeps, eight looks for stalled flushes, and the counters of rooms."""

MEMORY_GB: Final = 0.5
MILLISECONDS: Final = {
    "connect": 40,
    "refused connect": 40,
    "handshake over its rate": 10,
    "handshake with an unknown ticket": 10,
    "welcome": 80,
    "disconnect": 30,
    "pong": 10,
    "ping in a burst": 10,
    "refused message": 10,
    "join": 40,
    "leave": 30,
    "refresh": 15,
    "forbidden report": 15,
    "forbidden report over HTTP": 15,
    "HTTP read of a match": 15,
    "HTTP 304 of a tournament": 15,
    "ticket": 15,
    "task": 30,
}
"""Assumed: a warm function on arm64. A handshake's is the authorizer's and connect's time."""

INVOCATIONS: Final = {"connect": 2, "refused connect": 2, "handshake over its rate": 2}
"""Functions called by one operation, if not one."""

FLUSH_MEMORY_GB: Final = 1.769
POSTS_PER_SECOND: Final = 4_000
"""Assumed, of one flush or fan-out function."""

MESSAGE_BYTES: Final = 500
"""Assumed, of a score and its envelope. A ping is smaller."""

MEMBER_BYTES: Final = 90
"""A membership item, read once for each message."""

READ_UNIT_BYTES: Final = 4_096

TOURNAMENT_MATCHES: Final = 500
TOURNAMENT_MATCH_READ_UNITS: Final = 5
TOURNAMENT_MATCH_BYTES: Final = 10_000
"""At the most, of a match in its tournament read over HTTP."""

ROOM_CAPACITY: Final = 2_000
MATCH_HOURS: Final = 2

MESSAGES_PER_HOUR: Final[Mapping[str, int]] = {
    "nothing happens": 0,
    "two messages a minute": 120,
    "and viewers come and go": 120 + 720,
    "a message a second": 3_600,
}
"""Messages to each viewer of a room. A changing viewer count is one every five seconds."""

type Use = Mapping[str, float]


def of_operation(operation: str, *, times: float = 1, messages_in: int = 0) -> Use:
    """The cost of a number of operations."""
    calls = CALLS[operation]
    invocations = INVOCATIONS.get(operation, 1)
    each: Use = {
        MESSAGE: calls.posted + messages_in,
        INVOCATION: invocations,
        GB_SECOND: MILLISECONDS[operation] / 1_000 * MEMORY_GB,
        WRITE: calls.write_units,
        READ: calls.read_units,
        QUEUE: calls.queued * SQS_REQUESTS_PER_MESSAGE,
    }
    return {unit: amount * times for unit, amount in each.items()}


def of_posts(posts: float) -> Use:
    """Messages that flush posts to a room; its other work is the same for any room."""
    return {
        MESSAGE: posts,
        GB_SECOND: posts / POSTS_PER_SECOND * FLUSH_MEMORY_GB,
        READ: posts * MEMBER_BYTES / READ_UNIT_BYTES,
        GIGABYTE: posts * MESSAGE_BYTES / 1e9,
    }


def of_viewer_hours(hours: float, *, messages_per_hour: float) -> Use:
    """Viewers that connect, watch for an hour and disconnect."""
    pings = hours * 3_600 / HEARTBEAT_PERIOD_SECONDS
    return total(
        {MINUTE: 60 * hours},
        of_operation("connect", times=hours),
        of_operation("welcome", times=hours),
        of_operation("disconnect", times=hours),
        {MESSAGE: pings},
        of_operation("pong", times=pings, messages_in=1),
        of_sweeps(hours),
        of_posts(hours * messages_per_hour),
    )


def of_sweeps(hours: float) -> Use:
    """The cost that viewers add to the sweeps: reading their items, and recording their pings."""
    none, thousand = CALLS["sweep, none idle"], CALLS["sweep, 1,000 idle"]
    sweeps = SWEEPS_PER_HOUR * hours / 1_000
    return {
        READ: (thousand.read_units - none.read_units) * sweeps,
        WRITE: (thousand.write_units - none.write_units) * sweeps,
    }


def of_idle_hour() -> Use:
    """The use without viewers: the tasks of the sweep, and the polling of queues."""
    sweep = CALLS["sweep, none idle"]
    polls = QUEUES * POLLS_PER_QUEUE_AND_HOUR
    return {
        INVOCATION: TASKS_PER_HOUR + 60,
        GB_SECOND: (TASKS_PER_HOUR + 60) * MILLISECONDS["task"] / 1_000 * MEMORY_GB,
        WRITE: sweep.write_units * SWEEPS_PER_HOUR,
        READ: sweep.read_units * SWEEPS_PER_HOUR,
        QUEUE: TASKS_PER_HOUR * SQS_REQUESTS_PER_MESSAGE + polls,
    }


def total(*uses: Use) -> Use:
    added: Counter[str] = Counter()
    for use in uses:
        added.update(use)
    return added


def dollars(use: Use) -> float:
    return sum(amount * DOLLARS[unit] for unit, amount in use.items())


def operations_table() -> Iterator[str]:
    head = ("operation", "transactions", "writes", "reads", "WRU", "RRU", "SQS", "posts", "checks")
    yield from table(head, ((name, *astuple(calls)[:8]) for name, calls in CALLS.items()))


def hours_table() -> Iterator[str]:
    uses = [of_viewer_hours(1_000, messages_per_hour=n) for n in MESSAGES_PER_HOUR.values()]
    rows = [
        (unit, *(f"${use.get(unit, 0) * price:.3f}" for use in uses))
        for unit, price in DOLLARS.items()
    ]
    rows.append(("**1,000 viewer-hours**", *(f"**${dollars(use):.2f}**" for use in uses)))
    yield from table(("", *MESSAGES_PER_HOUR), rows)


def rooms_table() -> Iterator[str]:
    hours = ROOM_CAPACITY * MATCH_HOURS
    pings = ROOM_CAPACITY / HEARTBEAT_PERIOD_SECONDS
    rows = [
        (
            name,
            f"${dollars(of_viewer_hours(hours, messages_per_hour=messages)):.2f}",
            f"{ROOM_CAPACITY * messages / 3_600 + pings:,.0f}",
        )
        for name, messages in MESSAGES_PER_HOUR.items()
    ]
    head = (f"{ROOM_CAPACITY:,} viewers, {MATCH_HOURS} hours", "cost", "posts a second")
    yield from table(head, rows)


def idle_line() -> str:
    return f"Without viewers: ${dollars(of_idle_hour()) * 24 * 30:.2f} in 30 days."


def table(
    head: Sequence[object], rows: Iterable[Sequence[object]], *, left: Sequence[int] = (0,)
) -> Iterator[str]:
    """A table of Markdown; the columns `left` hold words, the others numbers."""
    yield _line(head)
    yield _line(["---" if column in left else "---:" for column in range(len(head))])
    yield from map(_line, rows)


def _line(cells: Iterable[object]) -> str:
    return "| " + " | ".join(map(_text, cells)) + " |"


def _text(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, int | float) else str(cell)


def report() -> str:
    parts = [operations_table(), hours_table(), rooms_table(), iter([idle_line()])]
    return "\n\n".join("\n".join(part) for part in parts)


if __name__ == "__main__":
    print(report())
