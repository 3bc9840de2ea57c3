"""The one place that makes real clients: once per cold start, and only those that are asked for.

Importing a handler makes nothing, so tests import handlers freely. What a function does not use
is not imported, so its cold start does not pay for it.
"""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from scorecast.protocol.limits import BATCH_RECORDS_MAX, POSTS_IN_FLIGHT_MAX
from scorecast.runtime import settings as environment
from scorecast.runtime.system import Clock, SystemClock

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

    from scorecast.app.admit import Entrance
    from scorecast.app.broadcast import FanOut, Posting
    from scorecast.app.disconnect import Farewell
    from scorecast.app.dispatch import Conversation
    from scorecast.app.flush import Emission
    from scorecast.app.maintenance.tasks import Chores
    from scorecast.app.report import Reporting
    from scorecast.app.subscribe import Watching
    from scorecast.app.welcome import Reception
    from scorecast.aws.dynamodb.connections import Registry
    from scorecast.aws.dynamodb.matches import Matches
    from scorecast.aws.dynamodb.memberships import Memberships
    from scorecast.aws.dynamodb.occupancy import Occupancy
    from scorecast.aws.dynamodb.scores import Scores
    from scorecast.aws.dynamodb.table import Table
    from scorecast.aws.dynamodb.tickets import Tickets
    from scorecast.aws.gateway import Gateway
    from scorecast.aws.jwks import Verifier
    from scorecast.aws.secrets_manager import Secrets
    from scorecast.aws.signed_http.client import SignedHttp
    from scorecast.aws.sqs.flush_queue import Outbox
    from scorecast.aws.sqs.sweep_queue import Rota
    from scorecast.aws.sqs.welcome_queue import Welcomes
    from scorecast.domain.connections.identity import BadToken, Identity


@cache
def settings[T](of: type[T]) -> T:
    return environment.read(of)


@cache
def clock() -> Clock:
    return SystemClock()


def _config(attempts_max: int) -> Any:
    from botocore.config import Config

    return Config(
        retries={"mode": "standard", "total_max_attempts": attempts_max},
        connect_timeout=1,
        read_timeout=2,
        max_pool_connections=BATCH_RECORDS_MAX,
        tcp_keepalive=True,
    )


@cache
def _dynamodb(attempts_max: int) -> "DynamoDBClient":
    import boto3

    return boto3.client("dynamodb", config=_config(attempts_max))


@cache
def _sqs() -> "SQSClient":
    import boto3

    return boto3.client("sqs", config=_config(3))


@cache
def table(name: str) -> "Table":
    from scorecast.aws.dynamodb.table import Table

    return Table(name, _dynamodb(3), _dynamodb(1), clock())


@cache
def occupancy(connections_table: str, sweep_queue_url: str) -> "Occupancy":
    from scorecast.aws.dynamodb.occupancy import Occupancy

    return Occupancy(table(connections_table), rota(sweep_queue_url), clock())


@cache
def registry(connections_table: str, sweep_queue_url: str) -> "Registry":
    from scorecast.aws.dynamodb.connections import Registry

    counters = occupancy(connections_table, sweep_queue_url)
    return Registry(table(connections_table), counters, clock())


@cache
def memberships(connections_table: str, sweep_queue_url: str) -> "Memberships":
    from scorecast.aws.dynamodb.memberships import Memberships

    counters = occupancy(connections_table, sweep_queue_url)
    return Memberships(table(connections_table), counters, clock())


@cache
def matches(matches_table: str) -> "Matches":
    from scorecast.aws.dynamodb.matches import Matches

    return Matches(table(matches_table), clock())


@cache
def scores(matches_table: str) -> "Scores":
    from scorecast.aws.dynamodb.scores import Scores

    return Scores(table(matches_table), clock())


@cache
def outbox(tick_queue_url: str) -> "Outbox":
    from scorecast.aws.sqs.flush_queue import Outbox

    return Outbox(tick_queue_url, _sqs())


@cache
def welcomes(welcome_queue_url: str) -> "Welcomes":
    from scorecast.aws.sqs.welcome_queue import Welcomes

    return Welcomes(welcome_queue_url, _sqs())


