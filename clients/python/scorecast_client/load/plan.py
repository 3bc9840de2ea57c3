"""How many viewers and score updates, and how fast."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    viewers: int = 10
    updates_per_second: float = 1
    seconds: float = 10
    connections_per_second: float = 10
    processes: int = 1
    """Viewers in a process of their own from 2 on: one process reads some thousand messages a
    second."""
