"""The socket's address: the room and the token that its query may hold."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit

from scorecast_client.errors import AddressError
from scorecast_client.rooms import Room, room_or_none


def in_query(url: str, name: str) -> str | None:
    """A field of a URL's query. Raises AddressError."""
    return dict(_query(url)).get(name)


def room_in(url: str) -> Room | None:
    match = in_query(url, "match_id")
    return room_or_none(match=match, tournament=None if match else in_query(url, "tournament_id"))


def without_room(url: str) -> str:
    kept = [
        (name, value) for name, value in _query(url) if name not in ("match_id", "tournament_id")
    ]
    return urlsplit(url)._replace(query=urlencode(kept)).geturl()


def with_query(url: str, fields: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    return parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **fields})).geturl()


def at_address(url: str, address: str) -> str:
    """The same query at another address."""
    return with_query(address, dict(_query(url)))


def without_query(url: str) -> str:
    """The URL as an error may show it: a query may hold a token."""
    return repr(url.partition("?")[0])


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query)
    except ValueError as fault:
        raise AddressError(f"No WebSocket connection to {without_query(url)}: {fault}.") from fault
