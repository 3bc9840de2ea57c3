"""One HTTP response, in API Gateway's payload format 2.0."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final, Self

from scorecast.protocol.errors import Json
from scorecast.protocol.strict_json import compact

VARY: Final = "Authorization, Origin"
_NOT_STORED: Final = "no-store"
_BODILESS: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """`headers` have lower-case names and win over the defaults. Bytes are sent as base64."""

    body: str | bytes = ""
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        return replace(self, headers={**self.headers, **headers})

    def event(self) -> dict[str, Any]:
        defaults = {"cache-control": _NOT_STORED, "vary": VARY, "x-content-type-options": "nosniff"}
        content = {} if self.status in _BODILESS else {"content-type": self.content_type}
        return {
            "statusCode": self.status.value,
            "headers": {**defaults, **content, **self.headers},
            **_body(self.body),
        }


def json_response(value: Json) -> Response:
    return Response(body=compact(value))


def _body(body: str | bytes) -> dict[str, Any]:
    if isinstance(body, bytes):
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    return {"body": body, "isBase64Encoded": False}
