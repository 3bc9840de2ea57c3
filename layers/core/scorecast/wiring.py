"""The composition root: makes the parts of a function from its settings, once per cold start.

Each factory takes the settings that its part needs, which every function that uses the part has.
Nothing is made or imported before it is asked for: a cold start pays for what it uses, and tests
import handlers freely.
"""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from scorecast.protocol.limits import (
    BATCH_RECORDS_MAX,
    PINGS_SHARE,
    POSTS_IN_FLIGHT_MAX,
)
from scorecast.runtime import settings as of
from scorecast.runtime.system import HostSystem, System

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

    from scorecast.app.admit import ConnectionAdmission
    from scorecast.app.authorize import Authorization
    from scorecast.app.broadcast import Broadcast
    from scorecast.app.disconnect import Disconnector
    from scorecast.app.dispatch import Dispatcher
    from scorecast.app.expected_limit import ExpectedLimit
    from scorecast.app.flush import Flush
    from scorecast.app.load import LoadGauge
    from scorecast.app.maintenance.departures import Departures
    from scorecast.app.maintenance.idle import IdleSweep
    from scorecast.app.maintenance.moves import MoveCompletion
    from scorecast.app.maintenance.tasks import Maintenance
    from scorecast.app.moves import TournamentMoves
    from scorecast.app.post import Poster
    from scorecast.app.redelivery import Redelivery
    from scorecast.app.register import MatchRegistration
    from scorecast.app.report import MatchCommands
    from scorecast.app.room_roles import RoomRoles
    from scorecast.app.session_checks import SessionChecks
    from scorecast.app.subscribe import Subscriptions
    from scorecast.app.welcome import Welcome
    from scorecast.aws.cell_directory import CellDirectory
    from scorecast.aws.dynamodb.connections import Connections
    from scorecast.aws.dynamodb.history import History
    from scorecast.aws.dynamodb.listings import Listings
    from scorecast.aws.dynamodb.matches import Matches
    from scorecast.aws.dynamodb.memberships import Memberships
    from scorecast.aws.dynamodb.occupancy import Occupancy
    from scorecast.aws.dynamodb.rate_limits import RateLimiter
    from scorecast.aws.dynamodb.registry import Registry
    from scorecast.aws.dynamodb.restrictions import Restrictions
    from scorecast.aws.dynamodb.scores import Scores
    from scorecast.aws.dynamodb.slots import Slots
    from scorecast.aws.dynamodb.structures import Structures
    from scorecast.aws.dynamodb.table import Table
    from scorecast.aws.dynamodb.throttle_level import ThrottleLevel
    from scorecast.aws.dynamodb.tickets import Tickets
    from scorecast.aws.dynamodb.tournament_removal import TournamentRemoval
    from scorecast.aws.dynamodb.tournament_versions import TournamentVersions
    from scorecast.aws.dynamodb.undelivered import Undelivered
    from scorecast.aws.event_bus import EventBus
    from scorecast.aws.gateway import Gateway
    from scorecast.aws.jwks import Verifier
    from scorecast.aws.secrets_manager import Secrets
    from scorecast.aws.signed_http.client import SignedHttp
    from scorecast.aws.sqs.dead_letters import DeadLetters
    from scorecast.aws.sqs.flush_queue import FlushQueue
    from scorecast.aws.sqs.records import RecordQueue
    from scorecast.aws.sqs.sweep_queue import SweepQueue
    from scorecast.aws.sqs.welcome_queue import WelcomeQueue
    from scorecast.domain.connections.admission import Limits
    from scorecast.domain.connections.idle import Heartbeat


@cache
def settings[T](function: type[T]) -> T:
    return of.read(function)


@cache
def system() -> System:
    return HostSystem()


