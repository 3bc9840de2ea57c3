"""The queues and the event bus."""

from functools import cache
from typing import TYPE_CHECKING

from scorecast.runtime import settings as of
from scorecast.wiring import clients

if TYPE_CHECKING:
    from scorecast.aws.event_bus import EventBus
    from scorecast.aws.sqs.dead_letters import DeadLetters
    from scorecast.aws.sqs.flush_queue import FlushQueue
    from scorecast.aws.sqs.records import RecordQueue
    from scorecast.aws.sqs.sweep_queue import SweepQueue
    from scorecast.aws.sqs.welcome_queue import WelcomeQueue


@cache
def flush_queue(settings: of.FlushQueueSettings) -> "FlushQueue":
    from scorecast.aws.sqs.flush_queue import FlushQueue

    return FlushQueue(settings.flush_queue_url, clients.sqs())


@cache
def sweep_queue(settings: of.SweepQueueSettings) -> "SweepQueue":
    from scorecast.aws.sqs.sweep_queue import SweepQueue

    return SweepQueue(settings.sweep_queue_url, clients.sqs())


@cache
def welcome_queue(settings: of.ConnectSettings) -> "WelcomeQueue":
    from scorecast.aws.sqs.welcome_queue import WelcomeQueue

    return WelcomeQueue(settings.welcome_queue_url, clients.sqs())


@cache
def dead_letters(url: str) -> "DeadLetters":
    from scorecast.aws.sqs.dead_letters import DeadLetters

    return DeadLetters(url, clients.sqs())


@cache
def event_bus(settings: of.EventBusSettings) -> "EventBus":
    from scorecast.aws.event_bus import EventBus

    return EventBus(settings.event_bus_name, clients.events())


@cache
def record_queue(url: str) -> "RecordQueue":
    from scorecast.aws.sqs.records import RecordQueue

    return RecordQueue(url, clients.sqs())
