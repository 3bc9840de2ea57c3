"""The maximum cost of one spectator: `python -m infra.abuse` prints it for docs/scaling.md.

A spectator sends as much as its limits allow, for an hour, from one address. Prices are those of
`infra.cost`; each limit is listed with the test that shows it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from infra import layer  # noqa: F401
from infra.cost import (
    GB_SECOND,
    GIGABYTE,
    INVOCATION,
    MEMORY_GB,
    MESSAGE,
    QUEUE,
    READ,
    READ_UNIT_BYTES,
    SQS_REQUESTS_PER_MESSAGE,
    TOURNAMENT_MATCH_BYTES,
    TOURNAMENT_MATCH_READ_UNITS,
    TOURNAMENT_MATCHES,
    WRITE,
    Use,
    dollars,
    of_operation,
    of_posts,
    of_viewer_hours,
    table,
    total,
)
from scorecast.protocol.limits import (
    FULL_READ_BURST,
    FULL_READ_SECONDS,
    HANDSHAKE_BURST,
    HANDSHAKES_PER_SECOND,
    HISTORY_READ_MAX,
    PAGE_ITEMS_MAX,
    PAGE_READ_BURST,
    PAGE_READS_PER_SECOND,
    PENALTY_SECONDS,
    SENT_BYTES_MAX,
    STRUCTURE_BYTES_MAX,
    SUBSCRIPTION_BURST,
    SUBSCRIPTIONS_PER_SECOND,
    VIEWERS_CHANGE_PERCENT,
)

HOUR_SECONDS: Final = 3_600

DEFAULTS: Final = {
    "ConnectionsPerUser": 3,
    "ConnectionsPerIp": 10,
    "MessagesPerSecondPerUser": 10,
    "MessageBurstPerUser": 20,
    "MessagesPerSecondPerIp": 20,
    "MessageBurstPerIp": 40,
    "ConnectsPerSecondBudget": 400,
    "ReadsPerSecondBudget": 1_000,
}
"""The parameters that bound these costs; a test compares them with the template."""

THROTTLES: Final = {
    "$default": 4_000,
    "POST /{proxy+}": 500,
    "PUT /{proxy+}": 500,
    "DELETE /{proxy+}": 50,
    "GET /openapi.json": 10,
}
"""Of API Gateway, a second, for all clients together; a test compares them with the template."""

_SENDER_READ_UNITS: Final = 4
"""What a request reads of its sender, its match and its tournament."""

CLOSING_SECONDS: Final = 2
"""Assumed: how long a flood on an open connection lasts until it is closed."""

DOCUMENT_BYTES: Final = 20_000
"""Of the compressed OpenAPI document; a test compares it."""


@dataclass(frozen=True, slots=True)
class Action:
    """An action that a spectator can repeat, and the limit on its rate."""

    name: str
    use: Use
    per_hour: float
    bound: str
    test: str

    @property
    def dollars_per_million(self) -> float:
        return dollars(self.use) * 1e6

    @property
    def dollars_per_hour(self) -> float:
        return dollars(self.use) * self.per_hour


def per_hour(per_second: float, burst: float = 0) -> float:
    return per_second * HOUR_SECONDS + burst


def of_request(operation: str, *, sent_bytes: int = 0) -> Use:
    """An HTTP request, which costs what a message of the WebSocket API does."""
    return total(of_operation(operation, messages_in=1), {GIGABYTE: sent_bytes / 1e9})


def of_message(operation: str) -> Use:
    """A message and its reply."""
    return of_operation(operation, messages_in=2)


def of_viewer_count() -> Use:
    """What one join or leave has a room sent: to all of a room of 100, or its share of a larger.

    A larger room is sent its count once it has changed by a percentage. The task that sends it
    reads and writes its counter.
    """
    task: Use = {
        INVOCATION: 1,
        GB_SECOND: 0.03 * MEMORY_GB,
        WRITE: 4,
        READ: 4,
        QUEUE: SQS_REQUESTS_PER_MESSAGE,
    }
    return total(of_posts(100 / VIEWERS_CHANGE_PERCENT), task)


def of_unanswered(*, milliseconds: float = 5) -> Use:
    """A request that is refused before any call of AWS."""
    return {MESSAGE: 1, INVOCATION: 1, GB_SECOND: milliseconds / 1_000 * MEMORY_GB}


def of_full_read() -> Use:
    """A tournament with as many matches as one response holds, each as large as it may be."""
    return {
        MESSAGE: 1,
        INVOCATION: 1,
        GB_SECOND: 0.4 * MEMORY_GB,
        WRITE: 3,
        READ: 4 + TOURNAMENT_MATCHES * TOURNAMENT_MATCH_READ_UNITS,
        GIGABYTE: TOURNAMENT_MATCHES * TOURNAMENT_MATCH_BYTES / 1e9,
    }


def of_page_read() -> Use:
    """A page of a list, with as many matches, each as large as it may be."""
    return {
        MESSAGE: 1,
        INVOCATION: 1,
        GB_SECOND: 0.1 * MEMORY_GB,
        WRITE: 2,
        READ: _SENDER_READ_UNITS + PAGE_ITEMS_MAX * (TOURNAMENT_MATCH_READ_UNITS + 1),
        GIGABYTE: PAGE_ITEMS_MAX * TOURNAMENT_MATCH_BYTES / 1e9,
    }


def of_structure_read() -> Use:
    return {
        MESSAGE: 1,
        INVOCATION: 1,
        GB_SECOND: 0.05 * MEMORY_GB,
        WRITE: 2,
        READ: _SENDER_READ_UNITS + STRUCTURE_BYTES_MAX / READ_UNIT_BYTES,
        GIGABYTE: STRUCTURE_BYTES_MAX / 1e9,
    }


def of_history_read() -> Use:
    """A page that is full with the first entries that are read. They are read at half the price."""
    read_bytes = SENT_BYTES_MAX + HISTORY_READ_MAX * TOURNAMENT_MATCH_BYTES
    return {
        MESSAGE: 1,
        INVOCATION: 1,
        GB_SECOND: 0.03 * MEMORY_GB,
        WRITE: 1,
        READ: _SENDER_READ_UNITS + read_bytes / READ_UNIT_BYTES / 2,
        GIGABYTE: SENT_BYTES_MAX / 1e9,
    }


def floods_closed_per_hour() -> int:
    """How often a connection can be closed for abuse, as the wait doubles each time."""
    times, waited_s = 0, 0
    while waited_s <= HOUR_SECONDS:
        waited_s += PENALTY_SECONDS << times
        times += 1
    return times


_HANDSHAKES: Final = per_hour(HANDSHAKES_PER_SECOND, HANDSHAKE_BURST)
_ALL_HANDSHAKES: Final = per_hour(DEFAULTS["ConnectsPerSecondBudget"])
_SUBSCRIPTIONS: Final = per_hour(SUBSCRIPTIONS_PER_SECOND, SUBSCRIPTION_BURST)
_MESSAGES: Final = per_hour(DEFAULTS["MessagesPerSecondPerUser"], DEFAULTS["MessageBurstPerUser"])
_OF_ADDRESS: Final = per_hour(DEFAULTS["MessagesPerSecondPerIp"], DEFAULTS["MessageBurstPerIp"])
_FLOOD: Final = floods_closed_per_hour() * THROTTLES["$default"] * CLOSING_SECONDS
_CONNECTIONS: Final = DEFAULTS["ConnectionsPerUser"] + DEFAULTS["ConnectionsPerIp"]

_COUNTS: Final = (of_viewer_count(), of_viewer_count())
_VISIT: Final = total(*map(of_operation, ("connect", "welcome", "disconnect")), *_COUNTS)
_ROUND_TRIP: Final = total(of_message("join"), of_message("leave"), *_COUNTS)
_UNAUTHORIZED: Final[Use] = {INVOCATION: 1, GB_SECOND: 0.005 * MEMORY_GB}

_OF_ALL: Final = "400 handshakes a second, of all clients"

SPECTATOR_ACTIONS: Final = (
    Action(
        "connect to a room, and disconnect",
        _VISIT,
        _HANDSHAKES,
        "1 handshake a second",
        "test_handshakes_have_a_rate",
    ),
    Action(
        "connect at a full limit",
        of_operation("refused connect"),
        _HANDSHAKES,
        "1 handshake a second",
        "test_stale_holders_are_looked_for_seldom_and_few_at_a_time",
    ),
    Action(
        "subscribe, and unsubscribe",
        _ROUND_TRIP,
        _SUBSCRIPTIONS,
        "1 subscription a second",
        "test_subscriptions_have_a_rate",
    ),
    Action("ping", of_message("ping in a burst"), _MESSAGES, "10 messages a second", "test_R4"),
    Action(
        "ping without a token",
        of_message("ping in a burst"),
        _OF_ADDRESS,
        "20 messages a second of an address",
        "test_R10",
    ),
    Action("refresh", of_message("refresh"), _MESSAGES, "10 messages a second", "test_R4"),
    Action(
        "report without the role for it",
        of_message("forbidden report"),
        _MESSAGES,
        "10 messages a second",
        "test_R4",
    ),
    Action(
        "send as fast as the line allows",
        of_message("refused message"),
        _FLOOD,
        "closed after ten refusals; the wait doubles each time",
        "test_after_abuse_a_client_waits_and_twice_as_long_each_time",
    ),
    Action(
        "stay connected, and read",
        of_viewer_hours(1, messages_per_hour=HOUR_SECONDS),
        _CONNECTIONS,
        "3 connections of a user, 10 of an address",
        "test_R11",
    ),
    Action(
        "read a match over HTTP",
        of_request("HTTP read of a match", sent_bytes=TOURNAMENT_MATCH_BYTES),
        _OF_ADDRESS,
        "20 requests a second of an address",
        "test_anonymous_reads_spend_the_limit_of_their_address",
    ),
    Action(
        "ask whether a tournament has changed",
        of_request("HTTP 304 of a tournament"),
        _OF_ADDRESS,
        "20 requests a second of an address",
        "test_a_limit_is_not_evaded_by_a_tag",
    ),
    Action(
        "read a tournament of 500 matches",
        of_full_read(),
        per_hour(1 / FULL_READ_SECONDS, FULL_READ_BURST),
        "1 in five seconds",
        "test_whole_tournaments_have_a_rate_of_their_own",
    ),
    Action(
        "read a page of 100 matches",
        of_page_read(),
        per_hour(PAGE_READS_PER_SECOND, PAGE_READ_BURST),
        "1 a second",
        "test_pages_of_lists_and_structures_have_a_rate_of_their_own",
    ),
    Action(
        "read a structure of 256 KB",
        of_structure_read(),
        per_hour(PAGE_READS_PER_SECOND, PAGE_READ_BURST),
        "1 a second",
        "test_pages_of_lists_and_structures_have_a_rate_of_their_own",
    ),
    Action(
        "read a history",
        of_history_read(),
        _OF_ADDRESS,
        "20 requests a second of an address; read up to what is sent",
        "test_a_page_of_a_history_reads_little_more_than_it_sends",
    ),
    Action(
        "report over HTTP without the role for it",
        of_request("forbidden report over HTTP"),
        _MESSAGES,
        "10 requests a second",
        "test_what_a_spectator_reports_spends_its_limit",
    ),
    Action(
        "ask for a ticket",
        of_request("ticket"),
        _MESSAGES,
        "10 requests a second",
        "test_tickets_have_an_allowance",
    ),
    Action(
        "read the documents of the API",
        total(of_unanswered(), {GIGABYTE: DOCUMENT_BYTES / 1e9}),
        per_hour(THROTTLES["GET /openapi.json"]),
        "10 requests a second, of all clients",
        "test_documents_have_a_throttle_of_their_own",
    ),
    # A refused handshake is not billed by API Gateway; the functions behind it are.
    Action(
        "connect over the rate",
        of_operation("handshake over its rate"),
        _ALL_HANDSHAKES,
        f"no call of AWS; {_OF_ALL}",
        "test_a_handshake_beyond_the_rate_costs_one_write_and_the_next_nothing",
    ),
    Action(
        "connect with a bad token",
        _UNAUTHORIZED,
        _ALL_HANDSHAKES,
        _OF_ALL,
        "test_new_connections_are_throttled_under_the_quota",
    ),
    Action(
        "connect with a made-up ticket",
        of_operation("handshake with an unknown ticket"),
        _ALL_HANDSHAKES,
        f"one read; {_OF_ALL}",
        "test_an_unknown_ticket_is_one_read",
    ),
)
"""What is limited for each user, or for each address of clients without one."""


_FLOODS: Final = {
    "`GET`, over the rate or without a token": DEFAULTS["ReadsPerSecondBudget"],
    "`POST` without a token": THROTTLES["POST /{proxy+}"],
    "`PUT` without a token": THROTTLES["PUT /{proxy+}"],
    "`DELETE` without a token": THROTTLES["DELETE /{proxy+}"],
}

FLOODS: Final = tuple(
    Action(
        name,
        of_unanswered(),
        per_hour(rate),
        f"{rate:,} requests a second, of all clients",
        "test_reports_over_http_have_throttles_apart_from_reads",
    )
    for name, rate in _FLOODS.items()
)
"""What API Gateway bills before any code of ours runs, at its throttles for all clients."""


def actions_table(actions: Sequence[Action]) -> Iterator[str]:
    head = ("action", "per million", "per hour", "limit", "shown by")
    rows = [
        (
            action.name,
            f"${action.dollars_per_million:,.2f}",
            f"${action.dollars_per_hour:.2f}",
            action.bound,
            f"`{action.test}`",
        )
        for action in actions
    ]
    yield from table(head, rows, left=(0, 3, 4))


def report() -> str:
    parts = [actions_table(SPECTATOR_ACTIONS), actions_table(FLOODS)]
    return "\n\n".join("\n".join(part) for part in parts)


if __name__ == "__main__":
    print(report())
