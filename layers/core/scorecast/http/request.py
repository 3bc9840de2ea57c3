"""One HTTP request, read from API Gateway's event (payload format 2.0). Pure."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`body` is None if it is no text in UTF-8, "" if there is none; headers are in lower case."""

    id: str
    received_at_ms: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: str | None


def read(event: Mapping[str, Any]) -> Request:
    context = event["requestContext"]
    return Request(
        id=context["requestId"],
        received_at_ms=context["timeEpoch"],
        method=context["http"]["method"],
        path=event["rawPath"],
        headers=_headers(event.get("headers")),
        body=_text(event.get("body") or "", is_base64=bool(event.get("isBase64Encoded"))),
    )


def segments(path: str) -> list[str]:
    """The parts of a path. API Gateway leaves `%25` in it, and nothing else, escaped."""
    return [unquote(part) for part in path.split("/")[1:]]


def is_json(headers: Mapping[str, str]) -> bool:
    """Whether a body is said to be JSON; one of which nothing is said may be."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    is_application = media_type.startswith("application/")
    return media_type in ("", "application/json") or (
        is_application and media_type.endswith("+json")
    )


def _headers(headers: object) -> dict[str, str]:
    given = headers if isinstance(headers, Mapping) else {}
    return {str(name).lower(): str(value) for name, value in given.items()}


def _text(body: str, *, is_base64: bool) -> str | None:
    try:
        # a lone surrogate has no UTF-8, whichever way it came
        raw = base64.b64decode(body, validate=True) if is_base64 else body.encode()
        return raw.decode()
    except ValueError:
        return None
