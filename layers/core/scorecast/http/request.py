"""One HTTP request, read from API Gateway's event (payload format 2.0)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`headers` have lower-case names. `body` is None if it is not UTF-8, "" if there is none."""

    id: str
    source_ip: str
    received_at_ms: int
    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    body: str | None

    @property
    def segments(self) -> list[str]:
        """The parts of the path. API Gateway leaves `%25` escaped in it, and nothing else."""
        return [unquote(part) for part in self.path.split("/")[1:]]

    @property
    def is_json(self) -> bool:
        """Whether the body is declared as JSON; an undeclared one may be."""
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        is_application = media_type.startswith("application/")
        return media_type in ("", "application/json") or (
            is_application and media_type.endswith("+json")
        )


def read(event: Mapping[str, Any]) -> Request:
    context = event["requestContext"]
    return Request(
        id=context["requestId"],
        source_ip=context["http"]["sourceIp"],
        received_at_ms=context["timeEpoch"],
        method=context["http"]["method"],
        path=event["rawPath"],
        headers=_headers(event.get("headers")),
        query=_headers(event.get("queryStringParameters")),
        body=_text(event.get("body") or "", is_base64=bool(event.get("isBase64Encoded"))),
    )


def _headers(headers: object) -> dict[str, str]:
    given = headers if isinstance(headers, Mapping) else {}
    return {str(name).lower(): str(value) for name, value in given.items()}


def _text(body: str, *, is_base64: bool) -> str | None:
    try:
        # encode() refuses a lone surrogate, which has no UTF-8
        raw = base64.b64decode(body, validate=True) if is_base64 else body.encode()
        return raw.decode()
    except ValueError:
        return None
