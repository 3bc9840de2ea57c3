"""What the template says of queues and functions, where a simulation depends on it."""

from functools import partial

import pytest

from scorecast.app.maintenance import counters
from scorecast.aws.sqs.sweep_queue import PlanReconciliation
from tests.simulation import deployment
from tests.simulation.dynamodb import Request
from tests.simulation.ledger import CONNECTIONS
from tests.simulation.outages import Outage
from tests.simulation.simulation import READERS, SWEEP_QUEUE
from tests.simulation.stress.setting import SECOND_US, setting, watching

SCHEDULE_AGE_US_MAX = 60 * SECOND_US


@pytest.mark.parametrize("function", READERS.values())
def test_a_record_is_kept_until_it_can_become_a_dead_letter(function: str) -> None:
    """Otherwise it expires first, nothing reports it, and the alarm never fires."""
    queue = deployment.queue_of(function)
    assert queue.retention_us > queue.visibility_us * (queue.receive_count_max + 1)


def test_a_task_that_always_fails_becomes_a_dead_letter() -> None:
    with setting([watching("v")]) as scenario:
        scenario.simulation.calls.outages.append(
            Outage(
                service="dynamodb",
                begins_us=scenario.begun_us,
                ends_us=scenario.begun_us + 7_200 * SECOND_US,
                kind="server_error",
            )
        )
        scenario.sweep_until(10)
        scenario.run()
        queue = scenario.simulation.queues.queues[SWEEP_QUEUE]
        assert queue.dead_letters and not queue.expired


def test_the_schedules_event_expires_within_a_minute() -> None:
    assert deployment.function("sweep").event_age_us_max <= SCHEDULE_AGE_US_MAX


@pytest.mark.parametrize("function", READERS.values())
def test_a_record_is_hidden_for_longer_than_its_function_may_take(function: str) -> None:
    queue, settings = deployment.queue_of(function), deployment.function(function)
    assert queue.visibility_us > settings.timeout_us


def test_no_chain_of_reconciliations_is_as_long_as_lambda_stops() -> None:
    """At 1/50 of the size: 40 counters, two to a message."""
    compared: set[str] = set()

    def note(_service: str, operation: str, request: Request) -> None:
        key = request.get("Key", {}).get("pk", {}).get("S", "")
        if operation == "GetItem" and key.startswith("R#"):
            compared.add(key)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(counters, "RECONCILED_MAX", 2)
        with setting([watching("v")]) as scenario:
            table = scenario.simulation.dynamodb.tables[CONNECTIONS]
            item = scenario.item("R#m:m1", "R")
            for number in range(40):
                pk = f"R#m:other-{number}"
                other = item | {"pk": {"S": pk}, "members": {"N": "0"}}
                table.write(scenario.begun_us, (pk, "R"), other)
            scenario.simulation.calls.interceptors.append(note)
            plan = partial(scenario.simulation.put_task, PlanReconciliation())
            scenario.at(5, plan)  # the index of counters lags behind
            scenario.run()
    assert len(compared) >= 40


def test_a_minutes_tasks_are_planned_after_a_queue_outage() -> None:
    """A score's flush request is lost meanwhile: one of these tasks requests its flush."""
    with setting([watching("v")]) as scenario:
        scenario.simulation.calls.outages.append(
            Outage(
                service="sqs",
                begins_us=scenario.begun_us,
                ends_us=scenario.begun_us + 15 * SECOND_US,
                operations=frozenset({"SendMessage"}),
            )
        )
        scenario.at(0.5, scenario.simulation.schedule)
        scenario.score(1, 1)
        scenario.run()
        assert scenario.first_s("v", 1) < 15 + 5
