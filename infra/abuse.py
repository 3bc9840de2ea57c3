"""What one spectator can cost at the most: `python -m infra.abuse` prints it for docs/scaling.md.

A spectator sends as much as its limits let pass, for an hour, from one address. What it does is
priced by `infra.cost`; each limit is named with the test that shows it.
"""

from collections.abc import Iterator
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
    PENALTY_SECONDS,
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

CLOSING_SECONDS: Final = 2
"""Assumed: so long a flood on an open connection runs until it is closed."""

DOCUMENT_BYTES: Final = 20_000
"""Of the compressed OpenAPI document; a test compares it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that a spectator can do over and over, and what lets it do so no faster."""

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


def floods_closed_per_hour() -> int:
    """How often a connection can be closed for abuse, as the wait doubles each time."""
    times, waited_s = 0, 0
    while waited_s <= HOUR_SECONDS:
        waited_s += PENALTY_SECONDS << times
        times += 1
    return times


def spectator_actions() -> list[Action]:
    """What is limited for each user, or for each address of clients without one."""
    user, ip = DEFAULTS["MessagesPerSecondPerUser"], DEFAULTS["MessagesPerSecondPerIp"]
    messages = per_hour(user, DEFAULTS["MessageBurstPerUser"])
    anonymous = per_hour(ip, DEFAULTS["MessageBurstPerIp"])
    handshakes = per_hour(HANDSHAKES_PER_SECOND, HANDSHAKE_BURST)
    flood = floods_closed_per_hour() * THROTTLES["$default"] * CLOSING_SECONDS
    connections = DEFAULTS["ConnectionsPerUser"] + DEFAULTS["ConnectionsPerIp"]
    visit = total(
        *map(of_operation, ("connect", "welcome", "disconnect")),
        of_viewer_count(),
        of_viewer_count(),
    )
    round_trip = total(
        of_message("join"), of_message("leave"), of_viewer_count(), of_viewer_count()
    )
    subscriptions = per_hour(SUBSCRIPTIONS_PER_SECOND, SUBSCRIPTION_BURST)
    return [
        Action(
            name="connect to a room, and disconnect",
            use=visit,
            per_hour=handshakes,
            bound="1 handshake a second",
            test="test_handshakes_have_a_rate",
        ),
        Action(
            name="connect at a full limit",
            use=of_operation("refused connect"),
            per_hour=handshakes,
            bound="1 handshake a second",
            test="test_stale_holders_are_looked_for_seldom_and_few_at_a_time",
        ),
        Action(
            name="subscribe, and unsubscribe",
            use=round_trip,
            per_hour=subscriptions,
            bound="1 subscription a second",
            test="test_subscriptions_have_a_rate",
        ),
        Action(
            name="ping",
            use=of_message("ping in a burst"),
            per_hour=messages,
            bound="10 messages a second",
            test="test_R4",
        ),
        Action(
            name="ping without a token",
            use=of_message("ping in a burst"),
            per_hour=anonymous,
            bound="20 messages a second of an address",
            test="test_R10",
        ),
        Action(
            name="refresh",
            use=of_message("refresh"),
            per_hour=messages,
            bound="10 messages a second",
            test="test_R4",
        ),
        Action(
            name="report without the role for it",
            use=of_message("forbidden report"),
            per_hour=messages,
            bound="10 messages a second",
            test="test_R4",
        ),
        Action(
            name="send as fast as the line allows",
            use=of_message("refused message"),
            per_hour=flood,
            bound="closed after ten refusals; the wait doubles each time",
            test="test_after_abuse_a_client_waits_and_twice_as_long_each_time",
        ),
        Action(
            name="stay connected, and read",
            use=of_viewer_hours(1, messages_per_hour=HOUR_SECONDS),
            per_hour=connections,
            bound="3 connections of a user, 10 of an address",
            test="test_R11",
        ),
        Action(
            name="read a match over HTTP",
            use=of_request("HTTP read of a match", sent_bytes=TOURNAMENT_MATCH_BYTES),
            per_hour=anonymous,
            bound="20 requests a second of an address",
            test="test_anonymous_reads_spend_the_limit_of_their_address",
        ),
        Action(
            name="ask whether a tournament has changed",
            use=of_request("HTTP 304 of a tournament"),
            per_hour=anonymous,
            bound="20 requests a second of an address",
            test="test_a_limit_is_not_evaded_by_a_tag",
        ),
        Action(
            name="read a tournament of 500 matches",
            use=of_full_read(),
            per_hour=per_hour(1 / FULL_READ_SECONDS, FULL_READ_BURST),
            bound="1 in five seconds",
            test="test_whole_tournaments_have_a_rate_of_their_own",
        ),
        Action(
            name="ask for a ticket",
            use=of_request("ticket"),
            per_hour=messages,
            bound="10 requests a second",
            test="test_tickets_have_an_allowance",
        ),
        Action(
            name="read the documents of the API",
            use=total(of_unanswered(), {GIGABYTE: DOCUMENT_BYTES / 1e9}),
            per_hour=per_hour(THROTTLES["GET /openapi.json"]),
            bound="10 requests a second, of all clients",
            test="test_documents_have_a_throttle_of_their_own",
        ),
        *_refused_handshakes(),
    ]


def _refused_handshakes() -> list[Action]:
    """A refused handshake is not billed by API Gateway; the functions behind it are."""
    handshakes = per_hour(DEFAULTS["ConnectsPerSecondBudget"])
    bound = "400 handshakes a second, of all clients"
    unauthorized: Use = {INVOCATION: 1, GB_SECOND: 0.005 * MEMORY_GB}
    return [
        Action(
            name="connect over the rate",
            use=of_operation("handshake over its rate"),
            per_hour=handshakes,
            bound=f"no call of AWS; {bound}",
            test="test_a_handshake_beyond_the_rate_costs_one_write_and_the_next_nothing",
        ),
        Action(
            name="connect with a bad token",
            use=unauthorized,
            per_hour=handshakes,
            bound=bound,
            test="test_new_connections_are_throttled_under_the_quota",
        ),
        Action(
            name="connect with a made-up ticket",
            use=of_operation("handshake with an unknown ticket"),
            per_hour=handshakes,
            bound=f"one read; {bound}",
            test="test_an_unknown_ticket_is_one_read",
        ),
    ]


def floods() -> list[Action]:
    """What API Gateway bills before any code of ours runs, at its throttles for all clients."""
    reads = DEFAULTS["ReadsPerSecondBudget"]
    routes = {"`GET`, over the rate or without a token": reads}
    routes |= {
        f"`{method}` without a token": THROTTLES[f"{method} /{{proxy+}}"]
        for method in ("POST", "PUT", "DELETE")
    }
    return [
        Action(
            name=name,
            use=of_unanswered(),
            per_hour=per_hour(rate),
            bound=f"{rate:,} requests a second, of all clients",
            test="test_reports_over_http_have_throttles_apart_from_reads",
        )
        for name, rate in routes.items()
    ]


def actions_table(actions: list[Action]) -> Iterator[str]:
    head = ("action", "a million", "an hour", "no faster than", "shown by")
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
    parts = [actions_table(spectator_actions()), actions_table(floods())]
    return "\n\n".join("\n".join(part) for part in parts)


if __name__ == "__main__":
    print(report())
