"""The report of a run: its figures, its violation, its trace."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field


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
    seen: Counter[str]
    """What happened in it, by its name."""


@dataclass(slots=True)
class Tally:
    """What many runs were, together."""

    schedules: int = 0
    calls: int = 0
    invocations: int = 0
    faults: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    failed: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.schedules += 1
        self.calls += outcome.calls
        self.invocations += outcome.invocations
        self.faults += outcome.faults
        self.seen += outcome.seen
        if outcome.violation:
            self.failed.append(outcome)

    def merge(self, other: "Tally") -> None:
        self.schedules += other.schedules
        self.calls += other.calls
        self.invocations += other.invocations
        self.faults += other.faults
        self.seen += other.seen
        self.failed += other.failed


def printed(trace: Iterable[Line]) -> str:
    """A trace, one step a line: when, who, what, and what came of it."""
    return "\n".join(
        f"{line.at_ms:12.3f}  {line.who:<28.28}  {line.operation:<18} {line.request}"
        f"  → {line.outcome}"
        for line in trace
    )
