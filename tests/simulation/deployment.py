"""What the template says of the functions and their queues, so that the model cannot differ."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from samtranslator.yaml_helper import yaml_parse

_TEMPLATE: Final = Path(__file__).parents[2] / "template.yaml"
_EVENT_AGE_SECONDS_MAX: Final = 6 * 60 * 60
"""Lambda keeps an asynchronous event for as long if the template does not say less."""

type Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class QueueSettings:
    is_fifo: bool
    batch_max: int
    receive_count_max: int
    visibility_us: int
    retention_us: int


@dataclass(frozen=True, slots=True)
class FunctionSettings:
    timeout_us: int
    may_recurse: bool
    """Whether Lambda leaves a chain of this function's invocations alone, however long."""
    event_age_us_max: int


@cache
def _template() -> dict[str, Any]:
    return dict(yaml_parse(_TEMPLATE.read_text()))


@cache
def _function(name: str) -> Resource:
    """The function whose handler is in this module."""
    for resource in _template()["Resources"].values():
        properties: Resource = resource.get("Properties", {})
        if properties.get("Handler") == f"{name}.handler":
            return properties
    raise LookupError(f"no function runs {name}.handler")


@cache
def function(name: str) -> FunctionSettings:
    properties = _template()["Globals"]["Function"] | _function(name)
    invoked = properties.get("EventInvokeConfig", {})
    age_s = invoked.get("MaximumEventAgeInSeconds", _EVENT_AGE_SECONDS_MAX)
    return FunctionSettings(
        timeout_us=_number(properties["Timeout"]) * 1_000_000,
        may_recurse=properties.get("RecursiveLoop") == "Allow",
        event_age_us_max=_number(age_s) * 1_000_000,
    )


@cache
def queue_of(name: str, *, in_aws: bool = True) -> QueueSettings:
    """The queue that invokes a function, in AWS or in the local cloud."""
    sources = [e for e in _function(name)["Events"].values() if e["Type"] == "SQS"]
    (source,) = (each["Properties"] for each in sources)
    queue = _template()["Resources"][_logical_id(source["Queue"])]["Properties"]
    return QueueSettings(
        is_fifo=bool(queue.get("FifoQueue")),
        batch_max=_number(source["BatchSize"], in_aws=in_aws),
        receive_count_max=_number(queue["RedrivePolicy"]["maxReceiveCount"]),
        visibility_us=_number(queue["VisibilityTimeout"]) * 1_000_000,
        retention_us=_number(queue["MessageRetentionPeriod"]) * 1_000_000,
    )


@cache
def stream_of(name: str) -> Resource:
    """The event source by which a table's stream invokes a function."""
    [source] = [e for e in _function(name)["Events"].values() if e["Type"] == "DynamoDB"]
    properties: Resource = source["Properties"]
    return properties


def _logical_id(arn: Resource) -> str:
    """Of `!GetAtt Queue.Arn`."""
    (value,) = arn.values()
    return str(value[0] if isinstance(value, list) else value.partition(".")[0])


def _number(value: Any, *, in_aws: bool = True) -> int:
    """Of a number, a parameter, or a choice between AWS and the local cloud."""
    match value:
        case {"Ref": parameter}:
            return int(_template()["Parameters"][parameter]["Default"])
        case {"Fn::If": ["InAws", there, here]}:
            return _number(there if in_aws else here)
    return int(value)