@cache
def gateway(endpoint: str) -> "Gateway":
    from scorecast.aws.gateway import ApiGateway

    return ApiGateway(
        _signed_http(endpoint, "execute-api"), posts_in_flight_max=POSTS_IN_FLIGHT_MAX
    )


@cache
def farewell(connections_table: str, sweep_queue_url: str, endpoint: str) -> "Farewell":
    from scorecast.app.disconnect import Farewell

    return Farewell(gateway(endpoint), registry(connections_table, sweep_queue_url))


@cache
def fan_out(
    connections_table: str,
    matches_table: str,
    endpoint: str,
    fanout_queue_url: str,
    sweep_queue_url: str,
    posts_per_second: int,
) -> "FanOut":
    from scorecast.app.broadcast import FanOut
    from scorecast.aws.sqs.fanout_queue import Relay

    return FanOut(
        memberships(connections_table, sweep_queue_url),
        posting(matches_table, endpoint, sweep_queue_url),
        Relay(fanout_queue_url, _sqs()),
        posts_per_second,
    )


@cache
def posting(matches_table: str, endpoint: str, sweep_queue_url: str) -> "Posting":
    from scorecast.app.broadcast import Posting
    from scorecast.aws.dynamodb.throttle_level import Pressure

    pressure = Pressure(table(matches_table), clock())
    return Posting(gateway(endpoint), pressure, rota(sweep_queue_url), clock())


@cache
def entrance(read: environment.Connect) -> "Entrance":
    from scorecast.app.admit import Entrance
    from scorecast.domain.connections.admission import Limits

    return Entrance(
        registry(read.connections_table, read.sweep_queue_url),
        gateway(read.gateway_endpoint),
        farewell(read.connections_table, read.sweep_queue_url, read.gateway_endpoint),
        Limits(per_user=read.connections_per_user, per_ip=read.connections_per_ip),
        replaces_oldest=read.connection_limit_policy == "replace_oldest",
    )


@cache
def rota(sweep_queue_url: str) -> "Rota":
    from scorecast.aws.sqs.sweep_queue import Rota

    return Rota(sweep_queue_url, _sqs())


@cache
def chores(read: environment.Sweep) -> "Chores":
    from scorecast.app.maintenance.counters import Reconciliation
    from scorecast.app.maintenance.idle import Sweeping
    from scorecast.app.maintenance.slow_consumers import SlowClients
    from scorecast.app.maintenance.stale import Ghosts
    from scorecast.app.maintenance.stalled import Rescues
    from scorecast.app.maintenance.tasks import Chores
    from scorecast.app.viewer_counts import Viewers
    from scorecast.domain.connections.idle import Heartbeat

    registered = registry(read.connections_table, read.sweep_queue_url)
    posts = gateway(read.gateway_endpoint)
    queue = rota(read.sweep_queue_url)
    goodbyes = farewell(read.connections_table, read.sweep_queue_url, read.gateway_endpoint)
    stored = matches(read.matches_table)
    sweeping = Sweeping(
        registered,
        table(read.connections_table),
        posts,
        goodbyes,
        queue,
        clock(),
        pool(),
        Heartbeat(read.heartbeat_interval_seconds, read.heartbeat_timeout_seconds),
        read.connects_per_second_budget,
    )
    to_rooms = fan_out(
        read.connections_table,
        read.matches_table,
        read.gateway_endpoint,
        read.fanout_queue_url,
        read.sweep_queue_url,
        read.posts_per_second_budget,
    )
    counters = occupancy(read.connections_table, read.sweep_queue_url)
    return Chores(
        sweeping,
        Ghosts(registered, posts, queue, clock()),
        SlowClients(registered, goodbyes),
        Rescues(stored, outbox(read.tick_queue_url), clock()),
        Viewers(counters, stored, to_rooms, clock()),
        Reconciliation(table(read.connections_table), queue, clock()),
        queue,
        clock(),
    )


@cache
def watching(read: environment.Message | environment.Welcome) -> "Watching":
    from scorecast.app.subscribe import Watching

    return Watching(
        matches(read.matches_table),
        memberships(read.connections_table, read.sweep_queue_url),
        room_capacity=read.room_capacity,
        rooms_max=read.rooms_per_connection,
    )


