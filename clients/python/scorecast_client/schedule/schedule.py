"""A schedule from a file: CSV, JSON as the API takes it, or openfootball's JSON. Pure.

Either the whole file can be used, or every fault is named with its place.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scorecast_client.errors import ScorecastError
from scorecast_client.replay.names import ids_of, slug, with_hash
from scorecast_client.replay.tournament_file import parse as parse_openfootball

ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
COLUMNS: Final = (
    "match_id",
    "participant1",
    "participant2",
    "participant1_id",
    "participant2_id",
    "scheduled_at",
    "date",
    "time",
    "timezone",
)
REQUIRED: Final = ("participant1", "participant2")
FAULTS_MAX: Final = 10
ID_CHARACTERS_MAX: Final = 64
NAME_CHARACTERS_MAX: Final = 120


class ScheduleError(ScorecastError):
    """The file cannot be used; nothing has been written."""


@dataclass(frozen=True)
class Planned:
    """A match as the file has it. `id` is empty until the whole file is read."""

    id: str
    participants: tuple[tuple[str, str], tuple[str, str]]
    scheduled_at: datetime
    where: str
    round: str = ""


def read(text: str, *, tournament_id: str, is_json: bool) -> tuple[list[Planned], list[str]]:
    """The matches of a file, and what of it cannot be used but does not matter."""
    if not is_json:
        return _finished(_rows(text), tournament_id), []
    document = _document(text)
    if _is_openfootball(document):
        found = parse_openfootball(text, tournament_id=tournament_id)
        planned = [
            Planned(
                "",
                tuple((team.id, team.name) for team in match.teams),  # type: ignore[arg-type]
                match.kick_off,
                f"{match.teams[0].name} v {match.teams[1].name}",
                match.round,
            )
            for match in found.matches
        ]
        return _finished(planned, tournament_id), list(found.notes)
    return _finished(_items(document), tournament_id), []


def _document(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as fault:
        raise ScheduleError(
            f"Line {fault.lineno}, column {fault.colno}: not JSON: {fault.msg}."
        ) from fault
    except RecursionError as fault:
        raise ScheduleError("The file is nested too deeply.") from fault


def _is_openfootball(document: Any) -> bool:
    if not isinstance(document, dict):
        return False
    listed = document.get("matches")
    first = listed[0] if isinstance(listed, list) and listed else {}
    return "match_id" not in first if isinstance(first, dict) else True


def _rows(text: str) -> list[Planned]:
    """Each line of a CSV file with a heading."""
    first_line = text.partition("\n")[0]
    delimiter = ";" if ";" in first_line and "," not in first_line else ","
    lines = csv.reader(io.StringIO(text), delimiter=delimiter)
    heading = [name.strip().lower() for name in next(lines, [])]
    faults = list(_heading_faults(heading))
    _stop_at(faults)
    planned = []
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        found = _planned(heading, cells, f"Line {lines.line_num}")
        if isinstance(found, Planned):
            planned.append(found)
        else:
            faults += found
    _stop_at(faults)
    return planned


def _heading_faults(heading: Sequence[str]) -> Iterator[str]:
    for place, name in enumerate(heading, start=1):
        if name not in COLUMNS:
            known = ", ".join(COLUMNS)
            yield f"Line 1, column {place}: unknown column {name!r}; known are {known}."
        elif name in heading[: place - 1]:
            yield f"Line 1, column {place}: {name} is there twice."
    for name in REQUIRED:
        if name not in heading:
            yield f"Line 1: the column {name} is missing."
    if "scheduled_at" not in heading and not {"date", "time", "timezone"} <= set(heading):
        yield "Line 1: scheduled_at is missing, or all of date, time and timezone."


def _planned(heading: Sequence[str], cells: Sequence[str], where: str) -> "Planned | list[str]":
    if len(cells) != len(heading):
        return [f"{where}: {len(cells)} columns, but the heading has {len(heading)}."]
    fields = {name: cell.strip() for name, cell in zip(heading, cells, strict=True)}

    def at(name: str) -> str:
        return f"{where}, column {heading.index(name) + 1} ({name})"

    faults = []
    for name in REQUIRED:
        if not 0 < len(fields[name]) <= NAME_CHARACTERS_MAX:
            faults.append(f"{at(name)}: a name of 1 to {NAME_CHARACTERS_MAX} characters is needed.")
    for name in ("match_id", "participant1_id", "participant2_id"):
        if fields.get(name) and not ID.fullmatch(fields[name]):
            faults.append(f"{at(name)}: not an id: 1 to 64 of A-Z a-z 0-9 _ and -.")
    moment = _moment(fields, at)
    if isinstance(moment, str):
        faults.append(moment)
    if faults or isinstance(moment, str):
        return faults
    return Planned(
        fields.get("match_id", ""),
        (
            (fields.get("participant1_id", ""), fields["participant1"]),
            (fields.get("participant2_id", ""), fields["participant2"]),
        ),
        moment,
        where,
    )


def _moment(fields: Mapping[str, str], at: Any) -> datetime | str:
    """When a row's match begins, or what is wrong."""
    if fields.get("scheduled_at"):
        return _with_offset(fields["scheduled_at"], at("scheduled_at"))
    missing = [name for name in ("date", "time", "timezone") if not fields.get(name)]
    if missing:
        name = missing[0] if missing[0] in fields else "scheduled_at"
        return f"{at(name)}: is empty."
    try:
        zone = ZoneInfo(fields["timezone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"{at('timezone')}: unknown time zone {fields['timezone']!r}."
    try:
        moment = datetime.fromisoformat(f"{fields['date']}T{fields['time'].zfill(5)}")
    except ValueError:
        return f"{at('date')}: not a date and time such as 2026-06-11 and 19:30."
    return moment.replace(tzinfo=moment.tzinfo or zone)


def _with_offset(text: str, where: str) -> datetime | str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return f"{where}: not a time such as 2026-06-11T19:00:00+02:00."
    return moment if moment.tzinfo else f"{where}: has no offset from UTC."


def _items(document: Any) -> list[Planned]:
    """The matches as `PUT /tournaments/{id}/matches` takes them."""
    listed = document.get("matches") if isinstance(document, dict) else document
    if not isinstance(listed, list):
        raise ScheduleError("The file has no list of `matches`.")
    planned, faults = [], []
    for number, item in enumerate(listed, start=1):
        found = _item(item, f"Match {number}")
        if isinstance(found, Planned):
            planned.append(found)
        else:
            faults.append(found)
    _stop_at(faults)
    return planned


def _item(item: Any, where: str) -> Planned | str:
    if not isinstance(item, dict):
        return f"{where}: not an object."
    unknown = sorted(map(str, item.keys() - {"match_id", "participants", "scheduled_at"}))
    if unknown:
        return f"{where}: unknown field {unknown[0]!r}."
    participants = item.get("participants")
    if not isinstance(participants, list) or len(participants) != 2:
        return f"{where}, participants: must be two objects with an id and a name."
    named = [each for each in participants if isinstance(each, dict)]
    pairs = [(str(each.get("id") or ""), str(each.get("name") or "")) for each in named]
    if len(pairs) != 2 or not all(name and (not own or ID.fullmatch(own)) for own, name in pairs):
        return f"{where}, participants: must be two objects with an id and a name."
    own_id = str(item.get("match_id") or "")
    if own_id and not ID.fullmatch(own_id):
        return f"{where}, match_id: not an id: 1 to 64 of A-Z a-z 0-9 _ and -."
    moment = _with_offset(str(item.get("scheduled_at")), f"{where}, scheduled_at")
    if isinstance(moment, str):
        return moment
    return Planned(own_id, (pairs[0], pairs[1]), moment, where)


def _finished(planned: Iterable[Planned], tournament_id: str) -> list[Planned]:
    """With ids for the matches and participants that the file gives none."""
    listed = list(planned)
    if not listed:
        raise ScheduleError("The file has no matches.")
    names = [name for match in listed for own, name in match.participants if not own]
    made = ids_of(names)
    complete = [_with_ids(match, made, tournament_id) for match in listed]
    pairs = [match.id for match in complete]
    complete = [
        _in_round(match, tournament_id) if not given.id and pairs.count(match.id) > 1 else match
        for given, match in zip(listed, complete, strict=True)
    ]
    _stop_at(list(_repeated(complete)))
    return complete


def _with_ids(match: Planned, made: Mapping[str, str], tournament_id: str) -> Planned:
    first, second = ((own or made[name], name) for own, name in match.participants)
    if first[0] == second[0]:
        raise ScheduleError(f"{match.where}: {first[1]} plays itself.")
    own_id = match.id or _bounded(f"{tournament_id}-{first[0]}-{second[0]}")
    return Planned(own_id, (first, second), match.scheduled_at, match.where, match.round)


def _in_round(match: Planned, tournament_id: str) -> Planned:
    """The same pair meets in several rounds."""
    if not match.round:
        return match
    first, second = match.participants
    own_id = _bounded(f"{tournament_id}-{slug(match.round)}-{first[0]}-{second[0]}")
    return Planned(own_id, match.participants, match.scheduled_at, match.where, match.round)


def _bounded(made: str) -> str:
    return made if len(made) <= ID_CHARACTERS_MAX else with_hash(made, made)


def _repeated(planned: Iterable[Planned]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for match in planned:
        if match.id in seen:
            yield (
                f"{match.where}: the same match as {seen[match.id][0].lower()}{seen[match.id][1:]}"
                f" ({match.id}); give each a match_id of its own."
            )
        seen.setdefault(match.id, match.where)


def _stop_at(faults: Sequence[str]) -> None:
    if not faults:
        return
    more = len(faults) - FAULTS_MAX
    rest = [f"And {more} more."] if more > 0 else []
    raise ScheduleError(" ".join([*faults[:FAULTS_MAX], *rest]))
