"""Who may see the ids of organizers and reporters: officials, and participants in their own
match."""

import hashlib
from collections.abc import Sequence
from typing import Final

from scorecast.domain.connections.identity import Identity
from scorecast.domain.connections.roles import role_in
from scorecast.domain.matches.attribution import may_see_users
from scorecast.domain.matches.decisions import role_for
from scorecast.domain.matches.match import Match
from scorecast.domain.matches.tournament import Tournament
from scorecast.http.services import Call
from scorecast.protocol.roles import Role

_ANONYMOUS: Final = ""
_OFFICIAL: Final = "-official"


def sees_organizers(call: Call, tournament: Tournament) -> bool:
    if call.services.settings().publish_user_ids:
        return True
    role = role_in(call.identity, tournament_id=tournament.id, organizers=tournament.organizers)
    return may_see_users(role)


def sees_reporter(call: Call, match: Match) -> bool:
    return match.id in matches_with_reporters(call, [match])


def matches_with_reporters(call: Call, matches: Sequence[Match]) -> set[str]:
    """The ids of those whose reporters the sender may see.

    Tournaments are read, together, only where neither the token nor the match decides it.
    """
    is_published = call.services.settings().publish_user_ids
    seen = {
        match.id
        for match in matches
        if is_published or may_see_users(role_for(call.identity, match, organizers=()))
    }
    of_tournament = {match.id: match.tournament_id for match in matches if match.id not in seen}
    if not of_tournament or call.identity.user_id is None:
        return seen
    tournaments = call.services.matches().tournaments(sorted(set(of_tournament.values())))
    run = {each.id for each in tournaments.values() if sees_organizers(call, each)}
    return seen | {match_id for match_id, of in of_tournament.items() if of in run}


def sees_disputes(call: Call, match: Match) -> bool:
    return sees_reporter(call, match)


def tag_suffix(identity: Identity, tournament_id: str) -> str:
    """Distinguishes the tags of what different users see of a tournament, without a read.

    Whether a user is an organizer is part of the tournament's version.
    """
    if role_in(identity, tournament_id=tournament_id) is not Role.SPECTATOR:
        return _OFFICIAL
    if identity.user_id is None:
        return _ANONYMOUS
    return f"-{hashlib.sha256(identity.user_id.encode()).hexdigest()[:16]}"
