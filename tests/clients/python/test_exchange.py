from datetime import UTC, datetime

import pytest

from scorecast_client.backoff import Backoff
from scorecast_client.exchange import (
    Answers,
    Exchange,
    Failure,
    Pause,
    PublishError,
    Request,
    Response,
    Retries,
    retry_after_seconds,
)

NOW = datetime(2026, 6, 11, 19, tzinfo=UTC)
GET = Request("GET", "matches/m1")
POST = Request("POST", "matches/m1/events", {})


def exchange(request: Request = GET, **limits: float) -> Exchange:
    retries = Retries(attempts=3, **limits)
    return Exchange(request, Answers(), retries=retries, random=lambda: 1.0, now=lambda: NOW)


def refused(status: int, content: bytes = b"", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, named, content)


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


def test_the_longer_pause_counts() -> None:
    asked = exchange()
    assert asked.judge(refused(503)) == Pause(0.5)
    assert asked.judge(refused(429, retry_after="9")) == Pause(9)


def test_only_what_was_surely_not_sent_is_repeated_for_an_event() -> None:
    asked = exchange(POST)
    assert asked.judge(Failure("No route.", sent=False)) == Pause(0.5)
    with pytest.raises(PublishError, match="Broken"):
        asked.judge(Failure("Broken.", sent=True))
    with pytest.raises(PublishError, match="429"):
        exchange(POST).judge(refused(429))


def test_fields_at_fault_are_named() -> None:
    problem = b'{"code":"invalid_schema","detail":"No.","errors":{"winner_id":"must be an id"}}'
    with pytest.raises(PublishError, match=r"422: No\. winner_id: must be an id\.") as failure:
        exchange().judge(refused(422, problem))
    assert failure.value.errors == {"winner_id": "must be an id"}


def test_an_answer_that_is_no_object_is_an_error() -> None:
    for content in (b"<html>", b"[1]", b"\xff", b"[" * 100_000):
        with pytest.raises(PublishError, match="200"):
            exchange().judge(refused(200, content))


def test_the_wait_doubles_up_to_its_cap_with_full_jitter() -> None:
    backoff = Backoff(lambda: 1.0)
    assert [backoff.next_seconds() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 20, 20]
    backoff.reset()
    assert backoff.next_seconds() == 0.5
    backoff.failures = 10_000
    assert backoff.next_seconds() == 20
    assert Backoff(lambda: 0.0).next_seconds() == 0
