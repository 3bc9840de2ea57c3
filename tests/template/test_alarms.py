"""What the alarms see: every index, every price, every reason."""

import re
from typing import Any, Final

import pytest

from infra.cost import DOLLARS, MESSAGE, READ, WRITE
from tests.template.conftest import Resource, Resources

METRICS_OF_ONE_ALARM_MAX: Final = 10
"""CloudWatch's limit for an expression."""
A_QUARTER_OF_AN_HOUR: Final = 900


@pytest.fixture
def alarms(observability: dict[str, Any]) -> dict[str, Resource]:
    return {
        name: resource["Properties"]
        for name, resource in observability["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def test_an_expression_uses_each_metric_of_its_alarm(alarms: dict[str, Resource]) -> None:
    for name, alarm in alarms.items():
        if "Metrics" in alarm:
            assert _measured(alarm).keys() == _words(_expression(alarm)), name
            assert len(_measured(alarm)) <= METRICS_OF_ONE_ALARM_MAX, name


@pytest.mark.parametrize(
    ("table", "resource"),
    [("ConnectionsTable", "LiveConnectionsTable"), ("MatchesTable", "MatchesTable")],
)
def test_a_throttled_index_is_seen(
    table: str, resource: str, alarms: dict[str, Resource], resources: Resources
) -> None:
    """The metric of a table alone does not count its indexes, and those fail the table's writes."""
    indexes = resources[resource]["Properties"]["GlobalSecondaryIndexes"]
    expected = {
        (measure, index)
        for measure in ("ReadThrottleEvents", "WriteThrottleEvents")
        for index in (None, *(each["IndexName"] for each in indexes))
    }
    seen = set()
    for metric in _measured(alarms[f"{table}ThrottledAlarm"]).values():
        dimensions = _dimensions(metric)
        assert dimensions["TableName"] == {"Ref": table}
        seen.add((metric["MetricName"], dimensions.get("GlobalSecondaryIndexName")))
    assert seen == expected


def test_spend_is_estimated_at_the_prices_of_the_cost_model(alarms: dict[str, Resource]) -> None:
    alarm = alarms["SpendAlarm"]
    assert alarm["Threshold"] == {"Ref": "SpendPerHourAlarm"}
    price_of = {"messages": MESSAGE, "requests": MESSAGE}
    used = {
        name: price_of.get(name, WRITE if name.endswith("writes") else READ)
        for name in _measured(alarm)
    }
    found = eval(  # an expression of ours, in which there is nothing but arithmetic
        _expression(alarm),
        {"__builtins__": {}, "FILL": lambda value, _: value},
        {name: 1_000_000 for name in used},
    )
    four_quarters = 4 * 1_000_000 * sum(DOLLARS[unit] for unit in used.values())
    assert found == pytest.approx(four_quarters)


def test_spend_is_counted_over_what_its_expression_multiplies(alarms: dict[str, Resource]) -> None:
    for query in alarms["SpendAlarm"]["Metrics"]:
        if "MetricStat" in query:
            assert query["MetricStat"]["Period"] == A_QUARTER_OF_AN_HOUR
            assert query["MetricStat"]["Stat"] == "Sum"


def test_each_reason_of_a_refusal_has_an_alarm(alarms: dict[str, Resource]) -> None:
    watched = {alarm.get("MetricName") for alarm in alarms.values()}
    assert watched >= {
        "ConnectionsRefusedByUserLimit",
        "ConnectionsRefusedByIpLimit",
        "AbuseCloses",
        "ConnectionsRefusedByRate",
        "ConnectionsRevoked",
        "ConnectionsRefusedByOrigin",
        "ConnectionsRefusedByToken",
        "ConnectionsDenied",
        "RequestsRateLimited",
    }


def _measured(alarm: Resource) -> dict[str, Resource]:
    return {
        query["Id"]: query["MetricStat"]["Metric"]
        for query in alarm["Metrics"]
        if "MetricStat" in query
    }


def _dimensions(metric: Resource) -> dict[str, Any]:
    return {each["Name"]: each["Value"] for each in metric["Dimensions"]}


def _expression(alarm: Resource) -> str:
    [expression] = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
    return str(expression)


def _words(expression: str) -> set[str]:
    return set(re.findall(r"[a-z_]+", expression))
