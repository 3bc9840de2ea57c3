"""The log and the metrics. No line holds a token, an IP address or a name.

Powertools is imported with the first line that is logged: most invocations of the authorizer log
nothing, and it runs before every connection.
"""

from functools import cache
from typing import TYPE_CHECKING

from scorecast.protocol.errors import Json

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger


@cache
def log() -> "Logger":
    from aws_lambda_powertools import Logger

    return Logger(use_rfc3339=True)


def failed(message: str, error: Exception, **extra: str) -> None:
    """Log what failed and where. An error's text may quote what was sent, so it is left out."""
    from traceback import format_tb

    told: Json = {"error": type(error).__name__, "traceback": format_tb(error.__traceback__)}
    log().error(message, extra=extra | told | _code_of(error))


def _code_of(error: Exception) -> Json:
    """What AWS said, of botocore's ClientError."""
    match getattr(error, "response", None):
        case {"Error": {"Code": str(code)}}:
            return {"code": code}
    return {}


def count(**metrics: int) -> None:
    """Add to metrics by their name, such as `PostsThrottled=3`; zeros are left out."""
    from aws_lambda_powertools.metrics import MetricUnit, single_metric

    for name, value in metrics.items():
        if value:
            with single_metric(name=name, unit=MetricUnit.Count, value=value):
                pass
