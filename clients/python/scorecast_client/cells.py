"""The cell of a tournament that has moved, and whether to follow it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

MOVED: Final = "moved"
MOVING: Final = "tournament_moving"
_SECURE: Final = ("wss", "https")


@dataclass(frozen=True)
class Endpoint:
    """The addresses of a cell."""

    socket_url: str
    http_url: str


def endpoint_of(value: object) -> Endpoint | None:
    """The addresses in a goodbye or a problem; None unless there are two valid ones."""
    if not isinstance(value, Mapping):
        return None
    fields: Mapping[str, Any] = value
    socket_url, http_url = fields.get("socket_url"), fields.get("http_url")
    is_whole = isinstance(socket_url, str) and isinstance(http_url, str)
    return Endpoint(str(socket_url), str(http_url)) if is_whole else None


def may_follow(before: str, after: str) -> bool:
    """Whether a token that is sent to one address may be sent to the other: not without TLS."""
    schemes = [_scheme(url) for url in (before, after)]
    return schemes[1] in _SECURE or schemes[0] == schemes[1]


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""
