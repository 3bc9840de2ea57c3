"""One match with one viewer, beside another match whose room is in trouble."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from scorecast.domain.delivery import Delivery
from tests.simulation.client import Message
from tests.simulation.outages import Outage
from tests.simulation.stress.setting import SECOND_US, Setting, fill_buffers, setting, watching

ROOM: Final = 30
TIMED_OUT_US: Final = 1_500_000
"""As long as a post may take."""

SENT_S: Final = tuple(10.0 + number * 3 for number in range(16))
"""When the quiet match's scores are reported; the other's come every two seconds."""

ILL_FATED: Final = tuple(f"ill-fated-{number}" for number in range(len(SENT_S) // 2))

type Trouble = Callable[[Setting], None]


def latencies_s(trouble: Trouble, seed: int = 1) -> list[float]:
    """From a report of the quiet match to its post; infinite if there is none."""
    room = [watching(f"v{number}", "m2") for number in range(ROOM)]
    matches = ("m1", "m2", *ILL_FATED)
    with setting([watching("other"), *room], matches=matches, seed=seed) as scenario:
        trouble(scenario)
        for number in range(35):
            scenario.score(number * 2, number + 1, match_id="m2")
        for goals, at_s in enumerate(SENT_S, start=1):
            scenario.score(at_s, goals)
        scenario.sweep_until(200)
        scenario.run()
        return [scenario.first_s("other", goals) - at_s for goals, at_s in enumerate(SENT_S, 1)]


def nothing(_scenario: Setting) -> None:
    """The room is well."""


def deaf(scenario: Setting, number: int = 2) -> None:
    """Some of the room's clients read nothing, and their buffers are full."""
    for place in range(number):
        client = scenario.simulation.gateway.clients[f"v{place}"]
        client.reads = client.answers_pings = False
    fill_buffers(scenario)


def hanging(scenario: Setting) -> None:
    """No post to one of the room's clients is ever answered."""
    scenario.intercept(partial(_time_out, scenario))


def _time_out(scenario: Setting, client_id: str, _message: Message) -> Delivery | None:
    if client_id != "v0":
        return None
    scenario.simulation.scheduler.sleep(TIMED_OUT_US)
    return Delivery.FAILED


def killed(scenario: Setting) -> None:
    """With every other report of the quiet match one of another comes, whose flush dies."""
    left = set(ILL_FATED)
    scheduler = scenario.simulation.scheduler

    def kill(_service: str, operation: str, request: dict[str, Any]) -> None:
        match_id = request.get("Key", {}).get("pk", {}).get("S", "").removeprefix("M#")
        is_flush = scheduler.current and scheduler.current.invocation.name.startswith("flush")
        if is_flush and operation == "UpdateItem" and match_id in left:
            left.remove(match_id)
            scheduler.crash()

    scenario.simulation.calls.interceptors.append(kill)
    for match_id, at_s in zip(ILL_FATED, SENT_S[::2], strict=True):
        scenario.score(at_s, 1, match_id=match_id)


def throttled_posts(scenario: Setting) -> None:
    """The account's quota throttles one post in fifty."""
    scenario.simulation.gateway.network.false_throttled = 0.02


def throttled_advice(scenario: Setting) -> None:
    """Reads of load and throttle level are throttled for a minute."""
    scenario.simulation.calls.outages.append(
        Outage(
            service="dynamodb",
            begins_us=scenario.begun_us,
            ends_us=scenario.begun_us + 60 * SECOND_US,
            operations=frozenset({"Query", "GetItem"}),
            matches=is_advice,
        )
    )


def is_advice(request: dict[str, Any]) -> bool:
    return is_load(request) or is_level(request)


def is_load(request: dict[str, Any]) -> bool:
    """How many matches are live."""
    return request.get("IndexName") == "pending"


def is_level(request: dict[str, Any]) -> bool:
    """How much posts have been throttled lately."""
    key: str = request.get("Key", {}).get("pk", {}).get("S", "")
    return key.startswith("P#")
