"""Names lead where they say: variables, the nested stack's parameters, dead letters, metrics."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from infra.template import NESTED, nested
from scorecast.runtime.settings import READS
from tests.template.conftest import Resource, Resources

NO_SUCH_NAME: Final = {
    "GATEWAY_ENDPOINT": "put together from the socket's id",
    "SOCKET_URL": "as the output of that name",
    "HTTP_URL": "as the output of that name",
    "POWERTOOLS_METRICS_NAMESPACE": "constant: stacks differ by the dimension `service`",
    "POWERTOOLS_SERVICE_NAME": "the stack's name",
    "POWERTOOLS_LOG_LEVEL": "LogLevel",
}
"""Variables that are named after no parameter and no resource, each with its source."""

RENAMED: Final = {"ConnectionsTable": "LiveConnectionsTable"}
"""Resources that stand for an earlier one, under a new logical id."""

NESTED_FROM_OTHERS: Final = {
    "ConnectionsTable": ["LiveConnectionsTable"],
    "StackName": [],
    "SocketStage": ["SocketliveStage"],
    "SocketHost": ["SocketDomain", "Socket"],
    "HttpHost": ["Http"],
}
"""What nested stacks get under another name than its own."""

METRICS_OF_API: Final = {
    "Socket": {"ConnectCount", "MessageCount", "ClientError", "IntegrationError", "ExecutionError"},
    "Http": {"Count", "4xx", "5xx", "Latency", "IntegrationLatency", "DataProcessed"},
}
"""API Gateway names the metrics of a WebSocket API and of an HTTP API differently."""


def _names_in(value: Any) -> Iterator[str]:
    """The parameters and resources that a value is made from."""
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case {"Fn::If": [_, *choices]}:
            yield from _names_in(choices)
        case {"Fn::Sub": str(text)}:
            yield from re.findall(r"\$\{([\w:]+)", text)
        case list():
            for each in value:
                yield from _names_in(each)


def _named_like(variable: str) -> set[str]:
    """What a variable may be made from: `FLUSH_QUEUE_URL` from FlushQueue."""
    words = "".join(word.capitalize() for word in variable.split("_"))
    words = RENAMED.get(words, words)
    return {words, words.removesuffix("Url"), words.removesuffix("Arn")}


@pytest.mark.parametrize("function", sorted(READS))
def test_a_variable_comes_from_what_has_its_name(function: str, functions: Resources) -> None:
    for variable, value in functions[function]["Environment"]["Variables"].items():
        if variable not in NO_SUCH_NAME:
            sources = set(_names_in(value))
            assert sources and sources <= _named_like(variable), variable


def test_the_gateways_address_is_the_sockets(functions: Resources) -> None:
    for function, properties in functions.items():
        condition, in_aws, locally = properties["Environment"]["Variables"]["GATEWAY_ENDPOINT"][
            "Fn::If"
        ]
        assert condition == "InAws", function
        assert in_aws["Fn::Sub"].startswith("https://${Socket}.execute-api."), function
        assert locally["Fn::Sub"] == "${LocalEndpoint}/_aws/execute-api/${Socket}/live", function


@pytest.mark.parametrize("stack", sorted(NESTED))
def test_a_nested_stack_gets_each_thing_under_its_own_name(
    stack: str, resources: Resources
) -> None:
    given = resources[stack]["Properties"]["Parameters"]
    assert given.keys() == nested(stack)["Parameters"].keys()
    for name, value in given.items():
        sources = [each for each in _names_in(value) if not each.startswith("AWS::")]
        assert sources == NESTED_FROM_OTHERS.get(name, [name]), name


def test_the_nested_stack_gets_the_names_of_queues_not_their_addresses(
    resources: Resources,
) -> None:
    for name, value in resources["Observability"]["Properties"]["Parameters"].items():
        if name.endswith("Queue"):
            named = {"Fn::GetAtt": [name, "QueueName"]}
            condition = resources[name].get("Condition")
            assert value == ({"Fn::If": [condition, named, ""]} if condition else named)


@pytest.mark.parametrize("queue", ["Flush", "Fanout", "Welcome", "Sweep"])
def test_a_queues_dead_letters_go_to_its_own_queue_and_alarm(
    queue: str, resources: Resources, observability: dict[str, Any]
) -> None:
    redrive = resources[f"{queue}Queue"]["Properties"]["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [f"{queue}DeadLetterQueue", "Arn"]}
    alarm = observability["Resources"][f"{queue}DeadLettersAlarm"]["Properties"]
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm["Dimensions"] == [
        {"Name": "QueueName", "Value": {"Ref": f"{queue}DeadLetterQueue"}}
    ]


def test_one_dead_letter_is_enough_for_an_alarm(observability: dict[str, Any]) -> None:
    """Letters are counted as they lie there: a sum counts each twice, a mean loses one of many."""
    found = {name: alarm for name, alarm in _alarms(observability).items() if "DeadLetters" in name}
    assert len(found) == 6
    for name, alarm in found.items():
        threshold = alarm["Statistic"], alarm["ComparisonOperator"], alarm["Threshold"]
        assert threshold == ("Maximum", "GreaterThanThreshold", 0), name


@pytest.mark.parametrize("queue", ["Flush", "Fanout"])
def test_the_age_of_a_queue_is_that_of_its_oldest_record(
    queue: str, observability: dict[str, Any]
) -> None:
    alarm = _alarms(observability)[f"{queue}QueueAgeAlarm"]
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Ref": f"{queue}Queue"}}]
    assert alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
    assert alarm["Statistic"] == "Maximum"


def test_an_alarm_of_waiting_messages_looks_at_the_queue_of_its_name(
    observability: dict[str, Any],
) -> None:
    for name, alarm in _alarms(observability).items():
        if name.endswith("QueueAgeAlarm"):
            assert alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
            queue = {"Ref": name.removesuffix("AgeAlarm")}
            assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": queue}]


def test_an_alarm_of_an_api_uses_the_metrics_of_its_kind(observability: dict[str, Any]) -> None:
    found = set()
    for name, alarm in _alarms(observability).items():
        if alarm.get("Namespace") == "AWS/ApiGateway":
            dimensions = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
            api = dimensions["ApiId"]["Ref"]
            assert name.startswith(api)
            assert alarm["MetricName"] in METRICS_OF_API[api], name
            assert dimensions.get("Stage") == ("live" if api == "Socket" else None), name
            found.add(api)
    assert found == METRICS_OF_API.keys()


def test_the_metrics_of_an_expression_are_of_what_their_ids_say(
    observability: dict[str, Any],
) -> None:
    for name, alarm in _alarms(observability).items():
        for query in alarm.get("Metrics", []):
            if "MetricStat" in query:
                [dimension, *_] = query["MetricStat"]["Metric"]["Dimensions"]
                if dimension["Name"] == "FunctionName" and query["Id"] not in ("asked", "refused"):
                    function = f"{query['Id'].capitalize()}Function"
                    assert dimension["Value"] == {"Ref": function}, name


def test_the_dashboard_shows_what_its_labels_say(observability: dict[str, Any]) -> None:
    for metric in _dashboard_metrics(observability):
        namespace, measure, _, value, *_ = metric
        if namespace == "AWS/ApiGateway":
            assert measure in METRICS_OF_API[value.strip("${}")], metric
        if namespace == "AWS/Lambda":
            assert value == f"${{{metric[-1]['label'].capitalize()}Function}}"
        if namespace == "AWS/SQS":
            dead = "DeadLetter" if measure == "ApproximateNumberOfMessagesVisible" else ""
            assert value == f"${{{metric[-1]['label'].capitalize()}{dead}Queue}}"


def _alarms(observability: dict[str, Any]) -> dict[str, Resource]:
    return {
        name: resource["Properties"]
        for name, resource in observability["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def _dashboard_metrics(observability: dict[str, Any]) -> Iterator[list[Any]]:
    text = observability["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    for widget in json.loads(text)["widgets"]:
        yield from widget["properties"].get("metrics", [])
