"""A tournament file's groups and knockout rounds, as the scoreboard page reads them."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from infra.local.paths import ROOT
from scorecast_client.replay.tournament import Match, Tournament
from scorecast_client.replay.tournament_file import load

FILES: Final = ROOT / "infra" / "data"


def structure_of(tournament_id: str) -> dict[str, Any]:
    """Of the file that is played under this id; empty if there is none."""
    for path in sorted(FILES.glob("*.json")):
        own = load(path).id
        if tournament_id == own or tournament_id.startswith(f"{own}-"):
            return structure(path, load(path, tournament_id=tournament_id))
    return {}


def structure(path: Path, tournament: Tournament) -> dict[str, Any]:
    group_of = dict(_groups(path))
    groups: dict[str, list[str]] = {}
    knockout = []
    for match in tournament.matches:
        group = group_of.get(_names(match))
        if group is None:
            knockout.append(match)
        else:
            groups.setdefault(group, []).append(match.id)
    return {
        "groups": [{"name": name, "matches": groups[name]} for name in sorted(groups)],
        "rounds": _rounds(knockout),
    }


def _groups(path: Path) -> Iterator[tuple[tuple[str, str, str], str]]:
    for entry in json.loads(path.read_text(encoding="utf-8"))["matches"]:
        if "group" in entry:
            yield (entry["round"], entry["team1"], entry["team2"]), entry["group"]


def _names(match: Match) -> tuple[str, str, str]:
    return match.round, match.teams[0].name, match.teams[1].name


def _rounds(knockout: Iterable[Match]) -> list[dict[str, Any]]:
    """The rounds in the order in which they began, each slot with the match that fills it."""
    before: dict[str, Match] = {}
    rounds: dict[str, list[dict[str, Any]]] = {}
    for match in knockout:
        slots = [_slot(before.get(team.id), team.id) for team in match.teams]
        rounds.setdefault(match.round, []).append({"match_id": match.id, "slots": slots})
        before |= {team.id: match for team in match.teams}
    return [{"name": name, "matches": matches} for name, matches in rounds.items()]


def _slot(before: Match | None, team_id: str) -> dict[str, str] | None:
    """None: a team that comes from the groups."""
    if before is None:
        return None
    won = before.winner is not None and before.winner.id == team_id
    return {"winner_of" if won else "loser_of": before.id}