@cache
def reporting(matches_table: str, tick_queue_url: str, event_log_days: int) -> "Reporting":
    from scorecast.app.report import Reporting

    return Reporting(
        matches(matches_table),
        scores(matches_table),
        outbox(tick_queue_url),
        clock(),
        event_log_days,
    )


@cache
def conversation(read: environment.Message) -> "Conversation":
    from scorecast.app.dispatch import Conversation
    from scorecast.aws.dynamodb.rate_limits import Allowances
    from scorecast.domain.connections.rate_limit import Rate

    def verify(token: str) -> "Identity | BadToken":
        return verifier(read).verify(token)  # made only for the client that refreshes

    return Conversation(
        allowances=Allowances(table(read.connections_table), clock()),
        registry=registry(read.connections_table, read.sweep_queue_url),
        memberships=memberships(read.connections_table, read.sweep_queue_url),
        watching=watching(read),
        reporting=reporting(read.matches_table, read.tick_queue_url, read.event_log_days),
        farewell=farewell(read.connections_table, read.sweep_queue_url, read.gateway_endpoint),
        verify=verify,
        clock=clock(),
        user_rate=Rate(read.messages_per_second_per_user, read.message_burst_per_user),
        ip_rate=Rate(read.messages_per_second_per_ip, read.message_burst_per_ip),
        frame_bytes_max=read.message_bytes_max,
    )


@cache
def reception(read: environment.Welcome) -> "Reception":
    from scorecast.app.welcome import Reception
    from scorecast.domain.connections.idle import Heartbeat

    return Reception(
        registry(read.connections_table, read.sweep_queue_url),
        watching(read),
        gateway(read.gateway_endpoint),
        farewell(read.connections_table, read.sweep_queue_url, read.gateway_endpoint),
        clock(),
        Heartbeat(read.heartbeat_interval_seconds, read.heartbeat_timeout_seconds),
    )


@cache
def emission(read: environment.Flush) -> "Emission":
    from scorecast.app.flush import Emission
    from scorecast.aws.dynamodb.throttle_level import Pressure
    from scorecast.domain.matches.window import Pace

    pace = Pace(
        quiet_ms=read.coalesce_window_ms,
        wait_ms_max=read.coalesce_max_wait_ms,
        posts_per_second=read.posts_per_second_budget,
    )
    to_rooms = fan_out(
        read.connections_table,
        read.matches_table,
        read.gateway_endpoint,
        read.fanout_queue_url,
        read.sweep_queue_url,
        read.posts_per_second_budget,
    )
    return Emission(
        matches(read.matches_table),
        scores(read.matches_table),
        occupancy(read.connections_table, read.sweep_queue_url),
        to_rooms,
        Pressure(table(read.matches_table), clock()),
        clock(),
        pace,
    )


@cache
def pool() -> "Executor":
    """Threads for the groups of a batch, which wait more than they work."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(max_workers=BATCH_RECORDS_MAX)


@cache
def verifier(read: environment.Tokens) -> "Verifier":
    from scorecast.aws.jwks import KeySet, Verifier, fetch

    return Verifier(read, secrets(), KeySet(read.jwks_url, clock(), fetch), clock())


@cache
def tickets(connections_table: str) -> "Tickets":
    from scorecast.aws.dynamodb.tickets import Tickets

    return Tickets(table(connections_table), clock())


@cache
def secrets() -> "Secrets":
    from scorecast.aws.secrets_manager import Secrets

    region = os.environ["AWS_REGION"]
    local = os.environ.get("AWS_ENDPOINT_URL")
    url = local or f"https://secretsmanager.{region}.amazonaws.com"
    return Secrets(_signed_http(url, "secretsmanager"), clock())


def _signed_http(url: str, service: str) -> "SignedHttp":
    from scorecast.aws.signed_http import credentials
    from scorecast.aws.signed_http.client import SignedHttp

    return SignedHttp(
        url,
        service=service,
        region=os.environ["AWS_REGION"],
        credentials=credentials.current,
    )
