"""A simulation with some clients connected, and a record of what reached them and when."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from scorecast.domain.connections.identity import Identity
from scorecast.domain.delivery import Delivery
from scorecast.domain.matches.tournament import Tournament
from scorecast.protocol.states import State
from tests.simulation import seams
from tests.simulation.client import Client, Message
from tests.simulation.expressions import Item
from tests.simulation.gateway import Habits
from tests.simulation.ledger import CONNECTIONS, Bounds, number
from tests.simulation.profiles import new_match
from tests.simulation.simulation import Plan, Simulation, empty, registered

SECOND_US: Final = 1_000_000
STEPS_MAX: Final = 2_000_000
QUIET: Final = Habits(disconnect_twice=0, disconnect_late=0)
ROOMY: Final = Bounds(per_user=1_000, per_ip=1_000, room_capacity=2_000)


@dataclass(frozen=True, slots=True)
class Posted:
    """One post, in seconds after the setting's start."""

    at_s: float
    at_us: int
    client_id: str
    message: Message
    outcome: Delivery

    @property
    def age_s(self) -> float:
        """Of the score that it holds, when it was posted."""
        return self.at_us / SECOND_US - float(self.message["data"]["updated_at"]) / 1_000


@dataclass(slots=True, repr=False)
class Setting:
    """What a scenario needs at hand."""

    simulation: Simulation
    official: Client
    begun_us: int = 0
    posts: list[Posted] = field(default_factory=list)
    ended_s: dict[str, float] = field(default_factory=dict)
    """When each connection gave its slots back."""
    sent: int = 0
    after: list[Callable[[], None]] = field(default_factory=list)
    """What a scenario has to put back at its end."""

    def now_s(self) -> float:
        return (self.simulation.scheduler.now_us - self.begun_us) / SECOND_US

    def at(self, at_s: float, happen: Callable[[], Any]) -> None:
        """At a time after the start."""
        due_us = self.begun_us + int(at_s * SECOND_US) - self.simulation.scheduler.now_us
        self.simulation.scheduler.after(due_us, happen)

    def send(self, client: Client, at_s: float, **message: Any) -> str:
        """The id of a message that a client sends then."""
        self.sent += 1
        message_id = f"f{self.sent}"
        self.at(at_s, lambda: self.simulation.gateway.send(client, {"id": message_id} | message))
        return message_id

    def score(
        self, at_s: float, first: int, second: int = 0, *, match_id: str = "m1", **more: Any
    ) -> str:
        by = more.pop("by", self.official)
        fields = {"participant1_score": first, "participant2_score": second, **more}
        return self.send(by, at_s, type="score_update", match_id=match_id, **fields)

    def sweep_until(self, until_s: float) -> None:
        self.simulation.sweep_for(int((until_s - self.now_s()) * SECOND_US))

    def run(self) -> None:
        self.simulation.run()

    def events(self, client_id: str | None = None, kind: str = "score_updated") -> list[Posted]:
        """What was delivered of a kind, to one client or to all."""
        return [
            posted
            for posted in self.posts
            if posted.outcome is Delivery.DELIVERED
            and posted.message["type"] == kind
            and client_id in (None, posted.client_id)
        ]

    def first_s(self, client_id: str, goals: int) -> float:
        """When a client first got a score in which the first participant has as many goals."""
        return min(
            (
                posted.at_s
                for posted in self.events(client_id)
                if posted.message["data"]["participant1_score"] >= goals
            ),
            default=float("inf"),
        )

    def item(self, pk: str, sk: str, table: str = CONNECTIONS) -> Item:
        return self.simulation.dynamodb.tables[table].items[pk, sk]

    def members(self, room: str = "m:m1") -> tuple[int, int]:
        """What a room's counter says, and how many membership items there are."""
        item = self.simulation.dynamodb.tables[CONNECTIONS].items.get((f"R#{room}", "R"))
        return number(item, "members"), self.simulation.ledger.members[room]

    def intercept(self, interceptor: Callable[[str, Message], Delivery | None]) -> None:
        self.simulation.gateway.interceptors.append(interceptor)


def viewer(name: str, **more: Any) -> Client:
    """A client of its own user and address; by default in no room."""
    return Client(id=name, identity=Identity(user_id=f"u-{name}"), ip=f"ip-{name}", **more)


def watching(name: str, match_id: str = "m1", **more: Any) -> Client:
    return viewer(name, match_id=match_id, **more)


def official(name: str = "official") -> Client:
    return Client(id=name, identity=Identity(user_id=name, role="service"), ip=f"ip-{name}")


def fill_buffers(scenario: Setting) -> None:
    """Of the clients that read nothing: their next posts are throttled."""
    for client in scenario.simulation.gateway.clients.values():
        if not client.reads:
            client.buffered_bytes = scenario.simulation.gateway.network.buffer_bytes


@contextmanager
def setting(
    clients: Iterable[Client] = (),
    *,
    matches: Iterable[str] = ("m1", "m2"),
    tournament: str = "t1",
    state: State = State.LIVE,
    bounds: Bounds = ROOMY,
    settings: dict[str, str] | None = None,
    plan: Plan | None = None,
    seed: int = 1,
) -> Iterator[Setting]:
    """The clients have been welcomed, and nothing else has happened."""
    with seams.installed():
        simulation = _simulation(matches, tournament, state, bounds, settings, plan, seed)
        begun = Setting(simulation, official())
        for client in (begun.official, *clients):
            simulation.gateway.connect(client)
        simulation.scheduler.steps_max = STEPS_MAX
        simulation.run()
        begun.begun_us = simulation.scheduler.now_us
        _listen(begun)
        try:
            yield begun
        finally:
            for restore in begun.after:
                restore()


def _simulation(
    matches: Iterable[str],
    tournament: str,
    state: State,
    bounds: Bounds,
    settings: dict[str, str] | None,
    plan: Plan | None,
    seed: int,
) -> Simulation:
    cup = Tournament(id=tournament, name="Cup", organizers=("official",), state="open", sequence=0)
    stored = [replace(new_match(each, state), tournament_id=tournament) for each in matches]
    limits = {
        "CONNECTION_LIMIT_POLICY": "reject",
        "CONNECTIONS_PER_USER": str(bounds.per_user),
        "CONNECTIONS_PER_IP": str(bounds.per_ip),
        "ROOM_CAPACITY": str(bounds.room_capacity),
    }
    simulation = Simulation(
        Random(seed),
        plan or Plan(habits=replace(QUIET)),
        empty(registered([cup], stored), bounds),
        settings=limits | (settings or {}),
    )
    seams.enter(simulation)
    return simulation


def _listen(begun: Setting) -> None:
    gateway, ledger = begun.simulation.gateway, begun.simulation.ledger

    def posted(client_id: str, message: Message, outcome: Delivery) -> None:
        now_us = begun.simulation.scheduler.now_us
        begun.posts.append(Posted(begun.now_s(), now_us, client_id, message, outcome))

    release = ledger.on_release

    def released(client_id: str, item: Item) -> None:
        begun.ended_s.setdefault(client_id, begun.now_s())
        release(client_id, item)

    gateway.on_posted, ledger.on_release = posted, released
