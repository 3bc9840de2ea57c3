"""What an error for a malformed message may say: known words, the client's `id`, and ids it used.

PROTOCOL demands that wrong fields are named; an unknown one is, if its name is an id's.
"""

import json
from dataclasses import fields
from functools import cache
from typing import Any, Final

from scorecast.protocol.commands import COMMANDS
from scorecast.protocol.errors import Rejection
from scorecast.protocol.fields import MessageId
from scorecast.protocol.ids import is_id
from scorecast.protocol.requirements import requirement

ANSWER_BYTES_MAX: Final = 512
_FIELDS: Final = [field for command in COMMANDS.values() for field in fields(command)]
NAMES: Final = frozenset({*(field.name for field in _FIELDS), "type", "id", "(unknown)"})
UNKNOWN: Final = "is not a known field"
DEMANDS: Final = frozenset(
    {
        *(requirement(field.type) for field in _FIELDS),
        requirement(MessageId),
        UNKNOWN,
        "is missing",
        "is missing or not a string",
        "or tournament_id is needed, and not both",
        "and participant2_score come together or not at all",
    }
)
SENTENCES: Final = frozenset(
    {
        "The message is not JSON in UTF-8.",
        "A message is a JSON object.",
        "There is no command of this type.",
        "Some fields are wrong.",
    }
)


def assert_ours(refused: Rejection) -> None:
    """Every word of a rejection of a malformed message is a known one."""
    assert refused.retry_after_ms is None
    named: Any = {} if refused.data is None else refused.data["errors"]
    for name, demand in named.items():
        assert is_ours(name, demand), refused
    assert refused.message in SENTENCES or _names_a_field(refused.message), refused


def is_ours(name: str, demand: str) -> bool:
    return demand in DEMANDS and (name in NAMES or (demand == UNKNOWN and is_id(name)))


def _names_a_field(message: str) -> bool:
    name, _, demand = message.removesuffix(".").partition(" ")
    return is_ours(name, demand)


@cache
def id_of(answer: str) -> str | None:
    """The id that an answer repeats. The answer must be short, and JSON."""
    assert len(answer.encode()) <= ANSWER_BYTES_MAX, answer
    found: str | None = json.loads(answer).get("id")
    return found
