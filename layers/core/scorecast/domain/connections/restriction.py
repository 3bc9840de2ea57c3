"""Restrictions of the holders of valid tokens. Times in ms."""

from enum import StrEnum


class Restriction(StrEnum):
    DENIED = "denied"
    """The operator has put the user or the address on the deny list."""
    REVOKED = "revoked"
    """The token was issued before its user's tokens were revoked."""


def restriction(
    *, denied_until_ms: int, not_before_ms: int, issued_at_ms: int | None, now_ms: int
) -> Restriction | None:
    """A token that does not say when it was issued counts as older than any revocation."""
    if now_ms < denied_until_ms:
        return Restriction.DENIED
    return Restriction.REVOKED if (issued_at_ms or 0) < not_before_ms else None
