"""A match as a schedule has it, whatever kind of file it is. Pure."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from scorecast_client.errors import ScorecastError

ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
NAME_CHARACTERS_MAX: Final = 120
UNIT_CHARACTERS_MAX: Final = 24
METADATA_BYTES_MAX: Final = 2048
WHOLE_NUMBERS: Final = {"scale": (0, 3), "best_of": (1, 99)}
"""Fields of `scoring` that are numbers, and their bounds."""


FAULTS_MAX: Final = 10
NEEDS_ID: Final = "give the match a match_id, which stays when it is known who plays."


class ScheduleError(ScorecastError):
    """The file cannot be used; nothing has been written."""


@dataclass(frozen=True)
class Side:
    """A player or a team, who it will be, or nobody. `id` may be empty until the file is read."""

    name: str = ""
    id: str = ""
    placeholder: str = ""
    is_bye: bool = False
    metadata: Mapping[str, Any] | None = None

    @property
    def is_known(self) -> bool:
        return not self.placeholder and not self.is_bye

    @property
    def label(self) -> str:
        return self.name or self.placeholder or "bye"

    def as_sent(self) -> dict[str, Any]:
        if self.is_bye:
            return {"bye": True}
        if self.placeholder:
            return {"placeholder": self.placeholder}
        return {"id": self.id, "name": self.name, **_given(metadata=self.metadata)}


@dataclass(frozen=True)
class Planned:
    """A match as the file has it. `id` may be empty until the whole file is read."""

    participants: tuple[Side, Side]
    scheduled_at: datetime | None
    """None: not known yet."""
    where: str
    id: str = ""
    round: str = ""
    scoring: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] | None = None

    def as_sent(self) -> dict[str, Any]:
        """As `PUT /tournaments/{id}/matches` takes it. What is left out stays as it is stored."""
        return {
            "match_id": self.id,
            "participants": [side.as_sent() for side in self.participants],
            "scheduled_at": None if self.scheduled_at is None else self.scheduled_at.isoformat(),
            **_given(scoring=self.scoring, metadata=self.metadata),
        }


def scoring_faults(scoring: object) -> Iterator[str]:
    """What the service would refuse."""
    if not isinstance(scoring, dict):
        yield "not an object"
        return
    for name, value in scoring.items():
        if name in WHOLE_NUMBERS:
            least, most = WHOLE_NUMBERS[name]
            if type(value) is not int or not least <= value <= most:
                yield f"{name} is not a number from {least} to {most}"
        elif name == "negative":
            if type(value) is not bool:
                yield "negative is not true or false"
        elif name != "unit":
            yield f"unknown field {name!r}"
        elif not isinstance(value, str) or not 0 < len(value) <= UNIT_CHARACTERS_MAX:
            yield f"unit is not a text of 1 to {UNIT_CHARACTERS_MAX} characters"


def metadata_faults(metadata: object) -> Iterator[str]:
    if not isinstance(metadata, dict):
        yield "not an object"
        return
    text = json.dumps(metadata, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > METADATA_BYTES_MAX:
        yield f"larger than {METADATA_BYTES_MAX} bytes"


def _given(**fields: object) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def with_offset(text: str, where: str) -> datetime | str:
    """A time, or what is wrong with it."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return f"{where}: not a time such as 2026-06-11T19:00:00+02:00."
    return moment if moment.tzinfo else f"{where}: has no offset from UTC."


def stop_at(faults: Sequence[str]) -> None:
    if not faults:
        return
    more = len(faults) - FAULTS_MAX
    rest = [f"And {more} more."] if more > 0 else []
    raise ScheduleError(" ".join([*faults[:FAULTS_MAX], *rest]))
