"""The holder of a connection: the claims of a verified token, as later routes receive them.

API Gateway hands an authorizer's context to every later route with all values as strings.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

HASH_CHARACTERS: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A token's holder. `user_id` is None for an anonymous spectator, `role` for a plain user."""

    user_id: str | None
    name: str | None = None
    role: str | None = None
    tournaments: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    """The matches that the user runs without running their tournament."""
    expires_at_ms: int | None = None
    issued_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class BadToken:
    """A token that is refused. `reason` is for the log: it quotes nothing of the token.

    `claim` is what is wrong with one that is properly signed: of another, nothing is said.
    """

    reason: str
    claim: str | None = None


def to_context(identity: Identity) -> dict[str, str]:
    """The authorizer's context; absent values are left out (API Gateway refuses null)."""
    values = {
        "issued_at_ms": None if identity.issued_at_ms is None else str(identity.issued_at_ms),
        "user_id": identity.user_id,
        "name": identity.name,
        "role": identity.role,
        "tournaments": ",".join(identity.tournaments),
        "matches": ",".join(identity.matches),
        "expires_at_ms": None if identity.expires_at_ms is None else str(identity.expires_at_ms),
    }
    return {key: value for key, value in values.items() if value}


def from_context(context: Mapping[str, str]) -> Identity:
    expires_at_ms, issued_at_ms = context.get("expires_at_ms"), context.get("issued_at_ms")
    return Identity(
        user_id=context.get("user_id"),
        name=context.get("name"),
        role=context.get("role"),
        tournaments=_ids(context.get("tournaments", "")),
        matches=_ids(context.get("matches", "")),
        expires_at_ms=int(expires_at_ms) if expires_at_ms else None,
        issued_at_ms=int(issued_at_ms) if issued_at_ms else None,
    )


def _ids(joined: str) -> tuple[str, ...]:
    return tuple(joined.split(",")) if joined else ()


def user_hash(user_id: str) -> str:
    """A user's pseudonym in the log and in the deny list."""
    return hashlib.sha256(user_id.encode()).hexdigest()[:HASH_CHARACTERS]


def pseudonyms(user_id: str | None, ip_hash: str) -> dict[str, str]:
    """The fields of a log line about a client: enough to recognize it and to deny it."""
    who = {"ip_hash": ip_hash}
    return who if user_id is None else who | {"user_hash": user_hash(user_id)}
