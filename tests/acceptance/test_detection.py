"""What the alarms count: each reason of a refusal, done until its alarm fires."""

import json
import re
from collections.abc import Callable
from io import StringIO
from typing import Any, Final

import pytest

from infra import template
from scorecast.app.error_boundary import websocket_route
from scorecast.domain.connections.identity import user_hash
from tests.harness.fake_api import FakeApi
from tests.harness.fakes import FakeContext

ALARMS: Final = template.nested("Observability")["Resources"]


def another_origin(fake_api: FakeApi) -> None:
    assert fake_api.connect(origin="https://elsewhere.example.com").status == 403


def no_token(fake_api: FakeApi) -> None:
    assert fake_api.connect(None).status == 401


def denied_user(fake_api: FakeApi) -> None:
    until_ms = fake_api.cloud.system.now_ms() + 3_600_000
    fake_api.cloud.restrictions.deny(user_hash("sp"), until_ms=until_ms)
    fake_api.wait(1)  # else it is over its rate
    assert fake_api.connect("sp").status == 403


def handshake_over_its_rate(fake_api: FakeApi) -> None:
    while fake_api.connect("sp").status != 429:
        pass


def request_over_its_rate(fake_api: FakeApi) -> None:
    while fake_api.http_status("GET", "/matches/m1", token=fake_api.token("sp")) != 429:
        pass


@pytest.fixture
def limited(fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://scores.example.com")
    monkeypatch.setenv("MESSAGE_BURST_PER_USER", "2")
    for limit in ("CONNECTIONS_PER_USER", "CONNECTIONS_PER_IP"):
        monkeypatch.setenv(limit, "100")
    fake_api.register("m1")
    return fake_api


@pytest.mark.parametrize(
    ("alarm", "refused"),
    [
        ("OriginAlarm", another_origin),
        ("BadTokensAlarm", no_token),
        ("DeniedAlarm", denied_user),
        ("HandshakeRateAlarm", handshake_over_its_rate),
        ("RequestsRateLimitedAlarm", request_over_its_rate),
    ],
)
def test_an_alarm_fires_when_its_refusal_happens_too_often(
    limited: FakeApi,
    capsys: pytest.CaptureFixture[str],
    alarm: str,
    refused: Callable[[FakeApi], None],
) -> None:
    rule = ALARMS[alarm]["Properties"]
    for _ in range(rule["Threshold"]):
        refused(limited)
    bearable = total(capsys, rule)
    refused(limited)

    assert not fires(rule, bearable)
    assert fires(rule, bearable + total(capsys, rule))


def test_an_error_of_message_is_counted_and_one_of_another_function_is_not(
    log_lines: StringIO,
) -> None:
    """All functions log into one group."""
    pattern = ALARMS["MessageErrors"]["Properties"]["FilterPattern"]["Fn::Sub"]
    sought = dict(re.findall(r'\$\.(\w+) = "([^"]+)"', pattern))
    for function in ("${MessageFunction}", "${ConnectFunction}"):
        fail({}, FakeContext(function_name=function))

    logged = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    assert [line["level"] for line in logged] == ["ERROR", "ERROR"]
    counted = [line for line in logged if sought.items() <= line.items()]
    assert [line["function_name"] for line in counted] == ["${MessageFunction}"]


@websocket_route
def fail(_event: Any, _context: Any) -> Any:
    raise KeyError


def fires(rule: dict[str, Any], value: float) -> bool:
    assert (rule["Statistic"], rule["ComparisonOperator"]) == ("Sum", "GreaterThanThreshold")
    assert (rule["Namespace"], rule["EvaluationPeriods"]) == ("Scorecast", 1)
    return bool(value > rule["Threshold"])


def total(capsys: pytest.CaptureFixture[str], rule: dict[str, Any]) -> float:
    """The sum of the alarm's metric in what the functions have written meanwhile."""
    metric = rule["MetricName"]
    lines = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    return sum(float(line[metric][0]) for line in lines if metric in line and "_aws" in line)
