"""The contents and the origin of a `$connect` request. Pure."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scorecast.protocol.ids import is_id

SUB_PROTOCOL = "scorecast.v1"
_BEARER_PROTOCOL = "bearer."
_BEARER_SCHEME = "bearer "
_HOST = re.compile(r"[a-z0-9.-]+(:[0-9]+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Handshake:
    """The parts of a `$connect` event that decisions need. Absent parts are None."""

    token: str | None
    ticket: str | None
    origin: str | None
    match_id: str | None
    tournament_id: str | None
    sub_protocol: str | None


def read(event: Mapping[str, Any]) -> Handshake:
    """The handshake in API Gateway's event; parts of the wrong shape count as absent."""
    headers = _lower_keys(event.get("headers"))
    query = _strings(event.get("queryStringParameters"))
    offered = [part.strip() for part in headers.get("sec-websocket-protocol", "").split(",")]
    return Handshake(
        token=_token(query, headers, offered),
        ticket=query.get("ticket"),
        origin=headers.get("origin"),
        match_id=query.get("match_id"),
        tournament_id=query.get("tournament_id"),
        sub_protocol=SUB_PROTOCOL if SUB_PROTOCOL in offered else None,
    )


def ids_are_valid(handshake: Handshake) -> bool:
    asked = (handshake.match_id, handshake.tournament_id)
    return all(room_id is None or is_id(room_id) for room_id in asked)


def origin_is_allowed(origin: str | None, *, patterns: Sequence[str], required: bool) -> bool:
    """Whether a page of this origin may connect; without patterns every page may.

    A pattern is an exact origin, or `https://*.example.com` or `*.example.com` for every
    sub-domain of example.com (not example.com itself). Programs send no Origin.
    """
    if origin is None:
        return not required
    return not patterns or any(_matches(origin.lower(), pattern.lower()) for pattern in patterns)


def ip_network(address: str) -> str:
    """What counts as one client: an IPv4 address, or an IPv6 /64 (one customer's network)."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))


def _token(
    query: Mapping[str, str], headers: Mapping[str, str], offered: Sequence[str]
) -> str | None:
    bearers = [
        part[len(_BEARER_PROTOCOL) :] for part in offered if part.startswith(_BEARER_PROTOCOL)
    ]
    return query.get("token") or bearer(headers) or (bearers[0] if bearers else None)


def bearer(headers: Mapping[str, str]) -> str | None:
    """The token of an `Authorization: Bearer` header; the keys of `headers` are lower-case."""
    value = headers.get("authorization", "")
    return (
        value[len(_BEARER_SCHEME) :].strip() if value.lower().startswith(_BEARER_SCHEME) else None
    )


def _matches(origin: str, pattern: str) -> bool:
    if "*" not in pattern:
        return origin == pattern
    scheme, _, host_pattern = pattern.rpartition("://")
    origin_scheme, _, host = origin.partition("://")
    is_host = _HOST.fullmatch(host) is not None
    return (
        is_host and scheme in ("", origin_scheme) and host.endswith(host_pattern.removeprefix("*"))
    )


def _lower_keys(headers: object) -> dict[str, str]:
    return {key.lower(): value for key, value in _strings(headers).items()}


def _strings(values: object) -> dict[str, str]:
    if not isinstance(values, Mapping):
        return {}
    return {k: v for k, v in values.items() if isinstance(k, str) and isinstance(v, str)}
