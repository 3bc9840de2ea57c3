"""A schedule in CSV, with a heading. Pure; every fault is named by its line and column."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scorecast_client.schedule.planned import (
    ID,
    NAME_CHARACTERS_MAX,
    NEEDS_ID,
    WHOLE_NUMBERS,
    Planned,
    ScheduleError,
    Side,
    metadata_faults,
    scoring_faults,
    stop_at,
    with_offset,
)

COLUMNS: Final = (
    "match_id",
    *(f"participant{side}{what}" for side in (1, 2) for what in ("", "_id", "_placeholder")),
    *("scheduled_at", "date", "time", "timezone"),
    *(f"scoring.{name}" for name in ("unit", "scale", "best_of", "negative")),
)
METADATA: Final = re.compile(r"metadata\.\S{1,64}")
REQUIRED: Final = ("participant1", "participant2")
UNKNOWN: Final = "unknown"
"""In place of a time that is not known yet."""
TRUTHS: Final = {"true": True, "false": False}

type At = Callable[[str], str]


def rows(text: str) -> list[Planned]:
    """The match of each line."""
    first_line = text.partition("\n")[0]
    delimiter = ";" if ";" in first_line and "," not in first_line else ","
    lines = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return _matches(lines)
    except csv.Error as fault:
        raise ScheduleError(f"Line {lines.line_num}: not CSV: {fault}.") from fault


def _matches(lines: Any) -> list[Planned]:
    heading = [name.strip() for name in next(lines, [])]
    heading = [name if METADATA.fullmatch(name) else name.lower() for name in heading]
    faults = list(_heading_faults(heading))
    stop_at(faults)
    planned = []
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        found = _planned(heading, cells, f"Line {lines.line_num}")
        if isinstance(found, Planned):
            planned.append(found)
        else:
            faults += found
    stop_at(faults)
    return planned


def _heading_faults(heading: Sequence[str]) -> Iterator[str]:
    for place, name in enumerate(heading, start=1):
        if name not in COLUMNS and not METADATA.fullmatch(name):
            known = ", ".join((*COLUMNS, "metadata.NAME"))
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

    faults = [*_name_faults(fields, at), *_id_faults(fields, at)]
    scoring = _scoring(fields)
    faults += [f"{_at_scoring(fault, heading, at)}: {fault}." for fault in scoring_faults(scoring)]
    prefix = "metadata."
    metadata = {n.removeprefix(prefix): v for n, v in fields.items() if n.startswith(prefix) and v}
    faults += [f"{where}, metadata: {fault}." for fault in metadata_faults(metadata)]
    moment = _moment(fields, at)
    if isinstance(moment, str):
        faults.append(moment)
    if faults or isinstance(moment, str):
        return faults
    return Planned(
        (_side(fields, "participant1"), _side(fields, "participant2")),
        moment,
        where,
        id=fields.get("match_id", ""),
        scoring=scoring or None,
        metadata=metadata or None,
    )


def _name_faults(fields: Mapping[str, str], at: At) -> Iterator[str]:
    """A participant has a name, or a placeholder until it is known."""
    for name in REQUIRED:
        other = f"{name}_placeholder"
        if fields[name] and fields.get(other):
            yield f"{at(other)}: there is a name, too; leave one of them empty."
        elif not 0 < len(fields[name] or fields.get(other, "")) <= NAME_CHARACTERS_MAX:
            yield f"{at(name)}: a name of 1 to {NAME_CHARACTERS_MAX} characters is needed."
        if fields.get(other) and not fields.get("match_id"):
            yield f"{at(other)}: {NEEDS_ID}"


def _id_faults(fields: Mapping[str, str], at: At) -> Iterator[str]:
    for name in ("match_id", "participant1_id", "participant2_id"):
        if fields.get(name) and not ID.fullmatch(fields[name]):
            yield f"{at(name)}: not an id: 1 to 64 of A-Z a-z 0-9 _ and -."


def _side(fields: Mapping[str, str], name: str) -> Side:
    placeholder = fields.get(f"{name}_placeholder", "")
    return Side(fields[name], fields.get(f"{name}_id", ""), placeholder)


def _scoring(fields: Mapping[str, str]) -> dict[str, Any]:
    """What a cell says, as the service takes it; text where it is none of that."""
    given = {
        name.removeprefix("scoring."): cell
        for name, cell in fields.items()
        if name.startswith("scoring.") and cell
    }
    return {name: _converted(name, cell) for name, cell in given.items()}


def _converted(name: str, cell: str) -> object:
    if name in WHOLE_NUMBERS:
        return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 10 else cell
    return TRUTHS.get(cell.lower(), cell) if name == "negative" else cell


def _at_scoring(fault: str, heading: Sequence[str], at: At) -> str:
    column = f"scoring.{fault.split()[0]}"
    return at(column) if column in heading else at(heading[0])


def _moment(fields: Mapping[str, str], at: At) -> datetime | str | None:
    """When a row's match begins, or what is wrong."""
    if fields.get("scheduled_at", "").lower() == UNKNOWN:
        return None
    if fields.get("scheduled_at"):
        return with_offset(fields["scheduled_at"], at("scheduled_at"))
    missing = [name for name in ("date", "time", "timezone") if not fields.get(name)]
    if missing:
        name = missing[0] if missing[0] in fields else "scheduled_at"
        return f"{at(name)}: is empty; a time that is not known yet is {UNKNOWN} in scheduled_at."
    try:
        zone = ZoneInfo(fields["timezone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return f"{at('timezone')}: unknown time zone {fields['timezone']!r}."
    try:
        moment = datetime.fromisoformat(f"{fields['date']}T{fields['time'].zfill(5)}")
    except ValueError:
        return f"{at('date')}: not a date and time such as 2026-06-11 and 19:30."
    return moment.replace(tzinfo=moment.tzinfo or zone)
