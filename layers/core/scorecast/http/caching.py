"""Conditional reads (RFC 9110 §13): what caches may keep, and 304 for a client that has it."""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

from scorecast.http.response import Response

_SECOND: Final = "max-age=1"


def snapshot_rule(*, is_anonymous: bool) -> str:
    """A snapshot may be a second old. A shared cache may serve only public responses: this API
    alone knows which token may read the others."""
    return f"{'public' if is_anonymous else 'private'}, {_SECOND}"


def conditional(
    response: Response, if_none_match: str, *, cache_control: str, tag: str | None = None
) -> Response:
    """Add the entity tag, by default of the body, and the caching rule; 304 if it is named."""
    if response.status is not HTTPStatus.OK:
        return response
    tag = entity_tag(response.body) if tag is None else tag
    if is_named(tag, if_none_match):
        return not_modified(tag, cache_control=cache_control, headers=response.headers)
    return response.with_headers({"etag": tag, "cache-control": cache_control})


def not_modified(
    tag: str, *, cache_control: str, headers: Mapping[str, str] = MappingProxyType({})
) -> Response:
    named = {**headers, "etag": tag, "cache-control": cache_control}
    return Response(status=HTTPStatus.NOT_MODIFIED, headers=named)


def entity_tag(body: str | bytes) -> str:
    """A strong tag (RFC 9110 §8.8.3): equal bytes share it, and no others do."""
    raw = body.encode() if isinstance(body, str) else body
    return f'"{hashlib.sha256(raw).hexdigest()[:32]}"'


def is_named(tag: str, if_none_match: str) -> bool:
    """Whether `If-None-Match` names the tag, compared weakly, or any tag by `*`."""
    named = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return tag in named or named == ["*"]
