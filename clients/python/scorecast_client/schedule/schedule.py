"""A schedule from a file: CSV, JSON as the API takes it, or openfootball's JSON. Pure.

Either the whole file can be used, or every fault is named with its place.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from scorecast_client.replay.names import ids_of, slug, with_hash
from scorecast_client.replay.structure import structure_of
from scorecast_client.replay.tournament import Match
from scorecast_client.replay.tournament_file import parse as parse_openfootball
from scorecast_client.schedule import csv_file, json_file
from scorecast_client.schedule.planned import Planned, ScheduleError, Side, stop_at

ID_CHARACTERS_MAX: Final = 64


class Schedule(NamedTuple):
    """The matches of a file, what of it cannot be used but does not matter, and how its matches
    belong together, if it says that."""

    planned: list[Planned]
    notes: Sequence[str] = ()
    structure: Mapping[str, Any] | None = None


def read(text: str, *, tournament_id: str, is_json: bool) -> Schedule:
    if not is_json:
        return Schedule(_finished(csv_file.rows(text), tournament_id))
    document = json_file.document(text)
    if not _is_openfootball(document):
        return Schedule(_finished(json_file.items(text, document), tournament_id))
    found = parse_openfootball(text, tournament_id=tournament_id)
    planned = _finished(map(_played, found.matches), tournament_id)
    pairs = zip(found.matches, planned, strict=True)
    named = tuple(replace(match, id=own.id) for match, own in pairs)
    return Schedule(planned, found.notes, structure_of(replace(found, matches=named)))


def _is_openfootball(document: Any) -> bool:
    if not isinstance(document, dict):
        return False
    listed = document.get("matches")
    first = listed[0] if isinstance(listed, list) and listed else {}
    return not {"match_id", "participants"} & first.keys() if isinstance(first, dict) else True


def _played(match: Match) -> Planned:
    """A match of openfootball's, whose id is made as that of any other file."""
    first, second = (Side(team.name, team.id) for team in match.teams)
    where = f"{first.name} v {second.name}"
    return Planned((first, second), match.kick_off, where, round=match.round)


def _finished(planned: Iterable[Planned], tournament_id: str) -> list[Planned]:
    """With ids for the matches and participants that the file gives none."""
    listed = list(planned)
    if not listed:
        raise ScheduleError("The file has no matches.")
    sides = [side for match in listed for side in match.participants]
    made = ids_of([side.name for side in sides if side.is_known and not side.id])
    complete = [_with_ids(match, made, tournament_id) for match in listed]
    pairs = [match.id for match in complete]
    complete = [
        _in_round(match, tournament_id) if not given.id and pairs.count(match.id) > 1 else match
        for given, match in zip(listed, complete, strict=True)
    ]
    stop_at(list(_repeated(complete)))
    return complete


def _with_ids(match: Planned, made: Mapping[str, str], tournament_id: str) -> Planned:
    first, second = (
        side if side.id or not side.is_known else replace(side, id=made[side.name])
        for side in match.participants
    )
    if first.is_known and first.id == second.id:
        raise ScheduleError(f"{match.where}: {first.name} plays itself.")
    own_id = match.id or _bounded(f"{tournament_id}-{first.id}-{second.id}")
    return replace(match, id=own_id, participants=(first, second))


def _in_round(match: Planned, tournament_id: str) -> Planned:
    """The same pair meets in several rounds."""
    if not match.round:
        return match
    first, second = match.participants
    own_id = _bounded(f"{tournament_id}-{slug(match.round)}-{first.id}-{second.id}")
    return replace(match, id=own_id)


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
