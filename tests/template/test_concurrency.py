"""What runs beside what: reserved concurrency, chains of invocations, the schedule's events."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from tests.template.conftest import Resource, Resources, is_stream
from tests.template.grants import granted

OfType = Callable[[str], Resources]

RESERVED: Final = ("authorizer", "connect", "flush", "fanout", "sweep", "history", "api")
FED_AND_RESERVED: Final = ("flush", "fanout", "sweep")
A_MINUTE: Final = 60


@pytest.fixture
def feeds(of_type: OfType, resources: Resources) -> dict[str, Resource]:
    """The queues' event sources by the function that each feeds."""
    found = {}
    for mapping in of_type("AWS::Lambda::EventSourceMapping").values():
        if is_stream(mapping["Properties"]):
            continue
        function = resources[mapping["Properties"]["FunctionName"]["Ref"]]["Properties"]
        found[function["Handler"].removesuffix(".handler")] = mapping["Properties"]
    return found


@pytest.mark.parametrize("function", RESERVED)
def test_executions_are_reserved_by_parameter_and_by_default_none_are(
    function: str, functions: Resources, template: dict[str, Any]
) -> None:
    parameter = f"{function.capitalize()}Concurrency"
    reserves = f"Reserves{function.capitalize()}"
    choice = {"Fn::If": [reserves, {"Ref": parameter}, {"Ref": "AWS::NoValue"}]}
    assert functions[function]["ReservedConcurrentExecutions"] == choice
    # An account with few executions has none to reserve, and deploys all the same.
    assert template["Parameters"][parameter]["Default"] == 0
    assert template["Conditions"][reserves] == {
        "Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, 0]}]
    }


@pytest.mark.parametrize("function", FED_AND_RESERVED)
def test_a_queue_is_read_by_as_many_as_are_reserved(
    function: str, feeds: dict[str, Resource]
) -> None:
    """More would be throttled, and a throttled record uses up its tries."""
    name = function.capitalize()
    most = {"MaximumConcurrency": {"Ref": f"{name}Concurrency"}}
    assert feeds[function]["ScalingConfig"] == {
        "Fn::If": [f"Reserves{name}", most, {"Ref": "AWS::NoValue"}]
    }


def test_a_crowd_of_newcomers_is_welcomed_by_so_many_at_once(
    feeds: dict[str, Resource], template: dict[str, Any]
) -> None:
    assert feeds["welcome"]["ScalingConfig"] == {
        "MaximumConcurrency": {"Ref": "WelcomeConcurrency"}
    }
    assert template["Parameters"]["WelcomeConcurrency"]["MinValue"] >= 2


def test_a_task_of_the_sweep_waits_for_no_other(feeds: dict[str, Resource]) -> None:
    assert feeds["sweep"]["BatchSize"] == 1


def test_only_a_function_that_is_in_a_chain_with_itself_may_be(
    functions: Resources, resources: Resources, feeds: dict[str, Resource]
) -> None:
    """Lambda stops a chain that comes back to a function about 16 times."""
    for function, properties in functions.items():
        recursive = function in _reachable(function, functions, resources, feeds)
        assert (properties.get("RecursiveLoop") == "Allow") == recursive, function


def _reachable(
    start: str, functions: Resources, resources: Resources, feeds: dict[str, Resource]
) -> set[str]:
    """The functions that this one invokes through queues, directly or by another."""
    found: set[str] = set()
    to_visit = [start]
    while to_visit:
        for each in _invoked(to_visit.pop(), functions, resources, feeds):
            if each not in found:
                found.add(each)
                to_visit.append(each)
    return found


def _invoked(
    function: str, functions: Resources, resources: Resources, feeds: dict[str, Resource]
) -> Iterator[str]:
    role = resources[functions[function]["Role"]["Fn::GetAtt"][0]]["Properties"]
    queues = {queue for action, queue in granted(role, resources) if action == "sqs:SendMessage"}
    for fed, mapping in feeds.items():
        if mapping["EventSourceArn"]["Fn::GetAtt"][0] in queues:
            yield fed


def test_a_minutes_event_is_dropped_when_the_next_one_comes(of_type: OfType) -> None:
    [schedule] = of_type("AWS::Scheduler::Schedule").values()
    assert schedule["Properties"]["ScheduleExpression"] == "rate(1 minute)"
    retried = schedule["Properties"]["Target"]["RetryPolicy"]
    assert retried["MaximumEventAgeInSeconds"] == A_MINUTE
    assert retried["MaximumRetryAttempts"] <= 2

    [invoked] = of_type("AWS::Lambda::EventInvokeConfig").values()
    assert invoked["Properties"]["FunctionName"] == {"Ref": "SweepFunction"}
    assert invoked["Properties"]["MaximumEventAgeInSeconds"] == A_MINUTE
    assert invoked["Properties"]["MaximumRetryAttempts"] == 0
