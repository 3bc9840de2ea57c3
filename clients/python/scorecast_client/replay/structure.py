"""A tournament's groups and knockout rounds, as the service stores them. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from scorecast_client.replay.tournament import Match, Tournament

LOSSES_MAX: Final = 2
"""Nobody plays on after that in a double elimination."""


def structure_of(tournament: Tournament) -> dict[str, Any]:
    """Groups by the file's `group`, and rounds of what belongs to none.

    Matches that nobody drops out of are a league: one group, whose table is the tournament's.
    """
    rest = [match for match in tournament.matches if not match.group]
    is_knockout = _is_knockout(rest)
    groups = _groups(tournament.matches)
    if not groups and not is_knockout:
        return {"groups": [_group(tournament.name, rest)], "rounds": []}
    return {"groups": groups, "rounds": _rounds(rest, is_linked=is_knockout)}


def _groups(matches: Iterable[Match]) -> list[dict[str, Any]]:
    members: dict[str, list[Match]] = {}
    for match in matches:
        if match.group:
            members.setdefault(match.group, []).append(match)
    return [_group(name, members[name]) for name in sorted(members)]


def _group(name: str, matches: Iterable[Match]) -> dict[str, Any]:
    return {"name": name, "matches": [match.id for match in matches]}


def _is_knockout(matches: Iterable[Match]) -> bool:
    """Whether every match that was played has a winner, and the losers drop out."""
    losses: dict[str, int] = {}
    for match in matches:
        teams = {team.id for team in match.teams}
        if any(losses.get(team, 0) >= LOSSES_MAX for team in teams):
            return False
        if match.full_time is None:
            continue
        if match.winner is None:
            return False
        [loser] = teams - {match.winner.id}
        losses[loser] = losses.get(loser, 0) + 1
    return True


def _rounds(matches: Sequence[Match], *, is_linked: bool) -> list[dict[str, Any]]:
    """In the order in which they began, each slot with the match that fills it.

    Where a tie has two legs no match alone fills a slot: those rounds have open slots.
    """
    rounds: dict[str, list[Match]] = {}
    for match in matches:
        rounds.setdefault(match.round, []).append(match)
    before: dict[str, Match] = {}
    listed = []
    for name, members in rounds.items():
        listed.append({"name": name, "matches": [_pairing(match, before) for match in members]})
        if is_linked:
            before |= {team.id: match for match in members for team in match.teams}
    return listed


def _pairing(match: Match, before: dict[str, Match]) -> dict[str, Any]:
    slots = [_slot(before.get(team.id), team.id) for team in match.teams]
    return {"match_id": match.id, "slots": slots}


def _slot(before: Match | None, team_id: str) -> dict[str, str] | None:
    """None: a team that comes from the groups, or from a match without a result."""
    if before is None or before.winner is None:
        return None
    return {"winner_of" if before.winner.id == team_id else "loser_of": before.id}
