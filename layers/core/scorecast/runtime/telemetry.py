"""The log and the metrics. No line holds a token, an IP address or a name.

Every line carries the id of the request that led to it: `correlate` sets it, and queues pass it on,
so one search finds a score's way from the message to its posts.

Powertools is imported with the first line or invocation that needs it: most invocations of the
authorizer log nothing, and it runs before every connection.
"""

from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache, wraps
from threading import Lock
from typing import TYPE_CHECKING, Any

from scorecast.protocol.errors import Json

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger, Metrics

type Event = dict[str, Any]
type Handler = Callable[[Event, Any], Event]

_correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")
_counted: Counter[str] = Counter()
_counting = Lock()


@cache
def log() -> "Logger":
    from aws_lambda_powertools import Logger

    return Logger(use_rfc3339=True)


def correlate(correlation_id: str) -> None:
    """Log under this id from here on, in this thread, and pass it on to queues."""
    _correlation_id.set(correlation_id)
    log().thread_safe_append_keys(correlation_id=correlation_id)


def correlation_id() -> str:
    return _correlation_id.get()


def observed(handler: Handler) -> Handler:
    """Give a handler's lines the ids of invocation and request, and publish its metrics."""

    @wraps(handler)
    def observe(event: Event, context: Any) -> Event:
        correlate(_request_id(event) or context.aws_request_id)
        try:
            handled: Event = log().inject_lambda_context(handler)(event, context)
            return handled
        finally:
            publish_metrics()

    return observe


def _request_id(event: object) -> str:
    """API Gateway's id of the request; empty for any other event."""
    match event:
        case {"requestContext": {"requestId": str(request_id)}}:
            return request_id
    return ""


def failed(message: str, error: Exception, **extra: str) -> None:
    """Log what failed and where. An error's text may quote what was sent, so it is left out."""
    from traceback import format_tb

    details: Json = {"error": type(error).__name__, "traceback": format_tb(error.__traceback__)}
    log().error(message, extra=extra | details | _code_of(error))


def _code_of(error: Exception) -> Json:
    """The code of botocore's ClientError."""
    match getattr(error, "response", None):
        case {"Error": {"Code": str(code)}}:
            return {"code": code}
    return {}


def count(**metrics: int) -> None:
    """Add to metrics by their name, such as `PostsThrottled=3`, in any thread."""
    with _counting:
        _counted.update(metrics)


def publish_metrics() -> None:
    """Write what has been counted as one EMF document; zeros are left out."""
    with _counting:
        counted = {name: value for name, value in _counted.items() if value}
        _counted.clear()
        if counted:
            _publish(_metrics(), counted)


def _publish(metrics: "Metrics", counted: dict[str, int]) -> None:
    for name, value in counted.items():
        metrics.add_metric(name=name, unit="Count", value=value)
    metrics.flush_metrics()


@cache
def _metrics() -> "Metrics":
    from aws_lambda_powertools import Metrics

    return Metrics()
