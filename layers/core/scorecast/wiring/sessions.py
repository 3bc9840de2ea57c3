"""Use cases of a connection: handshake, welcome, messages, goodbye."""

from functools import cache
from typing import TYPE_CHECKING

from scorecast.runtime import settings as of
from scorecast.wiring import clients, host, reports, tables

if TYPE_CHECKING:
    from scorecast.app.admit import ConnectionAdmission
    from scorecast.app.authorize import Authorization
    from scorecast.app.disconnect import Disconnector
    from scorecast.app.dispatch import Dispatcher
    from scorecast.app.expected_limit import ExpectedLimit
    from scorecast.app.room_roles import RoomRoles
    from scorecast.app.session_checks import SessionChecks
    from scorecast.app.subscribe import Subscriptions
    from scorecast.app.welcome import Welcome
    from scorecast.domain.connections.admission import Limits
    from scorecast.domain.connections.idle import Heartbeat


@cache
def authorization(settings: of.AuthorizerSettings) -> "Authorization":
    from scorecast.app.authorize import Authorization

    # boto3 comes with `tickets`, for the first client that has one.
    return Authorization(
        settings, clients.verifier(settings), lambda ticket: tables.tickets(settings).redeem(ticket)
    )


@cache
def disconnector(settings: of.DisconnectorSettings) -> "Disconnector":
    from scorecast.app.disconnect import Disconnector

    return Disconnector(clients.gateway(settings), tables.registry(settings))


@cache
def connection_admission(settings: of.ConnectSettings) -> "ConnectionAdmission":
    from scorecast.app.admit import ConnectionAdmission

    return ConnectionAdmission(
        tables.registry(settings),
        tables.rate_limiter(settings),
        tables.restrictions(settings),
        room_roles(settings),
        clients.gateway(settings),
        disconnector(settings),
        host.system(),
        _limits(settings),
        replaces_oldest=_replaces_oldest(settings),
    )


@cache
def expected_limit(settings: of.ApiSettings) -> "ExpectedLimit":
    from scorecast.app.expected_limit import ExpectedLimit
    from scorecast.aws.dynamodb.handshake_counters import HandshakeCounters

    return ExpectedLimit(
        HandshakeCounters(tables.connections_table(settings)),
        room_roles(settings),
        host.system(),
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

    return RoomRoles(tables.matches(settings))


@cache
def subscriptions(settings: of.SubscriptionsSettings) -> "Subscriptions":
    from scorecast.app.subscribe import Subscriptions
    from scorecast.aws.dynamodb.room_matches import RoomMatches

    return Subscriptions(
        tables.matches(settings),
        RoomMatches(tables.listings(settings), tables.tournament_versions(settings), host.system()),
        tables.memberships(settings),
        reports.tournament_moves(settings),
        room_roles(settings),
        room_capacity=settings.room_capacity,
        rooms_max=settings.rooms_per_connection,
        names_users=settings.publish_user_ids,
    )


@cache
def session_checks(settings: of.MessageSettings) -> "SessionChecks":
    from scorecast.app.session_checks import SessionChecks
    from scorecast.domain.connections.rate_limit import Rate

    return SessionChecks(
        tables.rate_limiter(settings),
        tables.connections(settings),
        disconnector(settings),
        host.system(),
        user_rate=Rate(settings.messages_per_second_per_user, settings.message_burst_per_user),
        ip_rate=Rate(settings.messages_per_second_per_ip, settings.message_burst_per_ip),
        message_bytes_max=settings.message_bytes_max,
    )


@cache
def dispatcher(settings: of.MessageSettings) -> "Dispatcher":
    from scorecast.app.dispatch import Dispatcher

    return Dispatcher(
        session_checks(settings),
        tables.connections(settings),
        tables.restrictions(settings),
        tables.memberships(settings),
        subscriptions(settings),
        reports.match_commands(settings),
        disconnector(settings),
        lambda token: clients.verifier(settings).verify(
            token
        ),  # made for the first client that refreshes
        host.system(),
    )


@cache
def welcome(settings: of.WelcomeSettings) -> "Welcome":
    from scorecast.app.welcome import Welcome

    return Welcome(
        tables.connections(settings),
        subscriptions(settings),
        clients.gateway(settings),
        disconnector(settings),
        host.system(),
        heartbeat(settings),
    )


def heartbeat(settings: of.HeartbeatSettings) -> "Heartbeat":
    from scorecast.domain.connections.idle import Heartbeat

    return Heartbeat(settings.heartbeat_interval_seconds, settings.heartbeat_timeout_seconds)
