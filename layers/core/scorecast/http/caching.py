"""Conditional reads (RFC 9110 §13): what caches may keep, and 304 for a client that has it."""

import hashlib
from http import HTTPStatus
from typing import Final

from scorecast.http.response import Response

PRIVATE_SECOND: Final = "private, max-age=1"
"""A snapshot may be a second old. `private`: this API alone knows which token may read it."""


def conditional(response: Response, if_none_match: str, *, cache_control: str) -> Response:
    """Add the entity tag and the caching rule; 304 if the client names the tag."""
    if response.status is not HTTPStatus.OK:
        return response
    tag = entity_tag(response.body)
    response = response.with_headers({"etag": tag, "cache-control": cache_control})
    if not is_named(tag, if_none_match):
        return response
    return Response(status=HTTPStatus.NOT_MODIFIED, headers=response.headers)


def entity_tag(body: str | bytes) -> str:
    """A strong tag (RFC 9110 §8.8.3): equal bytes share it, and no others do."""
    raw = body.encode() if isinstance(body, str) else body
    return f'"{hashlib.sha256(raw).hexdigest()[:32]}"'


def is_named(tag: str, if_none_match: str) -> bool:
    """Whether `If-None-Match` names the tag, compared weakly, or any tag by `*`."""
    named = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return tag in named or named == ["*"]
