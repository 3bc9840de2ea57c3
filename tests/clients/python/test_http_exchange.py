from datetime import UTC, datetime

import httpx
import pytest

from scorecast_client.api_calls import ApiRequest
from scorecast_client.backoff import Backoff
from scorecast_client.errors import PublishError
from scorecast_client.http_exchange import answer_of, publish_error
from scorecast_client.retries import Retries, retry_after_seconds, retry_options
from scorecast_client.server_clock import ServerClock

NOW = datetime(2026, 6, 11, 19, tzinfo=UTC)
GET = ApiRequest("GET", "matches/m1")
POST = ApiRequest("POST", "matches/m1/events", {})


def refused(status: int, content: bytes = b"", **headers: str) -> httpx.HTTPStatusError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = httpx.Request("GET", "http://host")
    response = httpx.Response(status, headers=named, content=content, request=request)
    return httpx.HTTPStatusError("refused", request=request, response=response)


def pause(failure: Exception, request: ApiRequest = GET) -> bool | float:
    return retry_options(request, Retries())["on"](failure)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("7", 7),
        ("1.5", 1.5),
        ("-3", 0),
        ("nan", 0),
        ("inf", 0),
        ("soon", 0),
        ("Thu, 11 Jun 2026 19:00:05 GMT", 5),
        ("Thu, 11 Jun 2026 18:00:00 GMT", 0),
    ],
)
def test_a_pause_is_asked_for_in_seconds_or_until_a_date(
    header: str | None, seconds: float
) -> None:
    assert retry_after_seconds(header, now=NOW) == seconds


def test_a_servers_longer_pause_gets_jitter() -> None:
    assert pause(refused(503)) is True
    pauses = {pause(refused(429, retry_after="9")) for _ in range(5)}
    assert len(pauses) > 1
    assert all(9 <= seconds <= 9.5 for seconds in pauses)
    assert pause(refused(429, retry_after="31")) is False


def test_an_event_is_repeated_only_if_nothing_was_done() -> None:
    assert pause(httpx.ConnectError("No route."), POST) is True
    assert pause(httpx.ReadError("Broken."), POST) is False
    assert pause(refused(429), POST) is True
    assert pause(refused(503), POST) is False
    assert pause(httpx.ReadError("Broken.")) is True
    assert pause(refused(404)) is False


def test_invalid_fields_are_named() -> None:
    problem = b'{"code":"invalid_schema","detail":"No.","errors":{"winner_id":"must be an id"}}'
    failure = publish_error(GET, refused(422, problem), httpx.URL("http://host"))
    assert "422: No. winner_id: must be an id." in str(failure)
    assert failure.errors == {"winner_id": "must be an id"}


def test_an_answer_that_is_not_an_object_is_an_error() -> None:
    for content in (b"<html>", b"[1]", b"\xff", b"[" * 100_000):
        with pytest.raises(PublishError, match="200"):
            answer_of(GET, httpx.Response(200, content=content), ServerClock())


def test_the_wait_doubles_up_to_its_cap_with_full_jitter() -> None:
    backoff = Backoff(lambda: 1.0)
    assert [backoff.next_seconds() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 20, 20]
    backoff.reset()
    assert backoff.next_seconds() == 0.5
    backoff.failures = 10_000
    assert backoff.next_seconds() == 20
    assert Backoff(lambda: 0.0).next_seconds() == 0


def test_a_pause_that_the_server_asks_for_grows_where_it_does_not_help() -> None:
    backoff = Backoff(lambda: 0.0)
    waits = [backoff.server_seconds(10) for _ in range(8)]
    assert waits == [10, 20, 30, 40, 50, 60, 60, 60]
    backoff.reset()
    assert backoff.server_seconds(10) == 10
    assert Backoff(lambda: 1.0).server_seconds(10) == 10.5
