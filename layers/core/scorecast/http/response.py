"""What the HTTP API answers, and what others on the way may keep of it. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final

from scorecast.domain.connections.identity import BadToken
from scorecast.http import problems
from scorecast.http.bodies import NO_JSON_TYPE
from scorecast.protocol.errors import Code, Json, Rejection
from scorecast.protocol.strict_json import compact

FOR_A_SECOND: Final = "private, max-age=1"
"""A snapshot may be a second old. `private`: only this API knows whose token may read it, so no
shared cache may answer in its place."""

NOT_AT_ALL: Final = "no-store"
VARY: Final = "Authorization, Origin"
NO_TOKEN: Final = BadToken("missing")
_NOT_GOOD: Final = Rejection(Code.FORBIDDEN, "A valid bearer token is required.")
_EXPIRED: Final = Rejection(
    Code.TOKEN_EXPIRED, "The token has expired: send the request with a newer one."
)
_BODILESS: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    body: str
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def event(self, **headers: str) -> dict[str, Any]:
        """As API Gateway takes it, with these headers unless the answer has its own."""
        usual = {"cache-control": NOT_AT_ALL, "vary": VARY, "x-content-type-options": "nosniff"}
        content = {} if self.status in _BODILESS else {"content-type": self.content_type}
        return {
            "statusCode": self.status.value,
            "headers": {**usual, **content, **headers, **self.headers},
            "body": self.body,
        }


def of(outcome: Json | Rejection) -> Response:
    if isinstance(outcome, Rejection):
        is_type = outcome is NO_JSON_TYPE
        return problem(outcome, HTTPStatus.UNSUPPORTED_MEDIA_TYPE if is_type else None)
    return Response(body=compact(outcome))


def challenge(bad: BadToken) -> Response:
    """401 (RFC 6750 §3): which token is needed, and whether the one that came was no good."""
    told = "Bearer" if bad == NO_TOKEN else 'Bearer error="invalid_token"'
    refused = _EXPIRED if bad.reason == "expired" else _NOT_GOOD
    return problem(refused, HTTPStatus.UNAUTHORIZED, **{"www-authenticate": told})


def problem(refused: Rejection, status: HTTPStatus | None = None, **headers: str) -> Response:
    return Response(
        body=problems.body(refused, status),
        status=status or problems.STATUS[refused.code],
        content_type=problems.CONTENT_TYPE,
        headers=problems.headers(refused) | headers,
    )


def conditional(answer: Response, if_none_match: str) -> Response:
    """A snapshot with its tag, and 304 for whoever has it; a problem stays as it is."""
    if answer.status is not HTTPStatus.OK:
        return answer
    tag = entity_tag(answer.body)
    headers = {"etag": tag, "cache-control": FOR_A_SECOND}
    if is_known(tag, if_none_match):
        return Response(body="", status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return replace(answer, headers={**answer.headers, **headers})


def entity_tag(body: str) -> str:
    """A strong tag (RFC 9110 §8.8.3): equal bytes have it, and no others."""
    return f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'


def is_known(tag: str, if_none_match: str) -> bool:
    """Whether `If-None-Match` names the tag, `W/` before it aside, or anything at all by `*`."""
    named = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return tag in named or named == ["*"]
