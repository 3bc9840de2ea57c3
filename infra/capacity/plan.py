"""An audience's whole course under some bounds: peaks, totals and the bill."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from infra.capacity.audience import Audience
from infra.capacity.bounds import Bounds
from infra.capacity.demand import Demand, demand_at
from infra.capacity.overflow import dollars_per_second
from infra.capacity.timeline import moments
from infra.cost import Use, dollars, total

NOBODY: Final = 1.0
"""Fewer than this wait for a connection: those who happen to come in a step."""


@dataclass(frozen=True)
class Plan:
    audience: Audience
    bounds: Bounds

    @cached_property
    def demands(self) -> list[Demand]:
        steps = moments(self.audience, self.bounds)
        return [demand_at(moment, self.audience, self.bounds) for moment in steps]

    def peak(self, of: Callable[[Demand], float]) -> float:
        return max(map(of, self.demands))

    def peaks(self, of: Callable[[Demand], Mapping[str, float]]) -> dict[str, float]:
        """The highest of each of several, whenever that is."""
        highest: dict[str, float] = {}
        for demand in self.demands:
            for name, value in of(demand).items():
                highest[name] = max(value, highest.get(name, 0.0))
        return highest

    def at(self, minute: float) -> Demand:
        return min(self.demands, key=lambda demand: abs(demand.moment.minute - minute))

    def total(self, of: Callable[[Demand], float]) -> float:
        """Of rates a second, over the whole time."""
        return sum(of(demand) * demand.moment.step_s for demand in self.demands)

    def waiting_s(self, minute: float) -> float:
        """From then on until nobody waits for a connection any more."""
        begun = [demand.moment for demand in self.demands if demand.moment.minute >= minute]
        waited = [moment.waiting >= NOBODY for moment in begun]
        if True not in waited:
            return 0.0
        first = waited.index(True)
        waits = waited[first:].index(False) if False in waited[first:] else len(waited) - first
        return waits * begun[0].step_s

    @cached_property
    def used(self) -> Use:
        """On sockets."""
        return total(*map(_used_in_step, self.demands))

    @property
    def dollars(self) -> float:
        """Of sockets and snapshots."""
        return dollars(self.used) + self.total(
            lambda demand: dollars_per_second(demand.moment.overflow, self.audience)
        )

    def dollars_per_hour(self, demand: Demand) -> float:
        a_second = dollars(demand.use) + dollars_per_second(demand.moment.overflow, self.audience)
        return a_second * 3_600

    @property
    def viewer_hours(self) -> float:
        return self.total(lambda demand: demand.moment.viewers) / 3_600


def _used_in_step(demand: Demand) -> Use:
    return {unit: amount * demand.moment.step_s for unit, amount in demand.use.items()}


def by_table(units: Mapping[str, float]) -> dict[str, float]:
    """By table, whatever the key, and by index: each has its own throughput."""
    return _summed((place.partition(" ")[0], each) for place, each in units.items())


def _summed(parts: Iterable[tuple[str, float]]) -> dict[str, float]:
    summed: dict[str, float] = {}
    for name, value in parts:
        summed[name] = summed.get(name, 0.0) + value
    return summed
