"""Verification of tokens: RFC 8725's rules over PyJWT. Keys and time are arguments.

Configuration pins the algorithm. Nothing in a token chooses it, or where keys come from.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import jwt
from jwt.exceptions import InvalidSubjectError

from scorecast.domain.connections.identity import BadToken, Identity
from scorecast.protocol import strict_json
from scorecast.protocol.ids import is_id
from scorecast.protocol.limits import (
    INTEGER_MAX,
    NAME_CHARACTERS_MAX,
    SECRET_BYTES_MIN,
    TOKEN_CHARACTERS_MAX,
    TOKEN_LEEWAY_SECONDS,
    TOKEN_TOURNAMENTS_MAX,
)
from scorecast.protocol.text import is_plain, normalized

SYMMETRIC: Final = "HS256"
_REFUSED_HEADERS: Final = ("jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc")
"""Headers that let a token choose its keys or rules (RFC 8725 §3.10). Others are ignored, as RFC
7515 §4 requires: providers add their own, such as `cat` and `x5t`."""
_TYPES: Final = frozenset({"jwt", "at+jwt"})
"""Types of accepted tokens: the same provider's log-out or identity tokens have other types."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The configured requirements of every token. An empty issuer or audience is not checked."""

    algorithm: str
    issuer: str
    audience: str
    user_claim: str = "sub"
    role_claim: str = "role"


def weak_secret(secret: str) -> bool:
    return len(secret.encode()) < SECRET_BYTES_MIN


def key_id(token: str) -> str | BadToken | None:
    """The `kid` of a token's unverified header, after checking that the header has no keys or
    rules."""
    if len(token) > TOKEN_CHARACTERS_MAX:
        return BadToken("too long")
    header = _header(token)
    if header is None:
        return BadToken("malformed")
    for name in _REFUSED_HEADERS:
        if name in header:
            return BadToken(f"header {name}")
    if not _is_type(header.get("typ", "JWT")):
        return BadToken("type")
    kid = header.get("kid")
    return kid if kid is None or isinstance(kid, str) else BadToken("malformed")


def _header(token: str) -> Mapping[str, Any] | None:
    """The header of a token whose parts are all as strict as messages; None for any other token."""
    try:
        *signed, signature = token.split(".")
        header, claims = [strict_json.parse(_decoded(part).decode()) for part in signed]
        _decoded(signature)
    except ValueError:
        return None
    return header if isinstance(header, dict) and isinstance(claims, dict) else None


def _decoded(part: str) -> bytes:
    """Raises ValueError unless it is canonical base64url; `base64` ignores unknown characters."""
    data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=") != part.encode():
        raise ValueError
    return data


def _is_type(value: object) -> bool:
    return isinstance(value, str) and value.lower().removeprefix("application/") in _TYPES


def verify(token: str, *, keys: Sequence[Any], rules: Rules, now_s: float) -> Identity | BadToken:
    """The token's holder, if one of `keys` signed it and all claims are valid."""
    checked = key_id(token)
    if isinstance(checked, BadToken):
        return checked
    for key in keys:
        try:
            claims = _signed_claims(token, key, rules)
        except jwt.InvalidSignatureError:
            continue
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            return BadToken(type(error).__name__, claim=_claim_of(error))
        return _identity(claims, rules, now_s)
    return BadToken("InvalidSignatureError")


def _signed_claims(token: str, key: Any, rules: Rules) -> dict[str, Any]:
    # PyJWT reads the machine's clock; the times are checked in _identity, against an argument.
    return jwt.decode(
        token,
        key,
        algorithms=[rules.algorithm],
        audience=rules.audience or None,
        issuer=rules.issuer or None,
        options={
            "require": ["exp", rules.user_claim],
            "verify_aud": bool(rules.audience),
            "verify_iss": bool(rules.issuer),
            "verify_exp": False,
            "verify_nbf": False,
            "verify_iat": False,
        },
    )


def _claim_of(error: Exception) -> str | None:
    """The claim that PyJWT misses or refuses; it checks claims after the signature."""
    if isinstance(error, jwt.MissingRequiredClaimError):
        return error.claim
    by_error: dict[type[Exception], str] = {
        jwt.InvalidIssuerError: "iss",
        jwt.InvalidAudienceError: "aud",
        InvalidSubjectError: "sub",
    }
    return by_error.get(type(error))


def _identity(claims: Mapping[str, Any], rules: Rules, now_s: float) -> Identity | BadToken:
    expires_s, starts_s = claims["exp"], claims.get("nbf", 0)
    issued_s = claims.get("iat", 0)
    if not (_is_time(expires_s) and _is_time(starts_s) and _is_time(issued_s)):
        return BadToken("mistyped time")
    if now_s >= expires_s + TOKEN_LEEWAY_SECONDS:
        return BadToken("expired")
    if now_s < max(starts_s, issued_s) - TOKEN_LEEWAY_SECONDS:
        return BadToken("not yet valid")
    user_id, role = claims[rules.user_claim], claims.get(rules.role_claim)
    name = claims.get("name")
    tournaments, matches = claims.get("tournaments", []), claims.get("matches", [])
    are_good = {
        rules.user_claim: is_id(user_id),
        "name": isinstance(name, str | None),
        rules.role_claim: isinstance(role, str | None),
        "tournaments": _are_ids(tournaments),
        "matches": _are_ids(matches),
    }
    for claim, is_good in are_good.items():
        if not is_good:
            return BadToken("mistyped claim", claim)
    return Identity(
        user_id=user_id,
        name=_shown_name(name),
        role=role,
        tournaments=tuple(tournaments),
        matches=tuple(matches),
        expires_at_ms=int(expires_s * 1_000),
        issued_at_ms=int(issued_s * 1_000) if "iat" in claims else None,
    )


def _is_time(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and 0 <= value <= INTEGER_MAX // 1_000  # type: ignore[operator]


def _shown_name(name: str | None) -> str | None:
    """The name, truncated; None if it has invisible characters, which is no reason to refuse the
    token."""
    text = normalized(name or "")
    return text[:NAME_CHARACTERS_MAX] if is_plain(text) else None


def _are_ids(value: object) -> bool:
    return (
        isinstance(value, list) and len(value) <= TOKEN_TOURNAMENTS_MAX and all(map(is_id, value))
    )
