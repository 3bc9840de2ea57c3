"""A schedule in JSON, as `PUT /tournaments/{id}/matches` takes it. Pure.

Every fault is named by the line and column at which its match begins.
"""

import json
from collections.abc import Iterator
from json.decoder import JSONObject  # type: ignore[attr-defined]
from json.scanner import py_make_scanner  # type: ignore[attr-defined]
from typing import Any, Final

from scorecast_client.schedule.planned import (
    ID,
    NAME_CHARACTERS_MAX,
    NEEDS_ID,
    Planned,
    ScheduleError,
    Side,
    metadata_faults,
    scoring_faults,
    stop_at,
    with_offset,
)

FIELDS: Final = frozenset({"match_id", "participants", "scheduled_at", "scoring", "metadata"})
PARTICIPANT: Final = (
    "must be two, each an object with id and name, with a placeholder, or with bye true"
)


class Placed(dict[str, Any]):
    """An object with the place in the text at which it begins."""

    begins_at = 0


def document(text: str) -> Any:
    """The parsed text, whose objects know where they stand."""
    try:
        return _Decoder().decode(text)
    except json.JSONDecodeError as fault:
        raise ScheduleError(
            f"Line {fault.lineno}, column {fault.colno}: not JSON: {fault.msg}."
        ) from fault
    except RecursionError as fault:
        raise ScheduleError("The file is nested too deeply.") from fault


class _Decoder(json.JSONDecoder):
    """Python's own scanner, since the one in C does not say where it is."""

    def __init__(self) -> None:
        super().__init__()
        self.parse_object = self._placed
        self.scan_once = py_make_scanner(self)

    def _placed(self, at: tuple[str, int], *options: Any) -> tuple[Placed, int]:
        found, end = JSONObject(at, *options)
        placed = Placed(found)
        placed.begins_at = at[1] - 1
        return placed, end


def items(text: str, found: Any) -> list[Planned]:
    listed = found.get("matches") if isinstance(found, dict) else found
    if not isinstance(listed, list):
        raise ScheduleError("The file has no list of `matches`.")
    planned, faults = [], []
    for number, item in enumerate(listed, start=1):
        where = f"Match {number}{_place(text, item)}"
        own = [f"{where}{fault}" for fault in _faults(item)]
        faults += own
        if not own:
            planned.append(_planned(item, where))
    stop_at(faults)
    return planned


def _place(text: str, item: Any) -> str:
    if not isinstance(item, Placed):
        return ""
    line = text.count("\n", 0, item.begins_at) + 1
    return f" (line {line}, column {item.begins_at - text.rfind('\n', 0, item.begins_at)})"


def _faults(item: Any) -> Iterator[str]:
    if not isinstance(item, dict):
        yield ": not an object."
        return
    for unknown in sorted(map(str, item.keys() - FIELDS)):
        yield f": unknown field {unknown!r}."
    sides = item.get("participants")
    if not isinstance(sides, list) or len(sides) != 2 or not all(map(_is_side, sides)):
        yield f", participants: {PARTICIPANT}."
    own_id = item.get("match_id")
    if own_id and not (isinstance(own_id, str) and ID.fullmatch(own_id)):
        yield ", match_id: not an id: 1 to 64 of A-Z a-z 0-9 _ and -."
    elif not own_id and _awaits_somebody(sides):
        yield f", match_id: {NEEDS_ID}"
    if "scheduled_at" not in item:
        yield ", scheduled_at: is missing; null is a time that is not known yet."
    elif item["scheduled_at"] is not None:
        moment = with_offset(str(item["scheduled_at"]), ", scheduled_at")
        yield from [moment] if isinstance(moment, str) else []
    for name, check in (("scoring", scoring_faults), ("metadata", metadata_faults)):
        if item.get(name) is not None:
            yield from (f", {name}: {fault}." for fault in check(item[name]))


def _awaits_somebody(sides: Any) -> bool:
    return isinstance(sides, list) and any("name" not in side for side in sides if _is_side(side))


def _is_side(side: Any) -> bool:
    """One of the three kinds; an id may be left out beside a name, and is then made from it."""
    if not isinstance(side, dict):
        return False
    if side.keys() == {"bye"}:
        return side["bye"] is True
    if side.keys() == {"placeholder"}:
        return _is_name(side["placeholder"])
    own_id, metadata = side.get("id"), side.get("metadata")
    is_id = own_id is None or (isinstance(own_id, str) and ID.fullmatch(own_id) is not None)
    is_small = metadata is None or not list(metadata_faults(metadata))
    return (
        side.keys() <= {"id", "name", "metadata"}
        and is_id
        and is_small
        and _is_name(side.get("name"))
    )


def _is_name(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= NAME_CHARACTERS_MAX


def _planned(item: dict[str, Any], where: str) -> Planned:
    first, second = (
        Side(
            each.get("name", ""),
            each.get("id") or "",
            each.get("placeholder", ""),
            is_bye="bye" in each,
            metadata=each.get("metadata"),
        )
        for each in item["participants"]
    )
    text = item["scheduled_at"]
    moment = None if text is None else with_offset(str(text), where)
    return Planned(
        (first, second),
        None if isinstance(moment, str) else moment,
        where,
        id=item.get("match_id") or "",
        scoring=item.get("scoring"),
        metadata=item.get("metadata"),
    )
