"""Use cases of the sweep."""

from functools import cache
from typing import TYPE_CHECKING

from scorecast.protocol.limits import PINGS_SHARE
from scorecast.runtime import settings as of
from scorecast.wiring import clients, delivery, host, queues, reports, sessions, tables

if TYPE_CHECKING:
    from scorecast.app.maintenance.departures import Departures
    from scorecast.app.maintenance.idle import IdleSweep
    from scorecast.app.maintenance.moves import MoveCompletion
    from scorecast.app.maintenance.tasks import Maintenance


@cache
def maintenance(settings: of.SweepSettings) -> "Maintenance":
    from scorecast.app.maintenance.counters import Reconciliation
    from scorecast.app.maintenance.reposts import Reposts
    from scorecast.app.maintenance.slow_consumers import SlowConsumers
    from scorecast.app.maintenance.stale import StaleConnections
    from scorecast.app.maintenance.stalled import StalledMatches
    from scorecast.app.maintenance.tasks import Maintenance
    from scorecast.app.viewer_counts import ViewerCounts

    known, registered = tables.connections(settings), tables.registry(settings)
    posts, queue, stored = (
        clients.gateway(settings),
        queues.sweep_queue(settings),
        tables.matches(settings),
    )
    redelivery = delivery.redelivery(settings, queue)
    return Maintenance(
        _idle_sweep(settings),
        StaleConnections(known, registered, posts, queue, redelivery, host.system()),
        SlowConsumers(known, posts, queue, sessions.disconnector(settings), host.system()),
        StalledMatches(stored, queues.flush_queue(settings), host.system()),
        Reposts(
            stored,
            posts,
            queue,
            redelivery,
            tables.undelivered(settings),
            settings.posts_per_second_budget,
        ),
        ViewerCounts(
            tables.occupancy(settings), stored, delivery.broadcast(settings), host.system()
        ),
        _departures(settings),
        _move_completion(settings),
        Reconciliation(tables.connections_table(settings), queue, host.system()),
        queue,
        host.system(),
    )


@cache
def _departures(settings: of.SweepSettings) -> "Departures":
    from scorecast.app.maintenance.departures import Departures

    return Departures(
        tables.matches(settings),
        tables.memberships(settings),
        reports.tournament_moves(settings),
        sessions.disconnector(settings),
        tables.occupancy(settings),
        queues.sweep_queue(settings),
        host.pool(),
        host.system(),
    )


def _move_completion(settings: of.SweepSettings) -> "MoveCompletion":
    from scorecast.app.maintenance.moves import MoveCompletion

    return MoveCompletion(
        tables.moves(settings),
        _departures(settings),
        clients.cell_directory(),
        queues.sweep_queue(settings),
        host.pool(),
        host.system(),
    )


def _idle_sweep(settings: of.SweepSettings) -> "IdleSweep":
    from scorecast.app.maintenance.idle import IdleSweep

    return IdleSweep(
        tables.connections(settings),
        tables.registry(settings),
        tables.connections_table(settings),
        clients.gateway(settings),
        sessions.disconnector(settings),
        queues.sweep_queue(settings),
        host.system(),
        host.pool(),
        sessions.heartbeat(settings),
        settings.connects_per_second_budget,
        pings_per_second=settings.posts_per_second_budget * PINGS_SHARE,
    )
