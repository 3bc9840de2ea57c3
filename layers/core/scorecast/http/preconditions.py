"""`If-Match` (RFC 9110 §13.1.1): a write that happens only upon what its sender has read."""

from http import HTTPStatus
from typing import Final

from scorecast.http.problems import HttpRejection
from scorecast.http.request import Request
from scorecast.protocol.errors import Code

FAILED: Final = HttpRejection(
    Code.STALE,
    "The resource has changed since it was read, or does not exist.",
    status=HTTPStatus.PRECONDITION_FAILED,
)


def is_conditional(request: Request) -> bool:
    return "if-match" in request.headers


def is_met(request: Request, tag: str | None) -> bool:
    """Whether `If-Match` names the current tag, compared strongly; `None` is the tag of nothing."""
    named = [part.strip() for part in request.headers["if-match"].split(",")]
    return tag is not None and (tag in named or named == ["*"])
