"""What happens in a run: who comes and goes, who reports what, and how adverse the conditions are.

A profile starts from what an undisturbed run left behind, so that its seeds begin in the middle.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from random import Random
from typing import Any, Final, Literal

from scorecast.domain.connections.identity import Identity
from scorecast.domain.matches.match import Match, Participant, Score
from scorecast.domain.matches.tournament import Tournament
from scorecast.protocol.states import State
from tests.simulation import seams
from tests.simulation.client import Client
from tests.simulation.gateway import LIFE_US, Habits
from tests.simulation.http_api import token
from tests.simulation.invariants import check_healed, check_on_time, check_reconciled
from tests.simulation.ledger import Bounds
from tests.simulation.outages import Outage
from tests.simulation.scheduler import START_US
from tests.simulation.simulation import READERS, Plan, Simulation, Start, empty, registered

MATCH: Final = "m1"
OTHER_MATCH: Final = "m2"
TOURNAMENT: Final = "t1"
OFFICIAL: Final = "official"


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    bounds: Bounds
    script: Callable[[Simulation], None]
    plan: Callable[[Random], Plan]
    crowd: Callable[[], Iterable[Client]] = tuple
    state: State = State.LIVE
    rooms_max: int = 10
    at_the_end: Callable[[Simulation], None] | None = None
    """What is done and looked at after a run, such as some minutes of undisturbed sweeps."""
    replaces_oldest: bool = False

    @property
    def settings(self) -> Mapping[str, str]:
        return {
            "CONNECTIONS_PER_USER": str(self.bounds.per_user),
            "CONNECTIONS_PER_IP": str(self.bounds.per_ip),
            "ROOM_CAPACITY": str(self.bounds.room_capacity),
            "ROOMS_PER_CONNECTION": str(self.rooms_max),
            "CONNECTION_LIMIT_POLICY": "replace_oldest" if self.replaces_oldest else "reject",
        }


def new_match(match_id: str, state: State) -> Match:
    return Match(
        id=match_id,
        tournament_id=TOURNAMENT,
        participants=(Participant("p1", "One"), Participant("p2", "Two")),
        scheduled_at="2026-06-11T13:00:00-06:00",
        state=state,
        score=Score(
            participant1=0,
            participant2=0,
            details=None,
            revision=0,
            updated_at_ms=None,
            updated_by=None,
        ),
        sequence=0,
        last_event_sequence=0,
    )


@cache
def start_of(profile: Profile) -> Start:
    """The crowd is connected and welcomed, in a run of its own without faults."""
    tournament = Tournament(
        id=TOURNAMENT, name="Cup", organizers=(OFFICIAL,), state="open", sequence=0
    )
    matches = [new_match(match_id, profile.state) for match_id in (MATCH, OTHER_MATCH)]
    start = empty(registered([tournament], matches), profile.bounds)
    plan = Plan(habits=Habits(disconnect_twice=0, disconnect_late=0))
    simulation = Simulation(Random(0), plan, start, settings=profile.settings)
    seams.enter(simulation)
    for client in profile.crowd():
        simulation.gateway.connect(client)
    simulation.run()
    return simulation.rest()


def _plan(rng: Random) -> Plan:
    """A third of the runs without faults, so that what must work unharmed is seen to."""
    faults = rng.choice((0, 0, 1, 1, 2, 4))
    return Plan(
        faults=faults,
        fault_rate=rng.choice((0.02, 0.05, 0.15)) if faults else 0.0,
        by_priority=rng.random() < 0.4,
        skew_us_max=rng.choice((0, 0, 20_000, 1_000_000)),
        page_items_max=rng.choice((1, 2, 1_000)),
        habits=Habits(
            disconnect_lost=rng.choice((0.0, 0.3)),
            disorder_us=rng.choice((1, 5_000, 100_000)),
            slow_authorizer=rng.choice((0.0, 0.1)),
        ),
        repeats=rng.random() < 0.3,
        in_aws=rng.random() < 0.5,
        makes_good=True,
        keeps_history=True,
    )


def _plan_of_shards(rng: Random) -> Plan:
    plan = _plan(rng)
    plan.shard_members = rng.choice((1, 1, 2))
    return plan


def _soon(simulation: Simulation, spread_us: int) -> int:
    return int(simulation.rng.random() * spread_us)


def _spread_us(simulation: Simulation) -> int:
    return simulation.rng.choice((3_000, 30_000, 200_000, 2_000_000))


def client(
    number: int | str,
    user: str,
    ip: str = "ip-0",
    expires_at_ms: int | None = None,
    **more: Any,
) -> Client:
    identity = Identity(user_id=user, expires_at_ms=expires_at_ms)
    return Client(id=f"c-{number}", identity=identity, ip=ip, **more)


def _official(number: int, **more: Any) -> Client:
    identity = Identity(user_id=f"{OFFICIAL}-{number}", role="service")
    return Client(id=f"official-{number}", identity=identity, ip=f"ip-o{number}", **more)


def _send(simulation: Simulation, sender: Client, at_us: int, **message: Any) -> None:
    number = simulation.next_number()
    simulation.scheduler.after(
        at_us, lambda: simulation.gateway.send(sender, {"id": f"f{number}"} | message)
    )


# Admission: users at their limits, who come and go faster than their functions run


def _admission(simulation: Simulation) -> None:
    rng, spread_us = simulation.rng, _spread_us(simulation)
    watched = rng.random() < 0.3
    for number in range(rng.randint(3, 6)):
        one = client(
            number,
            user=f"u{rng.randrange(2)}",
            ip=f"ip-{rng.randrange(2)}",
            match_id=MATCH if watched else None,
        )
        at_us = _soon(simulation, spread_us)
        if rng.random() < 0.25:
            at_us += rng.choice((12_000_000, 40_000_000))
        simulation.scheduler.after(at_us, partial(simulation.gateway.connect, one))
        if rng.random() < 0.6:
            stay_us = _soon(simulation, rng.choice((5_000, 50_000, 5_000_000)))
            _drop(simulation, one, at_us + stay_us)


# Rooms: a few connections in and out of two rooms that hold fewer


def _room_crowd() -> Iterable[Client]:
    return [
        client("room-0", user="u0", ip="ip-0", match_id=MATCH),
        client("room-1", user="u1", ip="ip-1", tournament_id=TOURNAMENT),
        client("room-2", user="u2", ip="ip-2"),
    ]


_ROOMS: Final[tuple[dict[str, str], ...]] = (
    {"match_id": MATCH},
    {"match_id": OTHER_MATCH},
    {"tournament_id": TOURNAMENT},
)


def _come_and_go(simulation: Simulation, spread_us: int) -> None:
    rng = simulation.rng
    for one in list(simulation.gateway.clients.values()):
        if one.id.startswith("official"):
            continue
        at_us = _soon(simulation, spread_us)
        for _ in range(rng.randint(0, 4)):
            at_us = at_us if rng.random() < 0.5 else _soon(simulation, spread_us)
            _visit(simulation, one, rng.choice(_ROOMS), at_us)
        if rng.random() < 0.3:
            _drop(simulation, one, at_us + 1 + _soon(simulation, 10_000))


def _rooms(simulation: Simulation) -> None:
    _come_and_go(simulation, _spread_us(simulation))


# Scores: bursts from officials before viewers of the match and of its tournament


def _score_crowd() -> Iterable[Client]:
    return [
        _official(1),
        _official(2),
        client("match", user="u1", ip="ip-1", match_id=MATCH),
        client("tournament", user="u2", ip="ip-2", tournament_id=TOURNAMENT),
    ]


def _score(
    simulation: Simulation, sender: Client, at_us: int, first: int, second: int, **more: Any
) -> None:
    fields = {"participant1_score": first, "participant2_score": second, **more}
    _send(simulation, sender, at_us, type="score_update", **{"match_id": MATCH} | fields)


def _beside(simulation: Simulation, goals: int) -> dict[str, Any]:
    """What is now and then given with a score."""
    scores = {"participant1_score": goals, "participant2_score": goals}
    may_be_given: dict[str, Any] = {
        "details": {"minute": goals},
        "periods": [{"name": "1", **scores, "final": False}],
        "clock": {"period": None, "running": False, "elapsed_ms": goals, "at": START_US // 1_000},
        "shootout": scores,
    }
    return {name: it for name, it in may_be_given.items() if simulation.rng.random() < 0.2}


def _burst(simulation: Simulation, spread_us: int, updates_max: int = 7) -> None:
    """Scores with revisions, without, or of both kinds; ids are sometimes given and repeated."""
    rng = simulation.rng
    kind, burst = rng.choice(("revision", "received", "mixed")), simulation.next_number()
    officials = [simulation.gateway.clients["official-1"], simulation.gateway.clients["official-2"]]
    starts_us = sorted(_soon(simulation, spread_us) for _ in range(rng.randint(1, updates_max)))
    for goals, at_us in enumerate(starts_us, start=1):
        more = _beside(simulation, goals)
        if kind == "revision" or (kind == "mixed" and rng.random() < 0.6):
            more["client_revision"] = goals
        if rng.random() < 0.3:
            more["update_id"] = f"update-{burst}-{goals}"
        if rng.random() < 0.2:
            more["base_revision"] = rng.randrange(goals)
        second = simulation.rng.randrange(3)
        if kind != "mixed" and rng.random() < 0.2:
            more["match_id"] = OTHER_MATCH
        again_us = at_us + _soon(simulation, 50_000)
        times = (at_us, again_us) if "update_id" in more and rng.random() < 0.4 else (at_us,)
        for time_us in times:
            _score(simulation, rng.choice(officials), time_us, goals, second, **more)


def _newcomers(simulation: Simulation, spread_us: int) -> None:
    """Some come while scores are published; one returns with what it knew."""
    rng = simulation.rng
    if rng.random() < 0.4:
        room: dict[str, Any] = rng.choice(({"match_id": MATCH}, {"tournament_id": TOURNAMENT}))
        newcomer = client("new", user="u9", ip="ip-9", **room)
        simulation.scheduler.after(
            _soon(simulation, spread_us), lambda: simulation.gateway.connect(newcomer)
        )
    if rng.random() < 0.4:
        viewer = simulation.gateway.clients["c-tournament"]
        _send(
            simulation,
            viewer,
            _soon(simulation, spread_us),
            type="subscribe",
            match_id=MATCH,
            since=0,
        )


def _crowd(simulation: Simulation, spread_us: int) -> None:
    """Now and then several come to the tournament, while what one has read may be kept."""
    if simulation.rng.random() < 0.2:
        for number in range(3):
            newcomer = client(
                f"crowd-{number}", user=f"crowd-{number}", ip="ip-8", tournament_id=TOURNAMENT
            )
            connect = partial(simulation.gateway.connect, newcomer)
            simulation.scheduler.after(_soon(simulation, spread_us), connect)


def _pause(simulation: Simulation, spread_us: int) -> None:
    """Now and then a viewer takes nothing for a while."""
    rng = simulation.rng
    viewers = [each for each in simulation.gateway.clients.values() if each.id.startswith("c-")]
    if viewers and rng.random() < 0.25:
        paused, time_us = rng.choice(viewers), rng.choice((100_000, 3_000_000, 12_000_000))
        pause = partial(simulation.gateway.pause, paused, time_us)
        simulation.scheduler.after(_soon(simulation, spread_us), pause)


def _scores(simulation: Simulation) -> None:
    spread_us = _spread_us(simulation)
    _pause(simulation, spread_us)
    _burst(simulation, spread_us)
    _newcomers(simulation, spread_us + 200_000)
    _crowd(simulation, spread_us + 200_000)


# Shards: rooms so large that messages are fanned out, shard by shard


def _shard_crowd() -> Iterable[Client]:
    return [
        *_score_crowd(),
        client("both", user="u3", ip="ip-3", match_id=MATCH),
        client("second", user="u4", ip="ip-4", tournament_id=TOURNAMENT),
    ]


def _shards(simulation: Simulation) -> None:
    rng, spread_us = simulation.rng, _spread_us(simulation)
    _pause(simulation, spread_us)
    _burst(simulation, spread_us, updates_max=3)
    both = simulation.gateway.clients["c-both"]
    _send(simulation, both, 1, type="subscribe", **_ROOMS[2])
    if rng.random() < 0.5:
        _visit(simulation, both, _ROOMS[0], spread_us + 100_000 + _soon(simulation, 60_000))
    for name in ("c-second", "c-match"):
        one = simulation.gateway.clients[name]
        for _ in range(rng.randint(0, 2)):
            _visit(simulation, one, rng.choice(_ROOMS), _soon(simulation, spread_us + 300_000))
    if rng.random() < 0.4:
        _decisions(simulation, spread_us)
    _newcomers(simulation, spread_us + 200_000)


def _visit(simulation: Simulation, one: Client, room: dict[str, str], at_us: int) -> None:
    kind = "subscribe" if simulation.rng.random() < 0.6 else "unsubscribe"
    if kind == "unsubscribe":
        one.left.add(f"m:{room['match_id']}" if "match_id" in room else f"t:{TOURNAMENT}")
    _send(simulation, one, at_us, type=kind, **room)


# Decisions: events that decide a match, among scores and each other


def _decisions(simulation: Simulation, spread_us: int) -> None:
    rng = simulation.rng
    officials = [simulation.gateway.clients["official-1"], simulation.gateway.clients["official-2"]]
    for _ in range(rng.randint(1, 3)):
        message = rng.choice(_DECISIONS)
        _send(
            simulation,
            rng.choice(officials),
            _soon(simulation, spread_us),
            match_id=MATCH,
            **message,
        )


def _disputes(simulation: Simulation) -> None:
    """Players and officials disagree, while scores come in and the match may end."""
    rng, spread_us = simulation.rng, _spread_us(simulation)
    _burst(simulation, spread_us, updates_max=3)
    players = [simulation.gateway.clients["c-p1"], simulation.gateway.clients["c-p2"]]
    officials = [simulation.gateway.clients["official-1"], simulation.gateway.clients["official-2"]]
    for player in players[: rng.randint(1, 2)]:
        reason = f"{player.id} disagrees"
        for _ in range(rng.choice((1, 1, 2))):
            at_us = _soon(simulation, spread_us)
            _send(simulation, player, at_us, type="dispute_create", match_id=MATCH, reason=reason)
    for official in officials[: rng.randint(0, 2)]:
        _resolve(simulation, official, _soon(simulation, 2 * spread_us))
    for _ in range(rng.randint(0, 2)):
        message = rng.choice(_RULINGS)
        _send(
            simulation,
            rng.choice(officials),
            _soon(simulation, spread_us),
            match_id=MATCH,
            **message,
        )


def _resolve(simulation: Simulation, official: Client, at_us: int) -> None:
    """An official closes a dispute that a player knows; sometimes another one has before."""

    def send() -> None:
        answers = [
            answer["data"]["dispute_id"]
            for one in simulation.gateway.clients.values()
            for answer in one.answers.values()
            if "dispute_id" in answer.get("data", {}) and answer["type"] == "accepted"
        ]
        if answers:
            resolution = simulation.rng.choice(("upheld", "rejected", "withdrawn"))
            _send(
                simulation,
                official,
                1,
                type="dispute_resolve",
                match_id=MATCH,
                dispute_id=simulation.rng.choice(answers),
                resolution=resolution,
            )

    simulation.scheduler.after(at_us, send)


_RULINGS: Final[tuple[dict[str, Any], ...]] = (
    {"type": "match_state_change", "new_state": "live"},
    {"type": "match_state_change", "new_state": "disputed"},
    {"type": "match_complete", "winner_id": "p2"},
    {"type": "dispute_create", "reason": "unclear"},
)


def _dispute_crowd() -> Iterable[Client]:
    return [
        *_score_crowd(),
        client("p1", user="p1", ip="ip-3", match_id=MATCH),
        client("p2", user="p2", ip="ip-4"),
    ]


_DECISIONS: Final[tuple[dict[str, Any], ...]] = (
    {"type": "match_complete", "winner_id": "p1"},
    {"type": "match_complete", "winner_id": None, "participant1_score": 9, "participant2_score": 9},
    {"type": "match_state_change", "new_state": "paused"},
    {"type": "match_state_change", "new_state": "live"},
    {"type": "match_state_change", "new_state": "cancelled"},
    {"type": "dispute_create", "reason": "offside"},
    {"type": "match_start"},
)


# Second thoughts: a match ends, and its end is corrected or taken back, while scores come in


_ENDINGS: Final[tuple[dict[str, Any], ...]] = (
    {"type": "match_complete", "winner_id": "p1"},
    {"type": "match_complete", "winner_id": "p2", "outcome": "retired"},
    {"type": "match_complete", "winner_id": None, "participant1_score": 9, "participant2_score": 9},
    {"type": "match_state_change", "new_state": "cancelled"},
    {"type": "match_state_change", "new_state": "postponed"},
    {"type": "match_state_change", "new_state": "scheduled"},
)
_SECOND_THOUGHTS: Final[tuple[dict[str, Any], ...]] = (
    {"type": "match_amend", "winner_id": "p2", "outcome": "awarded", "reason": "ineligible"},
    {
        "type": "match_amend",
        "reason": "counted wrong",
        "participant1_score": 7,
        "participant2_score": 8,
    },
    {"type": "match_reopen", "new_state": "live", "reason": "by mistake"},
    {"type": "match_reopen", "new_state": "paused", "reason": "extra time"},
    {"type": "match_reopen", "new_state": "scheduled", "reason": "to be played anew"},
    {"type": "match_start"},
    {"type": "match_complete", "winner_id": "p1", "outcome": "walkover"},
    {"type": "dispute_create", "reason": "unclear"},
)


def _second_thoughts(simulation: Simulation) -> None:
    rng, spread_us = simulation.rng, _spread_us(simulation)
    _burst(simulation, spread_us, updates_max=3)
    officials = [simulation.gateway.clients["official-1"], simulation.gateway.clients["official-2"]]
    ends_us = _soon(simulation, spread_us)
    _send(simulation, rng.choice(officials), ends_us, match_id=MATCH, **rng.choice(_ENDINGS))
    for _ in range(rng.randint(1, 3)):
        at_us = ends_us + _soon(simulation, spread_us)
        thought = rng.choice(_SECOND_THOUGHTS)
        _send(simulation, rng.choice(officials), at_us, match_id=MATCH, **thought)
    for goals in range(rng.randint(0, 3)):
        at_us = ends_us + _soon(simulation, 2 * spread_us)
        _score(simulation, rng.choice(officials), at_us, 20 + goals, rng.randrange(3))
    if rng.random() < 0.5:
        _newcomers(simulation, rng.choice((spread_us, 2 * spread_us + 200_000)))


def _completion(simulation: Simulation) -> None:
    spread_us = _spread_us(simulation)
    _pause(simulation, spread_us)
    _burst(simulation, spread_us, updates_max=4)
    _decisions(simulation, spread_us)
    if simulation.rng.random() < 0.5:
        _newcomers(simulation, simulation.rng.choice((spread_us, spread_us + 200_000)))


# Sweeps: connections that are silent, gone without a word, or alive, while sweeps come and go


def _quiet_crowd() -> Iterable[Client]:
    return [
        client("alive", user="u1", ip="ip-1", match_id=MATCH),
        client("silent", user="u2", ip="ip-2", match_id=MATCH, answers_pings=False),
        client("gone", user="u3", ip="ip-3", tournament_id=TOURNAMENT),
        client("slow", user="u4", ip="ip-4"),
    ]


def _sweeps(simulation: Simulation) -> None:
    rng = simulation.rng
    simulation.plan.habits.disconnect_lost = 0.7
    simulation.plan.habits.false_gone = rng.choice((0.0, 0.0, 0.2))
    simulation.gateway.clients["c-slow"].pong_delay_us = _soon(simulation, 40_000_000)
    simulation.sweep_for(rng.choice((20_000_000, 70_000_000)))
    for one in list(simulation.gateway.clients.values()):
        if one.id not in ("c-alive", "c-slow") and rng.random() < 0.4:
            _drop(simulation, one, _soon(simulation, 60_000_000))
        if rng.random() < 0.3:
            _send(
                simulation,
                one,
                _soon(simulation, 60_000_000),
                type="subscribe",
                match_id=OTHER_MATCH,
            )
    _admission(simulation)


def _drop(simulation: Simulation, one: Client, at_us: int) -> None:
    simulation.scheduler.after(at_us, lambda: simulation.gateway.drop(one))


# Tokens: connections whose time is up, their token's or their own, and items that TTL deletes


def _mortal_crowd() -> Iterable[Client]:
    expires_at_ms = START_US // 1_000 + 45_000
    return [
        client("lasting", user="u1", ip="ip-1", match_id=MATCH),
        client("expiring", user="u2", ip="ip-2", expires_at_ms=expires_at_ms, match_id=MATCH),
        client("refreshing", user="u3", ip="ip-3", expires_at_ms=expires_at_ms),
    ]


def _plan_of_ends(rng: Random) -> Plan:
    plan = _plan(rng)
    plan.ends_the_living = plan.habits.returns = True
    return plan


_SECOND_US: Final = 1_000_000
_MINUTE_US: Final = 60 * _SECOND_US


def _tokens(simulation: Simulation) -> None:
    rng = simulation.rng
    age_minutes = rng.choice((0, 0, 0, 100, 112, 126, 190))
    simulation.scheduler.now_us += age_minutes * _MINUTE_US + _soon(simulation, 7 * _MINUTE_US)
    crowd = list(simulation.gateway.clients.values())
    for one in crowd:
        _cut(simulation, one)
        for _ in range(rng.randint(0, 2)):
            kind = rng.choice(("ping", "subscribe"))
            more: dict[str, Any] = {"match_id": MATCH} if kind == "subscribe" else {"timestamp": 1}
            _send(simulation, one, _soon(simulation, 60_000_000), type=kind, **more)
    refreshing = simulation.gateway.clients["c-refreshing"]
    for _ in range(rng.randint(0, 2)):
        holder = rng.choice((refreshing, refreshing, crowd[0]))
        later_ms = simulation.scheduler.now_us // 1_000 + rng.choice((20_000, 600_000))
        newer = replace(holder.identity, expires_at_ms=later_ms)
        _send(
            simulation,
            refreshing,
            _soon(simulation, 60_000_000),
            type="refresh",
            token=token(newer),
        )
    for _ in range(rng.randint(0, 3)):
        spread_us = rng.choice((2_000_000, 100_000_000))
        simulation.scheduler.after(_soon(simulation, spread_us), simulation.expire)
    simulation.sweep_for(rng.choice((20_000_000, 70_000_000)))


def _cut(simulation: Simulation, one: Client) -> None:
    """API Gateway cuts every connection after two hours.

    If that is long ago, its `$disconnect` was lost, or comes now.
    """
    left_us = one.connected_at_ms * 1_000 + LIFE_US - simulation.scheduler.now_us
    if left_us < 0 and simulation.rng.random() < 0.6:
        one.state = "closed"
    if left_us < _MINUTE_US:
        _drop(simulation, one, max(0, left_us))


# Reconciliation: counters that faults have left too high, while others come and go


def _plan_of_drift(rng: Random) -> Plan:
    plan = _plan(rng)
    plan.faults, plan.fault_rate = rng.choice(((0, 0.0), (4, 0.1), (8, 0.2)))
    return plan


def _reconcile(simulation: Simulation) -> None:
    rng = simulation.rng
    _come_and_go(simulation, rng.choice((200_000, 2_000_000)))
    if rng.random() < 0.2:
        _admission(simulation)
    for round_us in (3_000_000, 70_000_000):
        simulation.scheduler.after(round_us, simulation.reconcile)
        for name in sorted(simulation.gateway.clients):
            at_us = round_us + 10_000 + _soon(simulation, 60_000)
            _visit(simulation, simulation.gateway.clients[name], rng.choice(_ROOMS), at_us)


# Registrations: who plays and when changes while scores come in, and new matches are registered


_NEW_MATCH: Final = "m3"


def _registrations(simulation: Simulation) -> None:
    rng, spread_us = simulation.rng, _spread_us(simulation)
    _burst(simulation, spread_us, updates_max=3)
    for number in range(rng.randint(1, 4)):
        _register(simulation, number, _soon(simulation, spread_us))
    _begin_or_delete(simulation, spread_us)
    if rng.random() < 0.4:
        official = simulation.gateway.clients["official-1"]
        message = rng.choice((*_ENDINGS, *_DECISIONS))
        _send(simulation, official, _soon(simulation, spread_us), match_id=MATCH, **message)
    _newcomers(simulation, spread_us + 200_000)


def _register(simulation: Simulation, number: int, at_us: int) -> None:
    rng = simulation.rng
    official = simulation.gateway.clients[rng.choice(("official-1", "official-2"))].identity
    body = {
        "tournament_id": TOURNAMENT,
        "participants": [{"id": "p1", "name": f"One {number}"}, {"id": "p2", "name": "Two"}],
        "scheduled_at": f"2026-06-11T1{rng.randrange(3)}:00:00Z",
    }
    path = f"/matches/{rng.choice((MATCH, _NEW_MATCH, _NEW_MATCH))}"
    simulation.scheduler.after(at_us, partial(simulation.http.ask, official, "PUT", path, body))


def _begin_or_delete(simulation: Simulation, spread_us: int) -> None:
    """The new match is deleted, perhaps while it begins, is disputed or is registered again."""
    rng, official = simulation.rng, simulation.gateway.clients["official-1"]
    for _ in range(rng.choice((0, 1, 1, 2))):
        delete = partial(simulation.http.ask, official.identity, "DELETE", f"/matches/{_NEW_MATCH}")
        simulation.scheduler.after(_soon(simulation, 2 * spread_us), delete)
    start = {"type": "match_state_change", "new_state": "live"}
    for message in (start, {"type": "dispute_create", "reason": "the date"}):
        if rng.random() < 0.2:
            at_us = _soon(simulation, 2 * spread_us)
            _send(simulation, official, at_us, match_id=_NEW_MATCH, **message)
    if rng.random() < 0.3:
        viewer = simulation.gateway.clients["c-match"]
        at_us = _soon(simulation, 2 * spread_us)
        _send(simulation, viewer, at_us, type="subscribe", match_id=_NEW_MATCH)


# HTTP: the same reports and ends by the other API, and connections that show a token or a ticket


def _http(simulation: Simulation) -> None:
    rng, spread_us = simulation.rng, _spread_us(simulation)
    _burst(simulation, spread_us, updates_max=2)
    _put_scores(simulation, spread_us)
    official = simulation.gateway.clients["official-1"].identity
    for _ in range(rng.randint(0, 2)):
        method, path, body = rng.choice(_ASKED)
        at_us = _soon(simulation, spread_us)
        simulation.scheduler.after(
            at_us, partial(simulation.http.ask, official, method, path, body)
        )
    _buy_ticket(simulation, _soon(simulation, spread_us))
    for number in range(rng.randint(0, 2)):
        _knock(simulation, number, _soon(simulation, spread_us))


_ASKED: Final[tuple[tuple[str, str, dict[str, Any] | None], ...]] = (
    ("GET", f"/matches/{MATCH}", None),
    ("GET", f"/tournaments/{TOURNAMENT}", None),
    ("GET", f"/rooms/{MATCH}", None),
    ("GET", "/matches/nowhere", None),
    ("POST", f"/matches/{MATCH}/events", {"type": "match_complete", "winner_id": "p1"}),
    ("POST", f"/matches/{MATCH}/events", {"type": "match_state_change", "new_state": "paused"}),
    ("POST", f"/matches/{MATCH}/events", {"type": "dispute_create", "reason": "offside"}),
    ("POST", f"/tournaments/{TOURNAMENT}/events", {"type": "bracket_updated"}),
    ("DELETE", "/users/u1/connections", None),
)


def _put_scores(simulation: Simulation, spread_us: int) -> None:
    rng = simulation.rng
    for goals in range(1, rng.randint(1, 4)):
        key = f"key-{goals}" if rng.random() < 0.4 else None
        fields = {"participant1_score": goals, "participant2_score": 5}
        for _ in range(2 if key is not None and rng.random() < 0.5 else 1):
            official = simulation.gateway.clients[rng.choice(("official-1", "official-2"))]
            put = partial(simulation.http.put_score, official, OTHER_MATCH, fields, key)
            simulation.scheduler.after(_soon(simulation, spread_us), put)


def _buy_ticket(simulation: Simulation, at_us: int) -> None:
    """A ticket is bought, and shown once, twice, or too late."""
    buyer, rng = Identity(user_id="u7"), simulation.rng
    newcomers = [client(f"ticket-{number}", user="?") for number in range(rng.randint(1, 2))]
    pause_us = rng.choice((1, 1_000, 70_000_000))

    def on_answer(status: int, body: dict[str, Any]) -> None:
        for newcomer in newcomers if status == 200 else ():
            newcomer.shows = {"ticket": body["ticket"]}
            delay_us = pause_us + _soon(simulation, 10_000)
            simulation.scheduler.after(delay_us, partial(simulation.gateway.connect, newcomer))

    simulation.scheduler.after(
        at_us, partial(simulation.http.ask, buyer, "POST", "/tickets", on_answer=on_answer)
    )


def _knock(simulation: Simulation, number: int, at_us: int) -> None:
    """Someone comes with a token: a good one, an expired one, none that is one; or with none."""
    expires_at_ms = simulation.scheduler.now_us // 1_000 + simulation.rng.choice((-60_000, 600_000))
    holder = Identity(user_id="u8", expires_at_ms=expires_at_ms)
    shown = simulation.rng.choice(({"token": token(holder)}, {"token": "not.a.token"}, {}))
    newcomer = client(f"token-{number}", user="?", match_id=MATCH)
    newcomer.shows = shown
    simulation.scheduler.after(at_us, partial(simulation.gateway.connect, newcomer))


# Ties: updates with one revision, and different updates under one id


def _ties(simulation: Simulation) -> None:
    rng, spread_us = simulation.rng, _spread_us(simulation)
    officials = [simulation.gateway.clients["official-1"], simulation.gateway.clients["official-2"]]
    for goals in range(rng.randint(2, 6)):
        more: dict[str, Any] = {}
        if rng.random() < 0.7:
            more["client_revision"] = rng.randint(1, 3)
        if rng.random() < 0.5:
            more["update_id"] = f"update-{rng.randint(1, 2)}"
        at_us = _soon(simulation, spread_us)
        _score(simulation, rng.choice(officials), at_us, goals // 2, 0, **more)


# Outages: a service is throttled or unreachable for a minute or two


def _plan_of_outages(rng: Random) -> Plan:
    plan = _plan(rng)
    plan.faults, plan.fault_rate = 0, 0.0
    return plan


def _outages(simulation: Simulation) -> None:
    rng = simulation.rng
    simulation.scheduler.steps_max *= 10
    begins_us, lasts_us = _soon(simulation, 20 * _SECOND_US), rng.randint(30, 120) * _SECOND_US
    ends_us = begins_us + lasts_us
    strike = rng.choice(_STRICKEN)
    strike(simulation, begins_us, ends_us)
    minutes_us = range(_soon(simulation, _MINUTE_US), ends_us + 2 * _MINUTE_US, _MINUTE_US)
    for at_us in minutes_us:
        simulation.scheduler.after(at_us, simulation.schedule)
    # A minute whose tasks no queue took is lost: what waits for one goes on with the next.
    over_us = next(at for at in minutes_us if at > ends_us) if strike is _sqs_outage else ends_us
    simulation.scheduler.after(over_us, lambda: simulation.faults.note(simulation.scheduler.now_us))
    officials = [simulation.gateway.clients["official-1"], simulation.gateway.clients["official-2"]]
    until_us = ends_us + 5 * _SECOND_US
    starts_us = sorted(_soon(simulation, until_us) for _ in range(rng.randint(3, 8)))
    for goals, at_us in enumerate([*starts_us, begins_us - 150_000], start=1):
        _score(simulation, rng.choice(officials), max(0, at_us), goals, 0)
    _decisions(simulation, until_us)
    _newcomers(simulation, until_us)


def _dynamodb_outage(simulation: Simulation, begins_us: int, ends_us: int) -> None:
    kind: Literal["throttle", "server_error", "hang"] = simulation.rng.choice(
        ("throttle", "server_error", "hang")
    )
    share = simulation.rng.choice((0.5, 1.0, 1.0))
    _strike(simulation, begins_us, ends_us, service="dynamodb", kind=kind, share=share)


def _sqs_outage(simulation: Simulation, begins_us: int, ends_us: int) -> None:
    """Of all queues, or of one."""
    urls = [*READERS] if simulation.rng.random() < 0.3 else [simulation.rng.choice([*READERS])]
    _strike(
        simulation,
        begins_us,
        ends_us,
        service="sqs",
        matches=lambda request: request["QueueUrl"] in urls,
    )


def _strike(simulation: Simulation, begins_us: int, ends_us: int, **outage: Any) -> None:
    now_us = simulation.scheduler.now_us
    simulation.calls.outages.append(
        Outage(begins_us=now_us + begins_us, ends_us=now_us + ends_us, **outage)
    )


def _gateway_hangs(simulation: Simulation, begins_us: int, ends_us: int) -> None:
    network, until_us = simulation.gateway.network, simulation.scheduler.now_us + ends_us

    def hang() -> None:
        network.hangs_until_us = until_us

    simulation.scheduler.after(begins_us, hang)


def _gateway_throttles(simulation: Simulation, begins_us: int, ends_us: int) -> None:
    """The account's quota is too small for what is posted, and each post may be the one above."""
    network = simulation.gateway.network
    for at_us, share in ((begins_us, 0.3), (ends_us, 0.0)):
        change = partial(setattr, network, "false_throttled", share)
        simulation.scheduler.after(at_us, change)


