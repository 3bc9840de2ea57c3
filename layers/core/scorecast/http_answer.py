"""What the HTTP API answers, and what others on the way may keep of it. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final

from scorecast import problems
from scorecast.errors import Json, Refused
from scorecast.plain_json import compact

FOR_A_SECOND: Final = "private, max-age=1"
"""A snapshot may be a second old. `private`: only this API knows whose token may read it, so no
shared cache may answer in its place."""

NOT_AT_ALL: Final = "no-store"
VARY: Final = "Authorization, Origin"
_BODILESS: Final = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
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


def of(outcome: Json | Refused) -> Answer:
    if isinstance(outcome, Refused):
        return problem(outcome)
    return Answer(body=compact(outcome))


def problem(refused: Refused, status: HTTPStatus | None = None, **headers: str) -> Answer:
    return Answer(
        body=problems.body(refused, status),
        status=status or problems.STATUS[refused.code],
        content_type=problems.CONTENT_TYPE,
        headers=problems.headers(refused) | headers,
    )


def conditional(answer: Answer, if_none_match: str) -> Answer:
    """A snapshot with its tag, and 304 for whoever has it; a problem stays as it is."""
    if answer.status is not HTTPStatus.OK:
        return answer
    tag = entity_tag(answer.body)
    headers = {"etag": tag, "cache-control": FOR_A_SECOND}
    if is_known(tag, if_none_match):
        return Answer(body="", status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return replace(answer, headers={**answer.headers, **headers})


def entity_tag(body: str) -> str:
    """A strong tag (RFC 9110 §8.8.3): equal bytes have it, and no others."""
    return f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'


def is_known(tag: str, if_none_match: str) -> bool:
    """Whether `If-None-Match` names the tag, `W/` before it aside, or anything at all by `*`."""
    named = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return tag in named or named == ["*"]
