"""One request to the HTTP API with all its attempts. Pure: it says what to do, and does nothing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, Final

from scorecast_client.backoff import Backoff
from scorecast_client.errors import ScorecastError

TOO_MANY_REQUESTS: Final = 429
NOT_MODIFIED: Final = 304
ANSWERS_KEPT_MAX: Final = 256
"""Answers with an ETag that a publisher keeps; the oldest makes room."""


class PublishError(ScorecastError):
    """The API refused a request, or could not be reached.

    `status` and `code` are None where no answer came; `errors` has by field what it must be.
    """

    def __init__(
        self,
        sentence: str,
        *,
        message: str | None = None,
        status: int | None = None,
        code: str | None = None,
        errors: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.message = message or sentence
        """The service's own sentence, where it gave one."""
        self.status = status
        self.code = code
        self.errors = errors or {}


@dataclass(frozen=True)
class Retries:
    """How often and how long a publisher insists."""

    attempts: int = 5
    base_seconds: float = 0.5
    cap_seconds: float = 20
    retry_after_seconds_max: float = 30
    """A server that asks for a longer pause is not waited for."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    idempotency_key: str | None = None

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again when it is unknown what became of it."""
        return self.method != "POST"

    def __str__(self) -> str:
        return f"{self.method} /{self.path}"


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True)
class Failure:
    """No answer came. `sent` is false only where surely nothing has left."""

    reason: str
    sent: bool


@dataclass(frozen=True)
class Pause:
    """Wait, then send the request again."""

    seconds: float


@dataclass(frozen=True)
class Kept:
    etag: str
    content: bytes


class Answers:
    """The newest answer of each path that has an ETag."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}

    def of(self, request: Request) -> Kept | None:
        return self._kept.get(request.path) if request.method == "GET" else None

    def keep(self, request: Request, response: Response) -> None:
        etag = response.headers.get("etag")
        if request.method != "GET" or etag is None:
            return
        self._kept.pop(request.path, None)
        self._kept[request.path] = Kept(etag, response.content)
        for oldest in list(self._kept)[:-ANSWERS_KEPT_MAX]:
            self._kept.pop(oldest, None)


class Exchange:
    """Send the request with these headers; ask `judge` about what came of it."""

    def __init__(
        self,
        request: Request,
        answers: Answers,
        *,
        retries: Retries,
        random: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self.request = request
        self._answers = answers
        self._kept = answers.of(request)
        self._retries = retries
        self._now = now
        self._backoff = Backoff(random, retries.base_seconds, retries.cap_seconds)

    @property
    def headers(self) -> dict[str, str]:
        headers = {}
        if self.request.idempotency_key is not None:
            headers["Idempotency-Key"] = self.request.idempotency_key
        if self._kept is not None:
            headers["If-None-Match"] = self._kept.etag
        return headers

    def judge(self, outcome: Response | Failure) -> dict[str, Any] | Pause:
        """The answer, or a pause before the next attempt. Raises PublishError."""
        if isinstance(outcome, Failure):
            return self._after_failure(outcome)
        if outcome.status == NOT_MODIFIED and self._kept is not None:
            return _object(self._kept.content) or {}
        answer = _object(outcome.content)
        if 200 <= outcome.status < 300 and answer is not None:
            self._answers.keep(self.request, outcome)
            return answer
        pause = self._after_refusal(outcome)
        if pause is None:
            raise _refusal(self.request, outcome.status, answer or {})
        return pause

    def _after_failure(self, failure: Failure) -> Pause:
        pause = self._next_pause() if self.request.repeatable or not failure.sent else None
        if pause is None:
            raise PublishError(failure.reason)
        return pause

    def _after_refusal(self, response: Response) -> Pause | None:
        passing = response.status == TOO_MANY_REQUESTS or response.status >= 500
        if not passing or not self.request.repeatable:
            return None
        asked_seconds = retry_after_seconds(response.headers.get("retry-after"), now=self._now())
        if asked_seconds > self._retries.retry_after_seconds_max:
            return None
        pause = self._next_pause()
        return pause and Pause(max(pause.seconds, asked_seconds))

    def _next_pause(self) -> Pause | None:
        if self._backoff.failures + 1 >= self._retries.attempts:
            return None
        return Pause(self._backoff.next_seconds())


def retry_after_seconds(header: str | None, *, now: datetime) -> float:
    """The pause that a server asks for: seconds, or a date. What is neither asks for none."""
    if header is None:
        return 0.0
    try:
        seconds = float(header)
    except ValueError:
        return _seconds_until(header, now)
    return max(0.0, seconds) if isfinite(seconds) else 0.0


def _seconds_until(date: str, now: datetime) -> float:
    try:
        until = parsedate_to_datetime(date)
    except ValueError:
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None  # a gateway's own error page
    return answer if isinstance(answer, dict) else None


def _refusal(request: Request, status: int, problem: Mapping[str, Any]) -> PublishError:
    said = problem.get("detail") or problem.get("title") or problem.get("message")
    errors = problem.get("errors")
    by_field = errors if isinstance(errors, dict) else {}
    told = str(said)
    named = "".join(f" {k}: {what}." for k, what in by_field.items() if str(what) not in told)
    return PublishError(
        f"{request} was answered {status}: {said or 'no reason'}{named}",
        message=str(said) if said else None,
        status=status,
        code=problem.get("code"),
        errors=by_field,
    )
