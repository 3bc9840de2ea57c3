"""The one place that makes real clients: once per cold start, and only those that are asked for.

Importing a handler makes nothing, so tests import handlers freely. What a function does not use
is not imported, so its cold start does not pay for it.
"""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from scorecast.protocol.limits import BATCH_RECORDS_MAX, POSTS_IN_FLIGHT_MAX
from scorecast.runtime import settings as environment
from scorecast.runtime.system import HostSystem, System

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

    from scorecast.app.admit import ConnectionAdmission
    from scorecast.app.broadcast import Broadcast, Poster
    from scorecast.app.disconnect import Disconnector
    from scorecast.app.dispatch import Dispatcher
    from scorecast.app.flush import Flush
    from scorecast.app.maintenance.tasks import Maintenance
    from scorecast.app.report import MatchCommands
    from scorecast.app.subscribe import Subscriptions
    from scorecast.app.welcome import Welcome
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
    from scorecast.aws.sqs.flush_queue import FlushQueue
    from scorecast.aws.sqs.sweep_queue import SweepQueue
    from scorecast.aws.sqs.welcome_queue import WelcomeQueue
    from scorecast.domain.connections.identity import BadToken, Identity


@cache
def settings[T](of: type[T]) -> T:
    return environment.read(of)


@cache
def system() -> System:
    return HostSystem()


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

    return Table(name, _dynamodb(3), _dynamodb(1), system())


@cache
def occupancy(connections_table: str, sweep_queue_url: str) -> "Occupancy":
    from scorecast.aws.dynamodb.occupancy import Occupancy

    return Occupancy(table(connections_table), sweep_queue(sweep_queue_url), system())


@cache
def registry(connections_table: str, sweep_queue_url: str) -> "Registry":
    from scorecast.aws.dynamodb.connections import Registry

    counters = occupancy(connections_table, sweep_queue_url)
    return Registry(table(connections_table), counters, system())


@cache
def memberships(connections_table: str, sweep_queue_url: str) -> "Memberships":
    from scorecast.aws.dynamodb.memberships import Memberships

    counters = occupancy(connections_table, sweep_queue_url)
    return Memberships(table(connections_table), counters, system())


@cache
def matches(matches_table: str) -> "Matches":
    from scorecast.aws.dynamodb.matches import Matches

    return Matches(table(matches_table), system())


@cache
def scores(matches_table: str) -> "Scores":
    from scorecast.aws.dynamodb.scores import Scores

    return Scores(table(matches_table), system())


@cache
def flush_queue(flush_queue_url: str) -> "FlushQueue":
    from scorecast.aws.sqs.flush_queue import FlushQueue

    return FlushQueue(flush_queue_url, _sqs())


@cache
def welcome_queue(welcome_queue_url: str) -> "WelcomeQueue":
    from scorecast.aws.sqs.welcome_queue import WelcomeQueue

    return WelcomeQueue(welcome_queue_url, _sqs())


@cache
def gateway(endpoint: str) -> "Gateway":
    from scorecast.aws.gateway import ApiGateway

    return ApiGateway(
        _signed_http(endpoint, "execute-api"), posts_in_flight_max=POSTS_IN_FLIGHT_MAX
    )


@cache
def disconnector(connections_table: str, sweep_queue_url: str, endpoint: str) -> "Disconnector":
    from scorecast.app.disconnect import Disconnector

    return Disconnector(gateway(endpoint), registry(connections_table, sweep_queue_url))


@cache
def broadcast(
    connections_table: str,
    matches_table: str,
    endpoint: str,
    fanout_queue_url: str,
    sweep_queue_url: str,
    posts_per_second: int,
) -> "Broadcast":
    from scorecast.app.broadcast import Broadcast
    from scorecast.aws.sqs.fanout_queue import FanoutQueue

    return Broadcast(
        memberships(connections_table, sweep_queue_url),
        poster(matches_table, endpoint, sweep_queue_url),
        FanoutQueue(fanout_queue_url, _sqs()),
        posts_per_second,
    )