@cache
def pool() -> "Executor":
    """Threads for the groups of a batch, which wait more than they compute."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(max_workers=BATCH_RECORDS_MAX)


# Clients of AWS


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
def _sqs(attempts_max: int = 3) -> "SQSClient":
    import boto3

    return boto3.client("sqs", config=_config(attempts_max))


def _signed_http(url: str, service: str) -> "SignedHttp":
    from scorecast.aws.signed_http import credentials
    from scorecast.aws.signed_http.client import SignedHttp

    region = os.environ["AWS_REGION"]
    return SignedHttp(url, service=service, region=region, credentials=credentials.current)


@cache
def secrets() -> "Secrets":
    from scorecast.aws.secrets_manager import Secrets, secrets_url

    url = os.environ.get("AWS_ENDPOINT_URL") or secrets_url(os.environ["AWS_REGION"])
    return Secrets(_signed_http(url, "secretsmanager"), system())


@cache
def gateway(settings: of.GatewaySettings) -> "Gateway":
    from scorecast.aws.gateway import ApiGateway

    http = _signed_http(settings.gateway_endpoint, "execute-api")
    return ApiGateway(http, posts_in_flight_max=POSTS_IN_FLIGHT_MAX)


@cache
def cell_directory() -> "CellDirectory":
    from scorecast.aws.cell_directory import CellDirectory

    return CellDirectory(may_be_http="AWS_ENDPOINT_URL" in os.environ)


@cache
def verifier(settings: of.TokenSettings) -> "Verifier":
    from scorecast.aws.jwks import KeySet, Verifier
    from scorecast.domain.connections.tokens import SYMMETRIC

    algorithm, is_local = settings.jwt_algorithm, "AWS_ENDPOINT_URL" in os.environ
    key_set = None
    if algorithm != SYMMETRIC:
        key_set = KeySet(settings.jwks_url, algorithm, may_be_http=is_local)
    return Verifier(settings, secrets(), key_set, system())


# The tables


def _table(name: str) -> "Table":
    from scorecast.aws.dynamodb.table import Table

    return Table(name, _dynamodb(2), lambda: _dynamodb(1), system())


@cache
def connections_table(settings: of.ConnectionsSettings) -> "Table":
    return _table(settings.connections_table)


@cache
def matches_table(settings: of.MatchesSettings) -> "Table":
    return _table(settings.matches_table)


@cache
def occupancy(settings: of.RegistrySettings) -> "Occupancy":
    from scorecast.aws.dynamodb.occupancy import Occupancy

    return Occupancy(connections_table(settings), sweep_queue(settings), system())


@cache
def connections(settings: of.ConnectionsSettings) -> "Connections":
    from scorecast.aws.dynamodb.connections import Connections

    return Connections(connections_table(settings), system())


@cache
def slots(settings: of.ConnectionsSettings) -> "Slots":
    from scorecast.aws.dynamodb.slots import Slots

    return Slots(connections_table(settings))


@cache
def registry(settings: of.RegistrySettings) -> "Registry":
    from scorecast.aws.dynamodb.registry import Registry

    return Registry(connections_table(settings), slots(settings), occupancy(settings), system())


@cache
def memberships(settings: of.RegistrySettings) -> "Memberships":
    from scorecast.aws.dynamodb.memberships import Memberships

    return Memberships(connections_table(settings), occupancy(settings), system())


@cache
def restrictions(settings: of.ConnectionsSettings) -> "Restrictions":
    from scorecast.aws.dynamodb.restrictions import Restrictions

    return Restrictions(connections_table(settings), system())


@cache
def undelivered(settings: of.ConnectionsSettings) -> "Undelivered":
    from scorecast.aws.dynamodb.undelivered import Undelivered

    return Undelivered(connections_table(settings), system())


@cache
def tickets(settings: of.ConnectionsSettings) -> "Tickets":
    from scorecast.aws.dynamodb.tickets import Tickets

    return Tickets(connections_table(settings), system())


@cache
def matches(settings: of.MatchesSettings) -> "Matches":
    from scorecast.aws.dynamodb.matches import Matches

    return Matches(matches_table(settings), system())


@cache
def listings(settings: of.MatchesSettings) -> "Listings":
    from scorecast.aws.dynamodb.listings import Listings

    return Listings(matches_table(settings), system())


@cache
def tournament_removal(settings: of.MatchCommandsSettings) -> "TournamentRemoval":
    from scorecast.aws.dynamodb.tournament_removal import TournamentRemoval

    return TournamentRemoval(
        matches_table(settings), listings(settings), system(), settings.event_log_days
    )


@cache
def structures(settings: of.MatchesSettings) -> "Structures":
    from scorecast.aws.dynamodb.structures import Structures

    return Structures(matches_table(settings))


@cache
def tournament_versions(settings: of.MatchesSettings) -> "TournamentVersions":
    from scorecast.aws.dynamodb.tournament_versions import TournamentVersions

    return TournamentVersions(matches_table(settings))


@cache
def scores(settings: of.MatchesSettings) -> "Scores":
    from scorecast.aws.dynamodb.scores import Scores

    return Scores(matches_table(settings), system())


@cache
def history(settings: of.HistoryTableSettings) -> "History":
    from scorecast.aws.dynamodb.history import History

    return History(_table(settings.history_table), system())


# The queues


@cache
def flush_queue(settings: of.FlushQueueSettings) -> "FlushQueue":
    from scorecast.aws.sqs.flush_queue import FlushQueue

    return FlushQueue(settings.flush_queue_url, _sqs())


@cache
def sweep_queue(settings: of.SweepQueueSettings) -> "SweepQueue":
    from scorecast.aws.sqs.sweep_queue import SweepQueue

    return SweepQueue(settings.sweep_queue_url, _sqs())


@cache
def welcome_queue(settings: of.ConnectSettings) -> "WelcomeQueue":
    from scorecast.aws.sqs.welcome_queue import WelcomeQueue

    return WelcomeQueue(settings.welcome_queue_url, _sqs())


@cache
def dead_letters(url: str) -> "DeadLetters":
    from scorecast.aws.sqs.dead_letters import DeadLetters

    return DeadLetters(url, _sqs())


@cache
def _events() -> Any:
    import boto3

    return boto3.client("events", config=_config(2))


@cache
def event_bus(settings: of.EventBusSettings) -> "EventBus":
    from scorecast.aws.event_bus import EventBus

    return EventBus(settings.event_bus_name, _events())


@cache
def record_queue(url: str) -> "RecordQueue":
    from scorecast.aws.sqs.records import RecordQueue

    return RecordQueue(url, _sqs())


# Use cases


@cache
def authorization(settings: of.AuthorizerSettings) -> "Authorization":
    from scorecast.app.authorize import Authorization

    # boto3 comes with `tickets`, for the first client that has one.
    return Authorization(
        settings, verifier(settings), lambda ticket: tickets(settings).redeem(ticket)
    )


@cache
def disconnector(settings: of.DisconnectorSettings) -> "Disconnector":
    from scorecast.app.disconnect import Disconnector

    return Disconnector(gateway(settings), registry(settings))


@cache
def connection_admission(settings: of.ConnectSettings) -> "ConnectionAdmission":
    from scorecast.app.admit import ConnectionAdmission

    return ConnectionAdmission(
        registry(settings),
        rate_limiter(settings),
        restrictions(settings),
        room_roles(settings),
        gateway(settings),
        disconnector(settings),
        system(),
        _limits(settings),
        replaces_oldest=_replaces_oldest(settings),
    )


@cache
def expected_limit(settings: of.ApiSettings) -> "ExpectedLimit":
    from scorecast.app.expected_limit import ExpectedLimit
    from scorecast.aws.dynamodb.handshake_counters import HandshakeCounters

    return ExpectedLimit(
        HandshakeCounters(connections_table(settings)),
        room_roles(settings),
        system(),
        _limits(settings),
        replaces_oldest=_replaces_oldest(settings),
    )


def _limits(settings: of.SlotSettings) -> "Limits":
    from scorecast.domain.connections.admission import Limits

    return Limits(per_user=settings.connections_per_user, per_ip=settings.connections_per_ip)


def _replaces_oldest(settings: of.SlotSettings) -> bool:
    return settings.connection_limit_policy == "replace_oldest"


@cache
def room_roles(settings: of.MatchesSettings) -> "RoomRoles":
    from scorecast.app.room_roles import RoomRoles

    return RoomRoles(matches(settings))


@cache
def subscriptions(settings: of.SubscriptionsSettings) -> "Subscriptions":
    from scorecast.app.subscribe import Subscriptions
    from scorecast.aws.dynamodb.room_matches import RoomMatches

    return Subscriptions(
        matches(settings),
        RoomMatches(listings(settings), tournament_versions(settings), system()),
        memberships(settings),
        tournament_moves(settings),
        room_roles(settings),
        room_capacity=settings.room_capacity,
        rooms_max=settings.rooms_per_connection,
        names_users=settings.publish_user_ids,
    )


@cache
def match_commands(settings: of.MatchCommandsSettings) -> "MatchCommands":
    from scorecast.app.report import MatchCommands
    from scorecast.aws.dynamodb.idempotency import StoredReplies

    return MatchCommands(
        matches(settings),
        listings(settings),
        scores(settings),
        StoredReplies(matches_table(settings), system()),
        tournament_moves(settings),
        flush_queue(settings),
        system(),
        settings.event_log_days,
    )


@cache
def tournament_moves(settings: of.MatchesSettings) -> "TournamentMoves":
    from scorecast.app.moves import TournamentMoves
    from scorecast.aws.dynamodb.moves import Moves

    return TournamentMoves(matches(settings), Moves(matches_table(settings), system()), system())


@cache
def match_registration(settings: of.MatchCommandsSettings) -> "MatchRegistration":
    from scorecast.app.register import MatchRegistration
    from scorecast.aws.dynamodb.registrations import Registrations

    return MatchRegistration(
        matches(settings),
        Registrations(matches_table(settings), system(), settings.event_log_days),
        tournament_moves(settings),
        tournament_versions(settings),
        flush_queue(settings),
        system(),
    )


@cache
def rate_limiter(settings: of.ConnectionsSettings) -> "RateLimiter":
    from scorecast.aws.dynamodb.rate_limits import RateLimiter

    return RateLimiter(connections_table(settings), system())


@cache
def session_checks(settings: of.MessageSettings) -> "SessionChecks":
    from scorecast.app.session_checks import SessionChecks
    from scorecast.domain.connections.rate_limit import Rate

    return SessionChecks(
        rate_limiter(settings),
        connections(settings),
        disconnector(settings),
        system(),
        user_rate=Rate(settings.messages_per_second_per_user, settings.message_burst_per_user),
        ip_rate=Rate(settings.messages_per_second_per_ip, settings.message_burst_per_ip),
        message_bytes_max=settings.message_bytes_max,
    )


@cache
def dispatcher(settings: of.MessageSettings) -> "Dispatcher":
    from scorecast.app.dispatch import Dispatcher

    return Dispatcher(
        session_checks(settings),
        connections(settings),
        restrictions(settings),
        memberships(settings),
        subscriptions(settings),
        match_commands(settings),
        disconnector(settings),
        lambda token: verifier(settings).verify(token),  # made for the first client that refreshes
        system(),
    )


@cache
def welcome(settings: of.WelcomeSettings) -> "Welcome":
    from scorecast.app.welcome import Welcome

    return Welcome(
        connections(settings),
        subscriptions(settings),
        gateway(settings),
        disconnector(settings),
        system(),
        _heartbeat(settings),
    )


def _heartbeat(settings: of.HeartbeatSettings) -> "Heartbeat":
    from scorecast.domain.connections.idle import Heartbeat

    return Heartbeat(settings.heartbeat_interval_seconds, settings.heartbeat_timeout_seconds)


@cache
def throttle_level(settings: of.MatchesSettings) -> "ThrottleLevel":
    from scorecast.aws.dynamodb.throttle_level import ThrottleLevel

    return ThrottleLevel(_advice(settings.matches_table), system())


@cache
def _advice(table_name: str) -> "Table":
    """A table that is asked once: what only gives advice must not hold up a score."""
    from scorecast.aws.dynamodb.table import Table

    return Table(table_name, _dynamodb(1), lambda: _dynamodb(1), system())


@cache
def load_gauge(settings: of.FlushSettings) -> "LoadGauge":
    from scorecast.app.load import LoadGauge
    from scorecast.aws.dynamodb.matches import Matches
    from scorecast.aws.dynamodb.occupancy import Occupancy

    rooms = _advice(settings.connections_table)
    return LoadGauge(
        Matches(_advice(settings.matches_table), system()),
        Occupancy(rooms, sweep_queue(settings), system()),
        throttle_level(settings),
    )


@cache
def poster(settings: of.PosterSettings) -> "Poster":
    from scorecast.app.post import Poster
    from scorecast.aws.sqs.sweep_queue import SweepQueue

    queue = SweepQueue(settings.sweep_queue_url, _sqs(1))  # asked once, as advice is
    redelivery = _redelivery(settings, queue)
    return Poster(gateway(settings), throttle_level(settings), queue, redelivery, system())


def _redelivery(settings: of.ConnectionsSettings, queue: "SweepQueue") -> "Redelivery":
    from scorecast.app.redelivery import Redelivery

    return Redelivery(queue, undelivered(settings), system())


@cache
def broadcast(settings: of.BroadcastSettings) -> "Broadcast":
    from scorecast.app.broadcast import Broadcast
    from scorecast.aws.sqs.fanout_queue import FanoutQueue

    return Broadcast(
        memberships(settings),
        poster(settings),
        FanoutQueue(settings.fanout_queue_url, _sqs()),
        settings.posts_per_second_budget,
    )


@cache
def flush(settings: of.FlushSettings) -> "Flush":
    from scorecast.app.flush import Flush
    from scorecast.domain.matches.window import Pace

    return Flush(
        matches(settings),
        scores(settings),
        load_gauge(settings),
        broadcast(settings),
        tournament_versions(settings),
        system(),
        Pace(
            quiet_ms=settings.coalesce_window_ms,
            wait_ms_max=settings.coalesce_max_wait_ms,
            posts_per_second=settings.posts_per_second_budget,
            is_leading=settings.coalesce_leading,
        ),
        names_users=settings.publish_user_ids,
    )


@cache
def maintenance(settings: of.SweepSettings) -> "Maintenance":
    from scorecast.app.maintenance.counters import Reconciliation
    from scorecast.app.maintenance.reposts import Reposts
    from scorecast.app.maintenance.slow_consumers import SlowConsumers
    from scorecast.app.maintenance.stale import StaleConnections
    from scorecast.app.maintenance.stalled import StalledMatches
    from scorecast.app.maintenance.tasks import Maintenance
    from scorecast.app.viewer_counts import ViewerCounts

    known, registered = connections(settings), registry(settings)
    posts, queue, stored = gateway(settings), sweep_queue(settings), matches(settings)
    redelivery = _redelivery(settings, queue)
    return Maintenance(
        _idle_sweep(settings),
        StaleConnections(known, registered, posts, queue, redelivery, system()),
        SlowConsumers(known, posts, queue, disconnector(settings), system()),
        StalledMatches(stored, flush_queue(settings), system()),
        Reposts(
            stored,
            posts,
            queue,
            redelivery,
            undelivered(settings),
            settings.posts_per_second_budget,
        ),
        ViewerCounts(occupancy(settings), stored, broadcast(settings), system()),
        _departures(settings),
        _move_completion(settings),
        Reconciliation(connections_table(settings), queue, system()),
        queue,
        system(),
    )


def _departures(settings: of.SweepSettings) -> "Departures":
    from scorecast.app.maintenance.departures import Departures

    return Departures(
        matches(settings),
        memberships(settings),
        tournament_moves(settings),
        disconnector(settings),
        occupancy(settings),
        sweep_queue(settings),
        pool(),
        system(),
    )


def _move_completion(settings: of.SweepSettings) -> "MoveCompletion":
    from scorecast.app.maintenance.moves import MoveCompletion
    from scorecast.aws.dynamodb.moves import Moves

    return MoveCompletion(
        Moves(matches_table(settings), system()),
        _departures(settings),
        cell_directory(),
        sweep_queue(settings),
        pool(),
        system(),
    )


def _idle_sweep(settings: of.SweepSettings) -> "IdleSweep":
    from scorecast.app.maintenance.idle import IdleSweep

    return IdleSweep(
        connections(settings),
        registry(settings),
        connections_table(settings),
        gateway(settings),
        disconnector(settings),
        sweep_queue(settings),
        system(),
        pool(),
        _heartbeat(settings),
        settings.connects_per_second_budget,
        pings_per_second=settings.posts_per_second_budget * PINGS_SHARE,
    )
