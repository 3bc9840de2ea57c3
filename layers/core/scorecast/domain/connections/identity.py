"""Who a connection belongs to: what a verified token says, as later routes receive it.

API Gateway hands an authorizer's context to every later route with all values as strings.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A token's holder. `user_id` is None for an anonymous spectator, `role` for a plain user."""

    user_id: str | None
    name: str | None = None
    role: str | None = None
    tournaments: tuple[str, ...] = ()
    expires_at_ms: int | None = None


@dataclass(frozen=True, slots=True)
class BadToken:
    """A token that is refused. `reason` is for the log: it quotes nothing of the token."""

    reason: str


def to_context(identity: Identity) -> dict[str, str]:
    """The authorizer's context; absent values are left out (API Gateway refuses null)."""
    values = {
        "user_id": identity.user_id,
        "name": identity.name,
        "role": identity.role,
        "tournaments": ",".join(identity.tournaments),
        "expires_at_ms": None if identity.expires_at_ms is None else str(identity.expires_at_ms),
    }
    return {key: value for key, value in values.items() if value}


def from_context(context: Mapping[str, str]) -> Identity:
    expires_at_ms = context.get("expires_at_ms")
    return Identity(
        user_id=context.get("user_id"),
        name=context.get("name"),
        role=context.get("role"),
        tournaments=tuple(context.get("tournaments", "").split(","))
        if context.get("tournaments")
        else (),
        expires_at_ms=int(expires_at_ms) if expires_at_ms else None,
    )
