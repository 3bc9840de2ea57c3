"""The path of a score from a match to its viewers."""

from functools import cache
from typing import TYPE_CHECKING

from scorecast.runtime import settings as of
from scorecast.wiring import clients, host, queues, tables

if TYPE_CHECKING:
    from scorecast.app.broadcast import Broadcast
    from scorecast.app.flush import Flush
    from scorecast.app.load import LoadGauge
    from scorecast.app.post import Poster
    from scorecast.app.redelivery import Redelivery
    from scorecast.aws.sqs.sweep_queue import SweepQueue


@cache
def load_gauge(settings: of.FlushSettings) -> "LoadGauge":
    from scorecast.app.load import LoadGauge
    from scorecast.aws.dynamodb.matches import Matches
    from scorecast.aws.dynamodb.occupancy import Occupancy

    rooms = tables.advice(settings.connections_table)
    return LoadGauge(
        Matches(tables.advice(settings.matches_table), host.system()),
        Occupancy(rooms, queues.sweep_queue(settings), host.system()),
        tables.throttle_level(settings),
    )


@cache
def poster(settings: of.PosterSettings) -> "Poster":
    from scorecast.app.post import Poster
    from scorecast.aws.sqs.sweep_queue import SweepQueue

    queue = SweepQueue(settings.sweep_queue_url, clients.sqs(1))  # a single attempt, as for advice
    return Poster(
        clients.gateway(settings),
        tables.throttle_level(settings),
        queue,
        redelivery(settings, queue),
        host.system(),
    )


def redelivery(settings: of.ConnectionsSettings, queue: "SweepQueue") -> "Redelivery":
    from scorecast.app.redelivery import Redelivery

    return Redelivery(queue, tables.undelivered(settings), host.system())


@cache
def broadcast(settings: of.BroadcastSettings) -> "Broadcast":
    from scorecast.app.broadcast import Broadcast
    from scorecast.aws.sqs.fanout_queue import FanoutQueue

    return Broadcast(
        tables.memberships(settings),
        poster(settings),
        FanoutQueue(settings.fanout_queue_url, clients.sqs()),
        settings.posts_per_second_budget,
    )


@cache
def flush(settings: of.FlushSettings) -> "Flush":
    from scorecast.app.flush import Flush
    from scorecast.domain.matches.window import Pace

    return Flush(
        tables.matches(settings),
        tables.scores(settings),
        load_gauge(settings),
        broadcast(settings),
        tables.tournament_versions(settings),
        host.system(),
        Pace(
            quiet_ms=settings.coalesce_window_ms,
            wait_ms_max=settings.coalesce_max_wait_ms,
            posts_per_second=settings.posts_per_second_budget,
            is_leading=settings.coalesce_leading,
        ),
        names_users=settings.publish_user_ids,
    )