_STRICKEN: Final = (_dynamodb_outage, _sqs_outage, _gateway_hangs, _gateway_throttles)


def _everything(simulation: Simulation) -> None:
    spread_us = _spread_us(simulation)
    _burst(simulation, spread_us, updates_max=4)
    _decisions(simulation, spread_us)
    _come_and_go(simulation, spread_us)
    _admission(simulation)
    _newcomers(simulation, spread_us)
    if simulation.rng.random() < 0.2:
        _http(simulation)


PROFILES: Final = {
    profile.name: profile
    for profile in (
        Profile("admission", Bounds(2, 3, 2), _admission, _plan),
        Profile("replacement", Bounds(2, 3, 2), _admission, _plan, replaces_oldest=True),
        Profile("rooms", Bounds(2, 3, 2), _rooms, _plan, _room_crowd, rooms_max=2),
        Profile("scores", Bounds(2, 3, 10), _scores, _plan, _score_crowd),
        Profile("shards", Bounds(2, 3, 10), _shards, _plan_of_shards, _shard_crowd),
        Profile("completion", Bounds(2, 3, 10), _completion, _plan, _score_crowd),
        Profile("disputes", Bounds(2, 3, 10), _disputes, _plan, _dispute_crowd),
        Profile("second_thoughts", Bounds(2, 3, 10), _second_thoughts, _plan, _score_crowd),
        Profile("registrations", Bounds(2, 3, 10), _registrations, _plan, _score_crowd),
        Profile("http", Bounds(2, 3, 10), _http, _plan_of_ends, _score_crowd),
        Profile(
            "reconcile",
            Bounds(2, 3, 2),
            _reconcile,
            _plan_of_drift,
            _room_crowd,
            at_the_end=check_reconciled,
        ),
        Profile(
            "tokens",
            Bounds(2, 3, 3),
            _tokens,
            _plan_of_ends,
            _mortal_crowd,
            at_the_end=check_healed,
        ),
        Profile("sweep", Bounds(2, 3, 3), _sweeps, _plan, _quiet_crowd, at_the_end=check_healed),
        Profile("ties", Bounds(2, 3, 10), _ties, _plan, _score_crowd),
        Profile(
            "outages",
            Bounds(2, 3, 10),
            _outages,
            _plan_of_outages,
            _shard_crowd,
            at_the_end=check_on_time,
        ),
        Profile("everything", Bounds(2, 3, 4), _everything, _plan_of_ends, _score_crowd),
    )
}
