"""Which viewer received which score during a load, and how late. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Final

from scorecast_client.messages import Event, whole_number
from scorecast_client.scoreboard import snapshot_of

MEASURED_MAX: Final = 1000
"""Updates that one message is measured for. A revision that jumps further is not a burst."""


@dataclass
class Delays:
    """Counted by the millisecond, so that a long load stays small."""

    counted: Counter[int] = field(default_factory=Counter)

    def add(self, delay_ms: float, times: int = 1) -> None:
        self.counted[max(0, round(delay_ms))] += times

    @property
    def count(self) -> int:
        return self.counted.total()

    def percentile_ms(self, percent: int) -> int | None:
        """The nearest rank; None where nothing was measured."""
        left = ceil(self.count * percent / 100)
        for delay_ms, times in sorted(self.counted.items()):
            left -= times
            if left <= 0:
                return delay_ms
        return None

    def summary(self) -> dict[str, int | None]:
        named = {"p50_ms": 50, "p99_ms": 99, "max_ms": 100}
        return {"count": self.count, **{k: self.percentile_ms(v) for k, v in named.items()}}


@dataclass
class Viewer:
    """What one viewer has last received. A score covers all that were accepted before it."""

    revision: int = 0
    score: tuple[int, int] | None = None
    messages: int = 0
    updates: int = 0
    """Updates that its messages stood for: the sum of `merged`."""


@dataclass
class LoadStats:
    viewers: list[Viewer] = field(default_factory=list)
    sent: int = 0
    accepted_at_ms: dict[int, float] = field(default_factory=dict)
    """When the answer came, by revision."""
    scores: dict[int, tuple[int, int]] = field(default_factory=dict)
    overtaken: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    delays: Delays = field(default_factory=Delays)
    received_early: dict[int, Counter[int]] = field(default_factory=dict)
    """When messages came whose updates' answers are still on their way, or are another process's:
    how many in each millisecond."""

    def accept(self, revision: int, score: tuple[int, int], *, now_ms: float) -> None:
        if revision in self.accepted_at_ms:
            return
        self.accepted_at_ms[revision] = now_ms
        self.scores[revision] = score
        self._measure_early(revision, self.received_early.pop(revision, Counter()))

    def add(self, other: "LoadStats") -> None:
        """What other viewers have received."""
        self.viewers += other.viewers
        self.errors.update(other.errors)
        for revision, received in other.received_early.items():
            if revision in self.accepted_at_ms:
                self._measure_early(revision, received)
            else:
                self.received_early.setdefault(revision, Counter()).update(received)

    def _measure_early(self, revision: int, received: Counter[int]) -> None:
        accepted_at_ms = self.accepted_at_ms[revision]
        for received_at_ms, times in received.items():
            self.delays.add(received_at_ms - accepted_at_ms, times)

    def receive(self, viewer: Viewer, event: Event) -> None:
        if event.type == "snapshot":
            self._cover(viewer, snapshot_of(event))
        elif event.type == "score_updated":
            viewer.messages += 1
            viewer.updates += whole_number(event.data.get("merged")) or 1
            newest = _revision(event.data)
            oldest = max(viewer.revision, newest - MEASURED_MAX) + 1
            for revision in range(oldest, newest + 1):
                self._measure(revision, event.received_at_ms)
            self._cover(viewer, event.data)
        elif event.type == "error":
            self.errors[str(event.data.get("code"))] += 1

    @property
    def final_revision(self) -> int:
        return max(self.accepted_at_ms, default=0)

    @property
    def final_score(self) -> tuple[int, int] | None:
        return self.scores.get(self.final_revision)

    def behind(self) -> int:
        """Viewers without the newest accepted score."""
        return sum(self._lacks(viewer) for viewer in self.viewers)

    def uncovered(self) -> int:
        """Accepted scores of which some viewer has received neither them nor a newer one."""
        least = min((viewer.revision for viewer in self.viewers), default=self.final_revision)
        return sum(revision > least for revision in self.accepted_at_ms)

    def merged_ratio(self) -> float | None:
        """Of the updates that messages stood for, the share without a message of its own."""
        updates = sum(viewer.updates for viewer in self.viewers)
        messages = sum(viewer.messages for viewer in self.viewers)
        return 1 - messages / updates if updates else None

    def _lacks(self, viewer: Viewer) -> bool:
        if viewer.revision < self.final_revision:
            return True
        return viewer.revision == self.final_revision and viewer.score != self.final_score

    def _cover(self, viewer: Viewer, data: Mapping[str, Any]) -> None:
        revision = _revision(data)
        if revision >= viewer.revision:
            viewer.revision = revision
            viewer.score = (data.get("participant1_score", 0), data.get("participant2_score", 0))

    def _measure(self, revision: int, received_at_ms: float) -> None:
        accepted_at_ms = self.accepted_at_ms.get(revision)
        if accepted_at_ms is None:
            self.received_early.setdefault(revision, Counter())[round(received_at_ms)] += 1
        else:
            self.delays.add(received_at_ms - accepted_at_ms)


def _revision(data: Mapping[str, Any]) -> int:
    return whole_number(data.get("revision")) or 0
