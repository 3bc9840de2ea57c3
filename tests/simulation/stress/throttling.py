"""DynamoDB throttled for half a minute, and what requests make of it."""

from collections.abc import Callable
from typing import Final, Literal

from tests.simulation.outages import Outage
from tests.simulation.scheduler import Invocation
from tests.simulation.stress.setting import SECOND_US, Setting, viewer

OUTAGE_S: Final = 30
REQUESTS: Final = ("connect", "message", "api")

type Kind = Literal["throttle", "unprocessed"]


def throttle(scenario: Setting, kind: Kind, share: float = 1.0) -> list[tuple[str, int, float]]:
    """What each request made and took: function, calls, seconds."""
    begun_us = scenario.begun_us + SECOND_US
    scenario.simulation.calls.outages.append(
        Outage(
            service="dynamodb",
            begins_us=begun_us,
            ends_us=begun_us + OUTAGE_S * SECOND_US,
            kind=kind,
            operations=frozenset({"BatchGetItem"} if kind == "unprocessed" else ()),
            share=share,
        )
    )
    requests: list[tuple[str, int, float]] = []

    def ended(function: str, invocation: Invocation) -> None:
        took_s = (scenario.simulation.scheduler.now_us - invocation.begun_us) / SECOND_US
        if function in REQUESTS:
            requests.append((function, invocation.calls, round(took_s, 1)))

    scenario.simulation.on_ended.append(ended)
    return requests


def connecting(scenario: Setting, name: str) -> Callable[[], None]:
    return lambda: scenario.simulation.gateway.connect(viewer(name, tournament_id="t1"))
