"""The role of a token's holder in one match or tournament."""

from collections.abc import Collection

from scorecast.domain.connections.identity import Identity
from scorecast.protocol.roles import Role

OFFICIALS = frozenset({Role.ADMIN, Role.SERVICE, Role.ORGANIZER})
"""Officials may do everything in their matches. Participants may open disputes; spectators
watch."""

CLAIMED_ROLES = frozenset({Role.ADMIN, Role.SERVICE})
"""The roles a token may claim. All others follow from tournaments and matches."""


def role_in(
    identity: Identity,
    *,
    tournament_id: str | None = None,
    match_id: str | None = None,
    organizers: Collection[str] = (),
    participants: Collection[str] = (),
) -> Role:
    """The highest role that the claims, the tournament or the match give."""
    if identity.role in CLAIMED_ROLES:
        return Role(identity.role)
    if identity.user_id is None:
        return Role.SPECTATOR
    if identity.user_id in organizers or tournament_id in identity.tournaments:
        return Role.ORGANIZER
    if match_id in identity.matches:  # an organizer in that match, and nowhere else
        return Role.ORGANIZER
    return Role.PARTICIPANT if identity.user_id in participants else Role.SPECTATOR
