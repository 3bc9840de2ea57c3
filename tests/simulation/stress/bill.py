"""What a simulation asks of AWS: units by place, invocations, records and posts."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.harness.units import index_units, place_of, read_units, write_units
from tests.simulation.dynamodb import Key, Reply, Request, Written
from tests.simulation.expressions import Item
from tests.simulation.scheduler import Invocation
from tests.simulation.simulation import Simulation

SENDS = ("SendMessage", "SendMessageBatch")


@dataclass(slots=True)
class Bill:
    """Kept from `keep` on."""

    written: Counter[str] = field(default_factory=Counter)
    read_units: float = 0.0
    invocations: Counter[str] = field(default_factory=Counter)
    queued: int = 0
    posts: int = 0
    _factor: int = 1


def keep(simulation: Simulation) -> Bill:
    bill, dynamodb = Bill(), simulation.dynamodb
    apply, observe, on_posted = dynamodb.apply, dynamodb.observe, simulation.gateway.on_posted

    def applied(operation: str, request: Request, now_us: int) -> Reply:
        bill._factor = 2 if operation == "TransactWriteItems" else 1
        reply = apply(operation, request, now_us)
        bill.read_units += read_units(operation, request, reply)
        return reply

    def observed(written: list[Written]) -> None:
        for table, key, old, new in written:
            _write(bill, simulation, table, key, old, new)
        observe(written)

    def called(service: str, operation: str, request: Request) -> None:
        if operation in SENDS:
            bill.queued += len(request.get("Entries", [request]))

    def ended(function: str, _invocation: Invocation) -> None:
        bill.invocations[function] += 1

    def posted(*about: Any) -> None:
        bill.posts += 1
        on_posted(*about)

    dynamodb.apply, dynamodb.observe = applied, observed  # type: ignore[method-assign]
    simulation.calls.interceptors.append(called)
    simulation.on_ended.append(ended)
    simulation.gateway.on_posted = posted
    return bill


def _write(
    bill: Bill, simulation: Simulation, table: str, key: Key, old: Item | None, new: Item | None
) -> None:
    name = table.lower()
    bill.written[place_of(name, key[0])] += bill._factor * write_units(old, new)
    for index_name, index in simulation.dynamodb.tables[table].indexes.items():
        hash_and_range, others = index.projected[2:4], index.projected[4:]
        units = index_units(hash_and_range, others, old, new)
        bill.written[f"{name}/{index_name}"] += units
