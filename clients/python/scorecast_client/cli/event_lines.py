"""An event as lines of text, for pipes and files. Total: `details` may have any shape."""

from collections.abc import Mapping
from datetime import datetime

from scorecast_client.messages import Event
from scorecast_client.scoreboard import MatchRow, Scoreboard, snapshot_of

Names = Mapping[str, tuple[str, str]]
"""The names of a match's two participants, by its id."""


def event_lines(event: Event, scoreboard: Scoreboard, names: Names) -> list[str]:
    """One line, but for a tournament's snapshot, which also has one for each live match."""
    time = datetime.fromtimestamp(event.received_at_ms / 1000).strftime("%H:%M:%S")
    lines = [_described(event, scoreboard, names)]
    if event.type == "snapshot" and "matches" in snapshot_of(event):
        lines += [
            f"snapshot  {_match_line(match_id, row, names)}"
            for match_id, row in scoreboard.rows.items()
            if row.state in ("live", "paused", "disputed")
        ]
    return [f"{time}  {line}" for line in lines]


def names_of(match_id: str, row: MatchRow, names: Names) -> tuple[str, str]:
    return row.names or names.get(match_id, ("", ""))


def latest_detail(row: MatchRow) -> str:
    """Sets or periods and a shoot-out; the newest goal, or what the score does not show."""
    periods = " ".join(f"{first}:{second}" for first, second in row.periods)
    shootout = f"{row.shootout[0]} : {row.shootout[1]} on penalties" if row.shootout else ""
    return "  ".join(filter(None, (periods, shootout or _last_detail(row))))


def _last_detail(row: MatchRow) -> str:
    details = row.details or {}
    if scorer := details.get("scorer"):
        return " ".join(filter(None, (_minute(details), _plain(scorer), _kind(details))))
    shoot_out = details.get("penalties")
    if isinstance(shoot_out, list) and len(shoot_out) == 2:
        return f"{_plain(shoot_out[0])} : {_plain(shoot_out[1])} on penalties"
    return "after extra time" if "extra_time" in details else ""


def _described(event: Event, scoreboard: Scoreboard, names: Names) -> str:
    if event.type == "viewers":
        return f"{scoreboard.viewers} watching"
    if event.type == "error":
        return f"error {event.data.get('code')}: {event.data.get('message')}"
    if event.type == "snapshot" and "matches" in snapshot_of(event):
        return _tournament_line(event, scoreboard)
    match_id = event.match_id
    if match_id in scoreboard.rows and not event.type.startswith(("bracket_", "tournament_")):
        return f"{event.type}  {_match_line(match_id, scoreboard.rows[match_id], names)}"
    return f"{event.type}  {event.data.get('tournament_id') or match_id or ''}"


def _tournament_line(event: Event, scoreboard: Scoreboard) -> str:
    snapshot, rows = snapshot_of(event), scoreboard.rows
    live = sum(row.state == "live" for row in rows.values())
    name = _plain(snapshot.get("name")) or _plain(snapshot.get("tournament_id"))
    return f"snapshot  {name}: {len(rows)} matches, {live} live, {scoreboard.completed()} over"


def _match_line(match_id: str, row: MatchRow, names: Names) -> str:
    first, second = names_of(match_id, row, names)
    score = f"{first} {':'.join(row.shown_score)} {second}".strip()
    return "  ".join(filter(None, (match_id, score, row.state, latest_detail(row))))


def _minute(details: Mapping[str, object]) -> str:
    minute = _plain(details.get("minute"))
    return f"{minute}'" if minute else ""


def _kind(details: Mapping[str, object]) -> str:
    kind = _plain(details.get("kind")).replace("_", " ")
    return f"({kind})" if kind not in ("", "goal") else ""


def _plain(value: object) -> str:
    """A text or a number; nothing for what would read as code."""
    return str(value) if isinstance(value, (str, int, float)) else ""
