"""docs/operations.md against the template and the code: parameters, alarms, metrics."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from infra import template as source
from infra.local.paths import ROOT
from scorecast.app import admit
from scorecast.app.maintenance import idle
from scorecast.domain.delivery import Delivery, metrics_of
from tests.docs.pages import page, rows, section, words

PAGE: Final = page("operations.md")
COUNTED_BY_NAME: Final = {
    "admit": set(admit.METRICS.values()),
    "idle": set(idle._METRICS.values()),
    "post": set(metrics_of({str(outcome): outcome for outcome in Delivery})),
    "reposts": set(metrics_of({str(outcome): outcome for outcome in Delivery})),
}
"""Metrics whose names are not written in a call of `count`, by the module that counts them."""


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return source.written()


@pytest.fixture(scope="module")
def observability() -> dict[str, Any]:
    return source.nested("Observability")


def test_the_page_has_every_parameter_with_its_default(template: dict[str, Any]) -> None:
    stated = {
        words(name)[0]: (words(default) or [""])[0]
        for name, default, _ in rows(section(PAGE, "## Parameters"))
        if words(name)
    }
    defined = {name: str(each["Default"]) for name, each in template["Parameters"].items()}
    assert stated == defined


def test_the_page_says_of_every_alarm_what_to_do(observability: dict[str, Any]) -> None:
    headings = re.findall(r"^### (\w+)$", section(PAGE, "## Alarms"), re.MULTILINE)
    assert sorted(headings) == sorted(_alarms(observability))


def test_the_page_has_every_metric() -> None:
    stated = {words(row[0])[0] for row in rows(section(PAGE, "## Metrics")) if words(row[0])}
    assert stated == set(_counted())


def test_the_template_watches_metrics_that_there_are() -> None:
    text = source.NESTED["Observability"].read_text()
    watched = re.findall(r'"Scorecast", "(\w+)"', text)
    watched += re.findall(r"Namespace: Scorecast\n\s+MetricName: (\w+)", text)
    watched += re.findall(r"Namespace: Scorecast, MetricName: (\w+)", text)
    assert {"CounterDrift", "PostsThrottled"} <= set(watched) <= set(_counted())


def test_alarms_are_made_in_aws_only(template: dict[str, Any]) -> None:
    assert template["Resources"]["Observability"]["Condition"] == "InAws"
    assert not _alarms(template)


def test_every_alarm_is_sent_to_the_topic_and_shown(observability: dict[str, Any]) -> None:
    board = observability["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    shown = json.loads(board)["widgets"][0]["properties"]["alarms"]
    alarms = _alarms(observability)
    # An alarm of an optional part is not there to be shown where that part is off.
    always = [name for name in alarms if "Condition" not in observability["Resources"][name]]
    assert sorted(shown) == sorted(f"${{{name}.Arn}}" for name in always)
    for name, alarm in alarms.items():
        assert "AlarmTopicArn" in str(alarm["AlarmActions"]), name


def _alarms(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }


def _counted() -> Iterator[str]:
    for folder in ("layers/core/scorecast", "functions"):
        for path in (ROOT / folder).rglob("*.py"):
            for call in _calls_of_count(ast.parse(path.read_text())):
                for word in call.keywords:
                    if word.arg is None:
                        yield from COUNTED_BY_NAME[path.stem]
                    else:
                        yield word.arg


def _calls_of_count(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "count":
            yield node
