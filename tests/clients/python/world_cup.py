"""The real tournament file, and ways to break it."""

import json
from pathlib import Path
from typing import Any

from scorecast_client.replay.tournament import Match, Tournament
from scorecast_client.replay.tournament_file import load

FILE = Path(__file__).parents[3] / "infra" / "data" / "worldcup-2026.json"


def world_cup() -> Tournament:
    return load(FILE)


def match_between(first: str, second: str) -> Match:
    wanted = (first, second)
    return next(m for m in world_cup().matches if tuple(team.name for team in m.teams) == wanted)


def one_match(**changes: Any) -> str:
    """A file of one sound match, but for `changes`; a change to None leaves the field out."""
    match = {
        "round": "Final",
        "date": "2026-07-19",
        "time": "15:00 UTC-4",
        "team1": "Spain",
        "team2": "Argentina",
        "score": {"ft": [1, 0], "ht": [0, 0]},
        "goals1": [{"name": "Someone", "minute": "90+4"}],
        "goals2": [],
    }
    kept = {key: value for key, value in (match | changes).items() if value is not None}
    return json.dumps({"name": "World Cup 2026", "matches": [kept]})
