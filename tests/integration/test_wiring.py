import json
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from typing import Any

import pytest

from scorecast.app.error_boundary import websocket_route
from scorecast.runtime import settings, telemetry
from scorecast.runtime.system import HostSystem
from scorecast.wiring import clients, host, tables
from tests.harness.fakes import FakeContext
from tests.harness.moto_cloud import MotoCloud


def test_parts_are_made_once(cloud: MotoCloud) -> None:
    assert cloud.registry is cloud.registry
    assert clients.dynamodb(3) is clients.dynamodb(3)


def test_what_may_not_be_sent_twice_has_a_client_that_sends_once(cloud: MotoCloud) -> None:
    def attempts(client: Any) -> int:
        return int(client.meta.config.retries["total_max_attempts"])

    table = tables.connections_table(cloud.settings)
    assert (attempts(table._client) > 1, attempts(table._once())) == (True, 1)


def test_a_wrong_variable_fails_at_cold_start_with_its_name(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROOM_CAPACITY", "many")
    with pytest.raises(settings.BadSetting, match="ROOM_CAPACITY"):
        host.settings(settings.MessageSettings)


def test_a_metric_is_counted_and_a_zero_is_not(
    aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.count(PostsThrottled=2, PostsGone=0)
    telemetry.count(PostsThrottled=1)
    telemetry.publish_metrics()
    written = capsys.readouterr().out
    assert '"PostsThrottled":[3.0]' in written
    assert "PostsGone" not in written


def test_an_invocation_publishes_one_document_of_metrics_counted_in_any_thread(
    aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    @telemetry.observed
    def counting(_event: Any, _context: Any) -> Any:
        with ThreadPoolExecutor(8) as threads:
            for each in range(400):
                threads.submit(telemetry.count, PostsDelivered=1, **{f"Of{each % 3}": 1})
        return {}

    counting({}, FakeContext())
    counting({}, FakeContext())
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["PostsDelivered"] for each in documents] == [[400.0], [400.0]]


def test_a_failed_invocation_publishes_its_metrics(
    aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    @telemetry.observed
    def failing(_event: Any, _context: Any) -> Any:
        telemetry.count(PostsFailed=1)
        raise KeyError

    with pytest.raises(KeyError):
        failing({}, FakeContext())
    assert '"PostsFailed":[1.0]' in capsys.readouterr().out


def test_an_unexpected_error_is_logged_and_not_revealed(
    log_lines: StringIO,
) -> None:
    @websocket_route
    def broken(_event: Any, _context: Any) -> Any:
        raise KeyError("secret detail")

    answer = broken({}, FakeContext(aws_request_id="request-9"))
    assert answer["statusCode"] == 500
    assert "request-9" in answer["body"]
    assert "secret detail" not in answer["body"]
    assert "request-9" in log_lines.getvalue()
    assert "secret detail" in log_lines.getvalue()


def test_the_clock_gives_one_time_in_two_units_and_waits() -> None:
    system = HostSystem()
    before_ms = system.now_ms()
    system.sleep_ms(2)
    assert before_ms + 2 <= system.now_us() // 1_000 <= system.now_ms() < before_ms + 60_000
    assert 0 <= system.random() < 1
