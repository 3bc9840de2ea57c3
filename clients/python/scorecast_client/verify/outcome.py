"""The possible outcomes of a check."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    OK = "ok"
    DIFFERS = "differs"
    """As the local cloud is known to do it, and AWS is not."""
    SKIPPED = "skipped"
    """The stack's parameters leave nothing to check."""
    FAILED = "FAILED"


class Failed(Exception):
    """What was seen in place of what must be."""


class Differs(Exception):
    """What the local cloud does in place of what AWS is documented to do."""


class Skipped(Exception):
    """Why there is nothing to check."""


@dataclass(frozen=True)
class Outcome:
    check: str
    result: Result
    seen: str
    fact: str
    seconds: float


def require(condition: bool, seen: str) -> None:
    if not condition:
        raise Failed(seen)
