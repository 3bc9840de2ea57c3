"""A tournament from an openfootball file. It plays what it can, and names the rest."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from scorecast_client.replay.match_entry import (
    NAME_CHARACTERS_MAX,
    Entry,
    TournamentFileError,
    match_of,
)
from scorecast_client.replay.names import ids_of, is_latin, slug
from scorecast_client.replay.tournament import Match, Tournament

ID: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")
ROUNDS: Final = "rounds"
GROUPS: Final = "groups"
"""Where some files have their matches: in lists of objects with a name."""


@dataclass(frozen=True)
class _Listed:
    """A match as it stands in the file, and what it is listed under."""

    fields: object
    round: str = ""
    group: str = ""


def load(path: Path, *, tournament_id: str | None = None) -> Tournament:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as fault:
        raise TournamentFileError(f"{path} cannot be read: {fault.strerror}.") from fault
    except UnicodeDecodeError as fault:
        raise TournamentFileError(f"{path} is not UTF-8 text.") from fault
    return parse(text, tournament_id=tournament_id)


def parse(text: str, *, tournament_id: str | None = None) -> Tournament:
    """Read the whole file. Raises TournamentFileError if none of its matches can be used.

    `tournament_id` replaces the ids made from the tournament's name, so that one file can be
    played more than once.
    """
    document = _object(text)
    name = document.get("name")
    if not isinstance(name, str) or not name:
        raise TournamentFileError("The tournament file needs `name`, a text.")
    matches, notes = _matches(list(_entries(document)))
    if not matches:
        raise TournamentFileError(notes[0] if notes else "The tournament file has no `matches`.")
    identity, prefix = _ids(name, tournament_id)
    return Tournament(identity, name, _numbered(matches, prefix), tuple(notes))


def _object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise TournamentFileError(f"The tournament file is not JSON: {fault}.") from fault
    if not isinstance(document, dict):
        raise TournamentFileError("The tournament file must hold a JSON object.")
    return document


def _entries(document: Mapping[str, Any]) -> Iterator[_Listed]:
    """Each match with the names of what it is listed under."""
    for match in _list(document, "matches"):
        yield _Listed(match)
    for listed in _objects(document, ROUNDS):
        for match in _list(listed, "matches"):
            yield _Listed(match, round=_name(listed))
    for listed in _objects(document, GROUPS):
        for match in _list(listed, "matches"):
            yield _Listed(match, group=_name(listed))


def _objects(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    return [each for each in _list(document, key) if isinstance(each, Mapping)]


def _name(listed: Mapping[str, Any]) -> str:
    return _label(listed.get("name"))


def _label(value: object) -> str:
    """The name of a round or a group; none if it is too long for one."""
    text = str(value or "").strip()
    return text if len(text) <= NAME_CHARACTERS_MAX else ""


def _list(fields: Mapping[str, Any], key: str) -> list[object]:
    value = fields.get(key)
    return value if isinstance(value, list) else []


def _matches(listed: list[_Listed]) -> tuple[list[Match], list[str]]:
    """Those that can be used, without their ids, and a sentence for each thing that cannot."""
    entries, notes = [], []
    for number, each in enumerate(listed, start=1):
        try:
            entries.append(_entry(each, number))
        except TournamentFileError as fault:
            notes.append(str(fault))
    team_ids = ids_of(entry.team_name(key) for entry in entries for key in ("team1", "team2"))
    matches = []
    for entry in entries:
        try:
            match, own_notes = match_of(entry, team_ids)
            matches.append(match)
            notes += own_notes
        except TournamentFileError as fault:
            notes.append(str(fault))
    return matches, notes


def _entry(listed: _Listed, number: int) -> Entry:
    where, fields = f"Match {number} of the file", listed.fields
    if not isinstance(fields, dict):
        raise TournamentFileError(f"{where} is not an object.")
    group = _label(fields.get("group")) or listed.group
    named = _label(fields.get("round")) or listed.round or group
    entry = Entry(fields, where, named or "Match", group)
    for key in ("team1", "team2"):
        entry.team_name(key)  # else there is nobody to play
    return entry


def _ids(name: str, tournament_id: str | None) -> tuple[str, str]:
    """The tournament's id and the prefix of its matches: World Cup 2026 → worldcup-2026, wc."""
    words = slug(name)
    initials = "".join(word[0] for word in words.split("-") if word[:1].isalpha())
    identity = tournament_id or re.sub(r"(?<=[a-z])-(?=[a-z])", "", words)
    prefix = initials if tournament_id is None and initials and is_latin(name) else identity
    if not ID.fullmatch(identity):
        raise TournamentFileError(
            f"The tournament id {identity!r} must be 1 to 60 of A-Z a-z 0-9 _ and -."
        )
    return identity, prefix


def _numbered(drafts: Iterable[Match], prefix: str) -> tuple[Match, ...]:
    ordered = sorted(drafts, key=lambda match: match.kick_off)
    return tuple(
        replace(match, id=f"{prefix[:60]}-{number:03}")
        for number, match in enumerate(ordered, start=1)
    )
