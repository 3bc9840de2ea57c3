"""`If-Match` (RFC 9110 §13.1.1): a write that is executed only if its sender has read the current
state."""

import re
from http import HTTPStatus
from typing import Final

from scorecast.http.problems import HttpRejection
from scorecast.http.request import Request
from scorecast.protocol.errors import Code, Rejection

FAILED: Final = HttpRejection(
    Code.STALE,
    "The resource has changed since it was read, or does not exist.",
    status=HTTPStatus.PRECONDITION_FAILED,
)


_NO_REVISION: Final = HttpRejection(
    Code.CONFLICT,
    "If-Match must be the revision of the stored score, in quotes.",
    status=HTTPStatus.PRECONDITION_FAILED,
)
_REVISION: Final = re.compile(r'"(\d{1,15})"', re.ASCII)


def is_conditional(request: Request) -> bool:
    return "if-match" in request.headers


def is_met(request: Request, tag: str | None) -> bool:
    """Whether `If-Match` names the current tag, compared strongly; `None` is the tag of nothing."""
    named = [part.strip() for part in request.headers["if-match"].split(",")]
    return tag is not None and (tag in named or named == ["*"])


def base_revision(request: Request) -> int | Rejection | None:
    """The revision of the score that the sender saw: a score's tag is its revision in quotes."""
    if request.headers.get("if-match", "*").strip() == "*":
        return None
    named = _REVISION.fullmatch(request.headers["if-match"].strip())
    return int(named[1]) if named else _NO_REVISION


def failed(outcome: Rejection) -> Rejection:
    """The rejection of a score that had a precondition, with the stored score."""
    return HttpRejection(
        outcome.code, outcome.message, data=outcome.data, status=HTTPStatus.PRECONDITION_FAILED
    )