@cache
def poster(matches_table: str, endpoint: str, sweep_queue_url: str) -> "Poster":
    from scorecast.app.broadcast import Poster
    from scorecast.aws.dynamodb.throttle_level import ThrottleLevel

    throttle_level = ThrottleLevel(table(matches_table), system())
    return Poster(gateway(endpoint), throttle_level, sweep_queue(sweep_queue_url), system())


@cache
def connection_admission(read: environment.ConnectSettings) -> "ConnectionAdmission":
    from scorecast.app.admit import ConnectionAdmission
    from scorecast.domain.connections.admission import Limits

    return ConnectionAdmission(
        registry(read.connections_table, read.sweep_queue_url),
        gateway(read.gateway_endpoint),
        disconnector(read.connections_table, read.sweep_queue_url, read.gateway_endpoint),
        Limits(per_user=read.connections_per_user, per_ip=read.connections_per_ip),
        replaces_oldest=read.connection_limit_policy == "replace_oldest",
    )


@cache
def sweep_queue(sweep_queue_url: str) -> "SweepQueue":
    from scorecast.aws.sqs.sweep_queue import SweepQueue

    return SweepQueue(sweep_queue_url, _sqs())


@cache
def maintenance(read: environment.SweepSettings) -> "Maintenance":
    from scorecast.app.maintenance.counters import Reconciliation
    from scorecast.app.maintenance.idle import IdleSweep
    from scorecast.app.maintenance.slow_consumers import SlowConsumers
    from scorecast.app.maintenance.stale import StaleConnections
    from scorecast.app.maintenance.stalled import StalledMatches
    from scorecast.app.maintenance.tasks import Maintenance
    from scorecast.app.viewer_counts import ViewerCounts
    from scorecast.domain.connections.idle import Heartbeat

    registered = registry(read.connections_table, read.sweep_queue_url)
    posts = gateway(read.gateway_endpoint)
    queue = sweep_queue(read.sweep_queue_url)
    goodbyes = disconnector(read.connections_table, read.sweep_queue_url, read.gateway_endpoint)
    stored = matches(read.matches_table)
    idle_sweep = IdleSweep(
        registered,
        table(read.connections_table),
        posts,
        goodbyes,
        queue,
        system(),
        pool(),
        Heartbeat(read.heartbeat_interval_seconds, read.heartbeat_timeout_seconds),
        read.connects_per_second_budget,
    )
    to_rooms = broadcast(
        read.connections_table,
        read.matches_table,
        read.gateway_endpoint,
        read.fanout_queue_url,
        read.sweep_queue_url,
        read.posts_per_second_budget,
    )
    counters = occupancy(read.connections_table, read.sweep_queue_url)
    return Maintenance(
        idle_sweep,
        StaleConnections(registered, posts, queue, system()),
        SlowConsumers(registered, goodbyes),
        StalledMatches(stored, flush_queue(read.flush_queue_url), system()),
        ViewerCounts(counters, stored, to_rooms, system()),
        Reconciliation(table(read.connections_table), queue, system()),
        queue,
        system(),
    )


@cache
def subscriptions(
    read: environment.MessageSettings | environment.WelcomeSettings,
) -> "Subscriptions":
    from scorecast.app.subscribe import Subscriptions

    return Subscriptions(
        matches(read.matches_table),
        memberships(read.connections_table, read.sweep_queue_url),
        room_capacity=read.room_capacity,
        rooms_max=read.rooms_per_connection,
    )


@cache
def match_commands(
    matches_table: str, flush_queue_url: str, event_log_days: int
) -> "MatchCommands":
    from scorecast.app.report import MatchCommands

    return MatchCommands(
        matches(matches_table),
        scores(matches_table),
        flush_queue(flush_queue_url),
        system(),
        event_log_days,
    )


