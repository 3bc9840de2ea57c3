"""Invariant I10: no token, no IP address and no name in any log line or metric.

A client whose token, address and name are marked goes every way there is, the wrong ones too, and
everything that the service wrote at level DEBUG is searched for the marks.
"""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from scorecast.protocol.limits import REFRESH_GRACE_SECONDS
from scorecast.runtime import telemetry
from tests.harness.fake_api import FakeApi
from tests.harness.wire import Attempt, Fault, Wire

NAME: Final = "Canary McName"
IP: Final = "203.0.113.77"
IPV6: Final = "2001:db8:77:1::9"
ACCESS: Final = "canary-claim"
"""Stands in the token's payload, beside the name; so it shows where a decoded token would."""


class Written:
    """Log lines, formatted as they go to CloudWatch, and metrics, which are printed."""

    def __init__(self, lines: io.StringIO, printed: pytest.CaptureFixture[str]) -> None:
        self._lines, self._printed = lines, printed
        self._kept = ""

    def all(self) -> str:
        captured = self._printed.readouterr()
        self._kept += captured.out + captured.err
        return self._lines.getvalue() + self._kept


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Iterator[Written]:
    lines = io.StringIO()
    powertools = telemetry.log()
    copied = logging.StreamHandler(lines)
    copied.setFormatter(powertools.registered_formatter)
    logger = logging.getLogger(powertools.service)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(copied)
    yield Written(lines, capsys)
    logger.removeHandler(copied)
    logger.setLevel(level)


def marked_token(fake_api: FakeApi, *, seconds: float = 3600) -> str:
    return fake_api.token("u1", seconds=seconds, name=NAME, scope=ACCESS)


def assert_unmarked(written: Written, *tokens: str) -> None:
    text = written.all()
    assert "ConnectionsAdmitted" in text, "something was written"
    parts = [part for token in tokens for part in token.split(".")]
    for mark in (NAME, NAME.split()[0], IP, IPV6, "2001:db8:77", ACCESS, *tokens, *parts[1:]):
        assert mark not in text


@pytest.mark.parametrize("ip", [IP, IPV6])
def test_I10_the_ways_that_clients_go(fake_api: FakeApi, written: Written, ip: str) -> None:
    """no token, no IP address and no name in any log line or metric"""
    fake_api.register("m1")
    token, newer = marked_token(fake_api, seconds=60), marked_token(fake_api)

    socket = fake_api.enter("u1", ip=ip, token=token, match_id="m1")
    for text in ("", "{", '{"type":"ping"}', json.dumps({"type": NAME, "token": token})):
        socket.send_text(text)
    socket.command("refresh", token=newer, surplus=NAME)
    socket.command("refresh", token=newer + "x")
    socket.command("match_start", match_id="m1", id=NAME)
    socket.command("dispute_create", match_id="m1", reason=f"{NAME} at {ip}")
    fake_api.wait(60)
    socket.command("ping")
    socket.command("refresh", token=newer)
    socket.command("subscribe", match_id="nowhere")
    fake_api.pass_time(80)
    socket.close()
    socket.command("ping")

    assert_unmarked(written, token, newer)


def test_I10_refusals(fake_api: FakeApi, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """no token, no IP address and no name in any log line or metric"""
    monkeypatch.setenv("CONNECTIONS_PER_USER", "1")
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://scores.example.com")
    token, expired = marked_token(fake_api), marked_token(fake_api, seconds=-60)

    socket = fake_api.enter("u1", ip=IP, token=token)
    fake_api.wait(REFRESH_GRACE_SECONDS)
    statuses = [
        fake_api.connect(ip=IP, token=token).status,
        fake_api.connect(ip=IP, token=expired).status,
        fake_api.connect(ip=IP, token=token[:-4] + "AAAA").status,
        fake_api.connect(ip=IP, token=f"{NAME} {IP}").status,
        fake_api.connect(ip=IP, token=token, origin=f"https://{IP}").status,
    ]
    assert statuses == [429, 401, 401, 401, 403]
    for _ in range(40):
        socket.command("ping")
    assert socket.goodbyes == [(4008, "rate_limit_exceeded")]

    assert_unmarked(written, token, expired)


def only(service: str, fault: Fault) -> Callable[[Attempt], Fault | None]:
    return lambda attempt: fault if attempt.service == service else None


@pytest.mark.parametrize("fault", list(Fault))
def test_I10_failures(fake_api: FakeApi, wire: Wire, written: Written, fault: Fault) -> None:
    """no token, no IP address and no name in any log line or metric"""
    fake_api.register("m1")
    token, newer = marked_token(fake_api), marked_token(fake_api)
    socket = fake_api.enter("u1", ip=IP, token=token)

    for service in ("DynamoDB", "AmazonSQS"):
        wire.fault = only(service, fault)
        fake_api.connect("u1", ip=IP, token=token)
        socket.command("subscribe", match_id="m1")
        socket.command("refresh", token=newer)
        socket.close()
    wire.fault = lambda _attempt: None
    fake_api.pass_time(100)

    assert "correlation_id" in written.all()
    assert_unmarked(written, token, newer)


def test_I10_would_see_a_mark_in_a_line_or_a_metric(written: Written) -> None:
    """The net is whole: what is logged at DEBUG or counted is seen."""
    telemetry.log().debug("a line")
    telemetry.count(AMetric=1)
    telemetry.publish_metrics()

    assert "a line" in written.all() and "AMetric" in written.all()
