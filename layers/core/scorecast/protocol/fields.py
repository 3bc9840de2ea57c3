"""The types of fields. A type's constraints are the rule, written once.

`validation` enforces them on what clients send, the documents show them as JSON Schema, and
`requirements` puts them into words for the client. Where the words cannot be derived from the
constraints, `doc` gives them.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from annotated_types import Ge, Le, MaxLen, MinLen, Predicate, doc

from scorecast.protocol.ids import ID_PATTERN
from scorecast.protocol.limits import (
    BEST_OF_MAX,
    CLOCK_MS_MAX,
    DETAILS_BYTES_MAX,
    DETAILS_DEPTH_MAX,
    EVENT_DATA_BYTES_MAX,
    ID_CHARACTERS_MAX,
    INTEGER_MAX,
    METADATA_BYTES_MAX,
    METADATA_DEPTH_MAX,
    NAME_CHARACTERS_MAX,
    PERIOD_NAME_CHARACTERS_MAX,
    REASON_CHARACTERS_MAX,
    SCALE_MAX,
    SCORE_MAX,
    SHOOTOUT_SCORE_MAX,
    TOKEN_CHARACTERS_MAX,
    UNIT_CHARACTERS_MAX,
)
from scorecast.protocol.states import DecidedBy, Outcome, State
from scorecast.protocol.strict_json import compact, is_deeper
from scorecast.protocol.text import is_plain, normalized

type JsonSchema = dict[str, Any]

# annotated_types has no constraint for the following four. pydantic calls the methods when it
# builds a validator, so that this module need not import it.


@dataclass(frozen=True, slots=True)
class Pattern:
    """The whole string matches a regular expression."""

    regex: str

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return handler(source) | {"pattern": self.regex}


@dataclass(frozen=True, slots=True)
class PlainText:
    """Normalized before its length is checked; refused with invisible characters in it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        function = {"type": "no-info", "function": _plain}
        return {"type": "function-before", "function": function, "schema": handler(source)}


def _plain(value: object) -> object:
    """Anything else than a string is left to the schema behind."""
    if not isinstance(value, str):
        return value
    text = normalized(value)
    if text and not is_plain(text):
        raise ValueError
    return text


@dataclass(frozen=True, slots=True)
class Documented:
    """What the JSON Schema says, where pydantic's own says too little or too much."""

    type: str
    format: str | None = None

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Any) -> JsonSchema:
        return {"type": self.type} | ({"format": self.format} if self.format else {})


@dataclass(frozen=True, slots=True)
class ByValue:
    """A member of an enumeration, given by its value: JSON has no members."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        schema = handler(source)
        handler.resolve_ref_schema(schema)["strict"] = False
        return schema


def _is_small_details(value: dict[str, Any]) -> bool:
    fits = not is_deeper(value, DETAILS_DEPTH_MAX)  # first: `compact` recurses without a limit
    return fits and len(compact(value).encode()) <= DETAILS_BYTES_MAX


def _is_small_metadata(value: dict[str, Any]) -> bool:
    fits = not is_deeper(value, METADATA_DEPTH_MAX)
    return fits and len(compact(value).encode()) <= METADATA_BYTES_MAX


def _is_small_event_data(value: dict[str, Any]) -> bool:
    return len(compact(value).encode()) <= EVENT_DATA_BYTES_MAX


_DATE_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def parse_date_time(text: str) -> datetime:
    """A date and time of RFC 3339; digits after the microseconds are dropped."""
    return datetime.fromisoformat(text.upper())


def is_date_time(text: str) -> bool:
    if not _DATE_TIME.fullmatch(text):
        return False
    try:
        parse_date_time(text)
    except ValueError:
        return False
    return True


Id = Annotated[
    str,
    Pattern(ID_PATTERN),
    doc(f"must be a string of 1 to {ID_CHARACTERS_MAX} of A-Z a-z 0-9 _ -"),
]
MessageId = Annotated[str, MinLen(1), MaxLen(ID_CHARACTERS_MAX)]
Score = Annotated[int, Ge(-SCORE_MAX), Le(SCORE_MAX)]
ShootoutScore = Annotated[int, Ge(0), Le(SHOOTOUT_SCORE_MAX)]
Scale = Annotated[int, Ge(0), Le(SCALE_MAX)]
BestOf = Annotated[int, Ge(1), Le(BEST_OF_MAX)]
ClockMs = Annotated[int, Ge(0), Le(CLOCK_MS_MAX)]
Revision = Annotated[int, Ge(0), Le(INTEGER_MAX)]
Sequence = Annotated[int, Ge(0), Le(INTEGER_MAX)]
Count = Annotated[int, Ge(0), Le(INTEGER_MAX)]
Timestamp = Annotated[int, Ge(0), Le(INTEGER_MAX)]
Text = Annotated[str, MinLen(1)]
Number = Annotated[int | float, Documented("number"), doc("must be a number")]
Name = Annotated[
    str,
    MinLen(1),
    MaxLen(NAME_CHARACTERS_MAX),
    PlainText(),
    doc(f"must be a string of 1 to {NAME_CHARACTERS_MAX} characters, all of them visible"),
]
Reason = Annotated[
    str,
    MinLen(1),
    MaxLen(REASON_CHARACTERS_MAX),
    PlainText(),
    doc(f"must be a string of 1 to {REASON_CHARACTERS_MAX} characters, all of them visible"),
]
Token = Annotated[str, MinLen(1), MaxLen(TOKEN_CHARACTERS_MAX)]
PeriodName = Annotated[
    str,
    MinLen(1),
    MaxLen(PERIOD_NAME_CHARACTERS_MAX),
    PlainText(),
    doc(f"must be a string of 1 to {PERIOD_NAME_CHARACTERS_MAX} characters, all of them visible"),
]
Unit = Annotated[
    str,
    MinLen(1),
    MaxLen(UNIT_CHARACTERS_MAX),
    PlainText(),
    doc(f"must be a string of 1 to {UNIT_CHARACTERS_MAX} characters, all of them visible"),
]
NewState = Annotated[State, ByValue()]
Ending = Annotated[Outcome, ByValue()]
Decision = Annotated[DecidedBy, ByValue()]
Details = Annotated[
    dict[str, Any],
    Predicate(_is_small_details),
    doc(f"must be an object of at most {DETAILS_BYTES_MAX} bytes and {DETAILS_DEPTH_MAX} levels"),
]
Metadata = Annotated[
    dict[str, Any],
    Predicate(_is_small_metadata),
    doc(f"must be an object of at most {METADATA_BYTES_MAX} bytes and {METADATA_DEPTH_MAX} levels"),
]
EventData = Annotated[
    dict[str, Any],
    Predicate(_is_small_event_data),
    doc(f"must be an object of at most {EVENT_DATA_BYTES_MAX} bytes"),
]
DateTime = Annotated[
    str,
    Predicate(is_date_time),
    Documented("string", "date-time"),
    doc("must be a date and time with a UTC offset, such as 2026-06-11T13:00:00-06:00"),
]