@cache
def dispatcher(read: environment.MessageSettings) -> "Dispatcher":
    from scorecast.app.dispatch import Dispatcher
    from scorecast.aws.dynamodb.rate_limits import RateLimiter
    from scorecast.domain.connections.rate_limit import Rate

    def verify(token: str) -> "Identity | BadToken":
        return verifier(read).verify(token)  # made only for the client that refreshes

    return Dispatcher(
        rate_limiter=RateLimiter(table(read.connections_table), system()),
        registry=registry(read.connections_table, read.sweep_queue_url),
        memberships=memberships(read.connections_table, read.sweep_queue_url),
        subscriptions=subscriptions(read),
        match_commands=match_commands(
            read.matches_table, read.flush_queue_url, read.event_log_days
        ),
        disconnector=disconnector(
            read.connections_table, read.sweep_queue_url, read.gateway_endpoint
        ),
        verify=verify,
        system=system(),
        user_rate=Rate(read.messages_per_second_per_user, read.message_burst_per_user),
        ip_rate=Rate(read.messages_per_second_per_ip, read.message_burst_per_ip),
        message_bytes_max=read.message_bytes_max,
    )


@cache
def welcome(read: environment.WelcomeSettings) -> "Welcome":
    from scorecast.app.welcome import Welcome
    from scorecast.domain.connections.idle import Heartbeat

    return Welcome(
        registry(read.connections_table, read.sweep_queue_url),
        subscriptions(read),
        gateway(read.gateway_endpoint),
        disconnector(read.connections_table, read.sweep_queue_url, read.gateway_endpoint),
        system(),
        Heartbeat(read.heartbeat_interval_seconds, read.heartbeat_timeout_seconds),
    )


@cache
def flush(read: environment.FlushSettings) -> "Flush":
    from scorecast.app.flush import Flush
    from scorecast.aws.dynamodb.throttle_level import ThrottleLevel
    from scorecast.domain.matches.window import Pace

    pace = Pace(
        quiet_ms=read.coalesce_window_ms,
        wait_ms_max=read.coalesce_max_wait_ms,
        posts_per_second=read.posts_per_second_budget,
    )
    to_rooms = broadcast(
        read.connections_table,
        read.matches_table,
        read.gateway_endpoint,
        read.fanout_queue_url,
        read.sweep_queue_url,
        read.posts_per_second_budget,
    )
    return Flush(
        matches(read.matches_table),
        scores(read.matches_table),
        occupancy(read.connections_table, read.sweep_queue_url),
        to_rooms,
        ThrottleLevel(table(read.matches_table), system()),
        system(),
        pace,
    )


@cache
def pool() -> "Executor":
    """Threads for the groups of a batch, which wait more than they work."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(max_workers=BATCH_RECORDS_MAX)


@cache
def verifier(read: environment.TokenSettings) -> "Verifier":
    from scorecast.aws.jwks import KeySet, Verifier, fetch

    return Verifier(read, secrets(), KeySet(read.jwks_url, system(), fetch), system())


@cache
def tickets(connections_table: str) -> "Tickets":
    from scorecast.aws.dynamodb.tickets import Tickets

    return Tickets(table(connections_table), system())


@cache
def secrets() -> "Secrets":
    from scorecast.aws.secrets_manager import Secrets

    region = os.environ["AWS_REGION"]
    local = os.environ.get("AWS_ENDPOINT_URL")
    url = local or f"https://secretsmanager.{region}.amazonaws.com"
    return Secrets(_signed_http(url, "secretsmanager"), system())


def _signed_http(url: str, service: str) -> "SignedHttp":
    from scorecast.aws.signed_http import credentials
    from scorecast.aws.signed_http.client import SignedHttp

    return SignedHttp(
        url,
        service=service,
        region=os.environ["AWS_REGION"],
        credentials=credentials.current,
    )
