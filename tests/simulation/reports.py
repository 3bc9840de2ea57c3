"""What a run tells: its figures, its violation, its trace."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(slots=True)
class Line:
    """One line of a trace."""

    at_ms: float
    who: str
    operation: str
    request: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Outcome:
    seed: int
    violation: str | None
    trace: list[Line]
    steps: int
    calls: int
    invocations: int
    faults: int


def printed(trace: Iterable[Line]) -> str:
    """A trace, one step a line: when, who, what, and what came of it."""
    return "\n".join(
        f"{line.at_ms:12.3f}  {line.who:<28.28}  {line.operation:<18} {line.request}"
        f"  → {line.outcome}"
        for line in trace
    )
