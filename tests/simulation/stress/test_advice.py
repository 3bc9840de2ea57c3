"""T6, T7: what is only advice, or only follows a fan-out, stops and delays nothing."""

import pytest

from scorecast.domain.delivery import Delivery
from tests.simulation.client import Message
from tests.simulation.outages import Outage
from tests.simulation.simulation import SWEEP_QUEUE, Plan
from tests.simulation.stress.neighbours import is_advice, is_level, is_load
from tests.simulation.stress.setting import QUIET, SECOND_US, Setting, setting, watching

PUBLISHED_S_MAX = 1.0


def _late_s(scenario: Setting, client_id: str, goals: int, sent_s: float) -> float:
    return round(scenario.first_s(client_id, goals) - sent_s, 2)


@pytest.mark.parametrize("matches", [is_load, is_level, is_advice])
def test_t7_scores_are_published_within_1_s_while_reads_for_advice_fail(matches: object) -> None:
    with setting([watching("v")]) as scenario:
        outage = Outage(
            service="dynamodb",
            begins_us=scenario.begun_us,
            ends_us=scenario.begun_us + 60 * SECOND_US,
            operations=frozenset({"Query", "GetItem"}),
            matches=matches,  # type: ignore[arg-type]
        )
        scenario.simulation.calls.outages.append(outage)
        for goals in range(1, 9):
            scenario.score(goals * 5, goals)
        scenario.sweep_until(90)
        scenario.run()
        late_s = [_late_s(scenario, "v", goals, goals * 5) for goals in range(1, 9)]
        assert max(late_s) < PUBLISHED_S_MAX, late_s


@pytest.mark.parametrize("shard_members", [2, 500])
@pytest.mark.parametrize("refused", ["sends", "writes"])
def test_t6_what_follows_a_fan_out_may_fail_without_delay_or_repetition(
    refused: str, shard_members: int
) -> None:
    """A stale connection is to be verified, a throttled one to be struck, a level to be raised."""
    viewers = [watching(f"v{number}") for number in range(6)]
    with setting(viewers, plan=Plan(habits=QUIET, shard_members=shard_members)) as scenario:
        simulation = scenario.simulation
        simulation.gateway.clients["v0"].state = "closed"  # its $disconnect was lost
        scenario.intercept(_throttle)
        outages = {
            "sends": Outage(
                service="sqs",
                begins_us=scenario.begun_us,
                ends_us=scenario.begun_us + 60 * SECOND_US,
                matches=lambda request: request["QueueUrl"] == SWEEP_QUEUE,
            ),
            "writes": Outage(
                service="dynamodb",
                begins_us=scenario.begun_us,
                ends_us=scenario.begun_us + 60 * SECOND_US,
                operations=frozenset({"UpdateItem"}),
                matches=is_level,
            ),
        }
        simulation.calls.outages.append(outages[refused])
        for goals in range(1, 6):
            scenario.score(goals, goals)
        scenario.sweep_until(90)
        scenario.run()
        for healthy in ("v3", "v4", "v5"):
            late_s = [_late_s(scenario, healthy, goals, goals) for goals in range(1, 6)]
            assert max(late_s) < PUBLISHED_S_MAX, late_s
            numbers = [posted.message["data"]["sequence"] for posted in scenario.events(healthy)]
            assert numbers == sorted(set(numbers)), "an event was posted again"


def _throttle(client_id: str, _message: Message) -> Delivery | None:
    return Delivery.THROTTLED if client_id in ("v1", "v2") else None
