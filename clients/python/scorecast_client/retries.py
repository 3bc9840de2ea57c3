"""Which requests are sent again, and after which pause: the arguments of stamina."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Final, TypedDict

import httpx

from scorecast_client.api_calls import ApiRequest

TOO_MANY_REQUESTS: Final = 429
MISDIRECTED: Final = 421
NOTHING_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
FAILURES: Final = (httpx.TransportError, httpx.DecodingError, httpx.TooManyRedirects)


@dataclass(frozen=True)
class Retries:
    """How often and how long a publisher tries."""

    attempts: int = 5
    base_seconds: float = 0.5
    cap_seconds: float = 20
    retry_after_seconds_max: float = 30
    """If the server requests a longer pause, the request fails at once."""


class RetryOptions(TypedDict):
    """The arguments of stamina's `retry_context`."""

    on: Callable[[Exception], bool | float]
    attempts: int
    timeout: None
    wait_initial: float
    wait_max: float
    wait_jitter: float


def retry_options(request: ApiRequest, retries: Retries) -> RetryOptions:
    return {
        "on": lambda failure: _may_retry(request, failure, retries),
        "attempts": retries.attempts,
        "timeout": None,  # the attempts and their pauses are bounded
        "wait_initial": retries.base_seconds,
        "wait_max": retries.cap_seconds,
        "wait_jitter": retries.base_seconds,
    }


def retry_after_seconds(header: str | None, *, now: datetime) -> float:
    """The pause that a server requests, in seconds or until a date; 0 for anything else."""
    if header is None:
        return 0.0
    try:
        seconds = float(header)
    except ValueError:
        return _seconds_until(header, now)
    return max(0.0, seconds) if isfinite(seconds) else 0.0


def _may_retry(request: ApiRequest, failure: Exception, retries: Retries) -> bool | float:
    """False, True for the usual pause, or a longer pause in seconds."""
    if isinstance(failure, NOTHING_SENT):
        return True  # even a POST: nothing has reached the server
    if isinstance(failure, httpx.HTTPStatusError) and failure.response.status_code == MISDIRECTED:
        return True  # it was not executed
    if isinstance(failure, httpx.HTTPStatusError):
        # over a limit, it was not executed
        is_harmless = request.repeatable or failure.response.status_code == TOO_MANY_REQUESTS
        return is_harmless and _pause_after(failure.response, retries)
    return request.repeatable and isinstance(failure, FAILURES)


def _pause_after(response: httpx.Response, retries: Retries) -> bool | float:
    if response.status_code != TOO_MANY_REQUESTS and response.status_code < 500:
        return False
    seconds = retry_after_seconds(response.headers.get("retry-after"), now=datetime.now(UTC))
    if seconds > retries.retry_after_seconds_max:
        return False
    # jitter, since clients that were refused together got the same pause
    return seconds + random.random() * retries.base_seconds if seconds else True


def _seconds_until(date: str, now: datetime) -> float:
    try:
        until = parsedate_to_datetime(date)
    except ValueError:
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())
