"""Who meets whom: every pair of the twelve things that can happen, and three triples.

The crowd: two officials; `c-in` in the room of match m1, `c-out` in none, `c-third` in none;
`c-still` in m1's room, who has been pinged and has not answered. What a pair contends for, if it
can contend for anything, is left to exactly one of the two: the user's last slot, the room's last
place, the match's next number.
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final

from scorecast.aws.dynamodb.items import from_item
from scorecast.aws.dynamodb.match_items import match_from
from scorecast.aws.sqs.sweep_queue import (
    ProbeSlow,
    Repost,
    RequeueStalled,
    SweepPortion,
    SweepTask,
)
from scorecast.domain.connections.identity import Identity
from scorecast.domain.connections.idle import shard_of
from scorecast.domain.delivery import Delivery
from scorecast.domain.matches.attribution import without_users
from scorecast.domain.matches.match import Match, Participant, Score
from scorecast.domain.matches.payloads import score_updated
from scorecast.domain.matches.tournament import Tournament
from scorecast.domain.publication import numbered
from scorecast.domain.rooms import match_room
from scorecast.protocol import messages
from scorecast.protocol.limits import CONNECTION_SHARDS, PROBES_MAX
from scorecast.protocol.states import State
from tests.simulation import seams
from tests.simulation.client import Client
from tests.simulation.exhaustive.interleaver import SOON_US, Steady, interleaver_of, observe
from tests.simulation.gateway import Habits
from tests.simulation.ledger import MATCHES as MATCHES_TABLE
from tests.simulation.ledger import Bounds
from tests.simulation.simulation import (
    FLUSH_QUEUE,
    WELCOME_QUEUE,
    Plan,
    Simulation,
    Start,
    empty,
    registered,
)
from tests.simulation.sqs import Record

MATCHES: Final = ("m1", "m2", "m3")
MATCH: Final = MATCHES[0]
TOURNAMENT: Final = "t1"
MINUTE_US: Final = 60_000_000
type Act = Callable[[Simulation], None]


_ROOMY: Final = Bounds(per_user=2, per_ip=4, room_capacity=3)


@dataclass(frozen=True, slots=True)
class Scenario:
    """`acts` happen at once, after `before` has happened, one after the other, and been left."""

    name: str
    acts: tuple[Act, ...]
    before: tuple[Act, ...] = ()
    bounds: Bounds = _ROOMY
    has_silence: bool = False
    later_us: int = SOON_US
    """From what was before to the acts."""
    page_items_max: int = 1_000
    """Of a query."""

    @property
    def settings(self) -> dict[str, str]:
        return {
            "CONNECTIONS_PER_USER": str(self.bounds.per_user),
            "CONNECTIONS_PER_IP": str(self.bounds.per_ip),
            "ROOM_CAPACITY": str(self.bounds.room_capacity),
            "ROOMS_PER_CONNECTION": "10",
            "CONNECTION_LIMIT_POLICY": "reject",
        }


type Mail = tuple[list[Record], dict[tuple[str, str], int]]
"""A queue's messages, and the deduplication ids that it remembers."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Where all schedules of a scenario begin: a start, and what is in the queues."""

    start: Start
    mail: dict[str, Mail]
    struck: int = 0
    requests: int = 0
    """How many frames have been sent: their requests' ids are taken."""


def new_simulation(scenario: Scenario, opening: Opening, *, is_traced: bool = False) -> Simulation:
    plan = Plan(
        page_items_max=scenario.page_items_max,
        habits=Habits(disconnect_twice=0, disconnect_late=0),
        makes_good=True,
    )
    simulation = Simulation(
        Steady(0), plan, opening.start, settings=scenario.settings, is_traced=is_traced
    )
    simulation.gateway._requests = opening.requests
    simulation.faults.struck = opening.struck
    for url, (waiting, sent_at_us) in opening.mail.items():
        queue = simulation.queues.queues[url]
        queue.messages = [copy(message) for message in waiting]
        queue.sent_at_us = dict(sent_at_us)
    interleaver = interleaver_of(simulation)
    interleaver.is_there = lambda url: bool(simulation.queues.queues[url].messages)
    interleaver.receive = lambda url: receive(url, simulation)
    observe(simulation)
    seams.enter(simulation)
    return simulation


@cache
def opening_of(scenario: Scenario) -> Opening:
    opening = Opening(_crowded(scenario.bounds, scenario.has_silence), {})
    for act in scenario.before:
        opening = _later(scenario, opening, act)
    return opening


@cache
def _crowded(bounds: Bounds, has_silence: bool) -> Start:
    tournament = Tournament(
        id=TOURNAMENT, name="Cup", organizers=("official",), state="open", sequence=0
    )
    tables = registered([tournament], map(_match, MATCHES))
    scenario = Scenario("crowd", (), bounds=bounds)
    start = empty(tables, bounds)
    for client in _crowd(has_silence):
        simulation = new_simulation(scenario, Opening(start, {}))
        simulation.gateway.connect(client)
        simulation.run()
        start = _with(simulation, 0)
    return _pinged(scenario, start) if has_silence else start


def _pinged(scenario: Scenario, start: Start) -> Start:
    """All have been pinged, and all but the silent one have answered; then most of a minute."""
    start.at_us += MINUTE_US // 2
    simulation = new_simulation(scenario, Opening(start, {}))
    for shard in range(CONNECTION_SHARDS):
        simulation.put_task(SweepPortion(shard, CONNECTION_SHARDS, start.at_us // 1_000))
    simulation.run()
    return _with(simulation, MINUTE_US // 2)


def _with(simulation: Simulation, later_us: int) -> Start:
    start = simulation.rest()
    start.at_us += later_us
    return start


def _later(scenario: Scenario, opening: Opening, act: Act) -> Opening:
    """An act is played to its end, and what it has put into queues stays there."""
    simulation = new_simulation(scenario, opening)
    interleaver = interleaver_of(simulation)
    interleaver.phase = "collecting"
    act(simulation)
    interleaver.phase = "interleaving"
    while enabled := interleaver.enabled():
        interleaver.take_turn_of(enabled[0])
    mail = {
        url: ([each for each in queue.messages if not each.is_deleted], queue.sent_at_us)
        for url, queue in simulation.queues.queues.items()
        if url in (FLUSH_QUEUE, WELCOME_QUEUE)
    }
    start = simulation.rest()
    start.at_us = simulation.scheduler.now_us + scenario.later_us
    struck = opening.struck + (act is lose_tick)
    return Opening(start, mail, struck, opening.requests + len(interleaver.threads))


def _match(match_id: str) -> Match:
    nothing = Score(
        participant1=0,
        participant2=0,
        details=None,
        revision=0,
        updated_at_ms=None,
        updated_by=None,
    )
    return Match(
        id=match_id,
        tournament_id=TOURNAMENT,
        participants=(Participant("p1", "One"), Participant("p2", "Two")),
        scheduled_at="2026-06-11T13:00:00-06:00",
        state=State.LIVE,
        score=nothing,
        sequence=0,
        last_event_sequence=0,
    )


def _crowd(has_silence: bool) -> list[Client]:
    officials = [
        Client(
            id=f"official-{number}",
            identity=Identity(user_id=f"official-{number}", role="service"),
            ip=f"ip-o{number}",
        )
        for number in (1, 2)
    ]
    silent = _client("still", match_id=MATCH, answers_pings=False)
    viewers = [_client("in", match_id=MATCH), _client("out"), _client("third")]
    return [*officials, *viewers, *([silent] if has_silence else [])]


def _client(name: str, *, user: str = "", **more: Any) -> Client:
    return Client(
        id=f"c-{name}", identity=Identity(user_id=user or name), ip=f"ip-{user or name}", **more
    )


# What can happen


def connect(name: str, simulation: Simulation, *, user: str = "", **more: Any) -> None:
    simulation.gateway.connect(_client(name, user=user, **more))


def disconnect(name: str, simulation: Simulation) -> None:
    simulation.gateway.drop(simulation.gateway.clients[name])


def disconnect_twice(name: str, simulation: Simulation) -> None:
    simulation.plan.habits.disconnect_twice = 1.0
    disconnect(name, simulation)


def _send(simulation: Simulation, name: str, **message: Any) -> None:
    sender = simulation.gateway.clients[name]
    simulation.gateway.send(sender, {"id": f"f{simulation.next_number()}"} | message)


def subscribe(name: str, simulation: Simulation) -> None:
    _send(simulation, name, type="subscribe", match_id=MATCH)


def unsubscribe(name: str, simulation: Simulation) -> None:
    simulation.gateway.clients[name].left.add(f"m:{MATCH}")
    _send(simulation, name, type="unsubscribe", match_id=MATCH)


def score(number: int, simulation: Simulation, *, goals: int = 1, match_id: str = MATCH) -> None:
    _send(
        simulation,
        f"official-{number}",
        type="score_update",
        match_id=match_id,
        participant1_score=goals,
        participant2_score=0,
        client_revision=goals,
    )


def complete(number: int, simulation: Simulation, *, winner: str = "p1") -> None:
    _send(simulation, f"official-{number}", type="match_complete", match_id=MATCH, winner_id=winner)


def reopen(number: int, simulation: Simulation) -> None:
    _send(
        simulation,
        f"official-{number}",
        type="match_reopen",
        match_id=MATCH,
        new_state="live",
        reason="by mistake",
    )


def receive(url: str, simulation: Simulation) -> None:
    """The queue's reader gets its first record, whether it is hidden or not."""
    queue = simulation.queues.queues[url]
    simulation.queues._deliver(queue, queue.messages[:1])


def receive_all(url: str, simulation: Simulation) -> None:
    """One reader gets all records."""
    queue = simulation.queues.queues[url]
    simulation.queues._deliver(queue, list(queue.messages))


def receive_each(url: str, simulation: Simulation) -> None:
    """As many readers as records."""
    queue = simulation.queues.queues[url]
    for message in list(queue.messages):
        simulation.queues._deliver(queue, [message])


def await_welcome(simulation: Simulation) -> None:
    """`welcome` is invoked as soon as there is a record for it."""
    interleaver_of(simulation).cast(awaits=WELCOME_QUEUE)


def _task(simulation: Simulation, task: SweepTask) -> None:
    """Its queue is polled at once."""
    simulation.put_task(task)


def sweep_silent(simulation: Simulation) -> None:
    shard = shard_of("c-still", CONNECTION_SHARDS)
    at_ms = simulation.scheduler.now_us // 1_000
    _task(simulation, SweepPortion(shard, CONNECTION_SHARDS, at_ms))


def sweep_rescue(simulation: Simulation) -> None:
    _task(simulation, RequeueStalled())


def flush_in_vain(simulation: Simulation) -> None:
    """`c-in` gets none of what is published."""
    simulation.gateway.interceptors.append(
        lambda client_id, _: Delivery.THROTTLED if client_id == "c-in" else None
    )
    receive(FLUSH_QUEUE, simulation)


def repost(simulation: Simulation) -> None:
    """The score that was claimed last is posted to `c-in` again."""
    item = simulation.dynamodb.tables[MATCHES_TABLE].items[f"M#{MATCH}", "M"]
    claimed = match_from(from_item(item)).claimed
    assert claimed is not None
    message = messages.event(
        "score_updated", without_users(score_updated(MATCH, TOURNAMENT, claimed))
    )
    posted = numbered(message, match_room(MATCH), claimed.sequence)
    now_ms = simulation.scheduler.now_us // 1_000
    _task(simulation, Repost(posted, ("c-in",), begun_at_ms=now_ms))


def probe(simulation: Simulation, *, number: int = PROBES_MAX) -> None:
    """A look at a client that reads nothing: the last, or an earlier one."""
    client = simulation.gateway.clients["c-third"]
    client.reads, client.buffered_bytes = False, simulation.gateway.network.buffer_bytes
    _task(simulation, ProbeSlow(("c-third",), number))


def lose_tick(simulation: Simulation) -> None:
    """As a sender that dies between its write and its send would: that is a fault, too."""
    simulation.queues.queues[FLUSH_QUEUE].messages.clear()


_connect = partial(connect, "new", match_id=MATCH)
_flush = partial(receive, FLUSH_QUEUE)
_welcome = partial(receive, WELCOME_QUEUE)
_score, _second_score = partial(score, 1, goals=2), partial(score, 2, goals=3)
_complete = partial(complete, 1)
_reopen = partial(reopen, 2)
_SCORED: Final = (partial(score, 1),)
_LOST: Final = (*_SCORED, flush_in_vain)
_THIRD: Final = (partial(subscribe, "c-third"),)
_OVERLOOKED: Final = (*_SCORED, lose_tick)
_LATE_US: Final = 20_000_000
_ARRIVED: Final = (_connect,)
_ENDED: Final = (_complete,)
_LAST_PLACE: Final = Bounds(per_user=2, per_ip=4, room_capacity=2)
_ONE_EACH: Final = Bounds(per_user=1, per_ip=4, room_capacity=3)


def _pair(name: str, first: Act, second: Act, **more: Any) -> Scenario:
    return Scenario(name, (first, second), **more)


def _in(act: Callable[..., None]) -> Act:
    return partial(act, "c-in")


def _out(act: Callable[..., None]) -> Act:
    return partial(act, "c-out")


def _silent(act: Callable[..., None]) -> Act:
    return partial(act, "c-still")


PAIRS: Final = (
    _pair("connect + connect", _connect, partial(connect, "other", user="new"), bounds=_ONE_EACH),
    _pair("connect + disconnect", _connect, partial(disconnect, "c-new")),
    _pair("connect + subscribe", partial(connect, "new", user="out"), _out(subscribe)),
    _pair("connect + unsubscribe", partial(connect, "new", user="in"), _in(unsubscribe)),
    _pair("connect + score", _connect, _score),
    _pair("connect + complete", _connect, _complete),
    _pair("connect + reopen", _connect, _reopen, before=_ENDED),
    _pair("connect + flush", _connect, _flush, before=_SCORED),
    _pair(
        "connect + sweep",
        partial(connect, "new", user="still"),
        sweep_silent,
        bounds=_ONE_EACH,
        has_silence=True,
    ),
    _pair("connect + welcome", _connect, await_welcome),
    Scenario("disconnect + disconnect", (_in(disconnect_twice),)),
    _pair("disconnect + subscribe", _out(subscribe), _out(disconnect)),
    _pair("disconnect + unsubscribe", _in(unsubscribe), _in(disconnect)),
    _pair("disconnect + score", _score, partial(disconnect, "official-1")),
    _pair("disconnect + complete", _complete, partial(disconnect, "official-1")),
    _pair("disconnect + reopen", _reopen, partial(disconnect, "official-2"), before=_ENDED),
    _pair("disconnect + flush", _in(disconnect), _flush, before=_SCORED),
    _pair("disconnect + sweep", _silent(disconnect), sweep_silent, has_silence=True),
    _pair("disconnect + welcome", partial(disconnect, "c-new"), _welcome, before=_ARRIVED),
    _pair(
        "subscribe + subscribe",
        _out(subscribe),
        partial(subscribe, "c-third"),
        bounds=_LAST_PLACE,
    ),
    _pair(
        "subscribe + unsubscribe",
        _out(subscribe),
        _in(unsubscribe),
        bounds=Bounds(per_user=2, per_ip=4, room_capacity=1),
    ),
    _pair("subscribe + score", _out(subscribe), _score),
    _pair("subscribe + complete", _out(subscribe), _complete),
    _pair("subscribe + reopen", _out(subscribe), _reopen, before=_ENDED),
    _pair("subscribe + flush", _out(subscribe), _flush, before=_SCORED),
    _pair(
        "subscribe + sweep",
        _out(subscribe),
        sweep_silent,
        bounds=_LAST_PLACE,
        has_silence=True,
    ),
    _pair("subscribe + welcome", _out(subscribe), _welcome, before=_ARRIVED, bounds=_LAST_PLACE),
    _pair(
        "unsubscribe + unsubscribe",
        _in(unsubscribe),
        _in(unsubscribe),
        before=(partial(subscribe, "c-third"),),
    ),
    _pair("unsubscribe + score", _in(unsubscribe), _score),
    _pair("unsubscribe + complete", _in(unsubscribe), _complete),
    _pair("unsubscribe + reopen", _in(unsubscribe), _reopen, before=_ENDED),
    _pair("unsubscribe + flush", _in(unsubscribe), _flush, before=_SCORED),
    _pair("unsubscribe + sweep", _silent(unsubscribe), sweep_silent, has_silence=True),
    _pair(
        "unsubscribe + welcome",
        _in(unsubscribe),
        _welcome,
        before=_ARRIVED,
        bounds=Bounds(per_user=2, per_ip=4, room_capacity=1),
    ),
    _pair("score + score", _score, _second_score),
    _pair("score + complete", _score, partial(complete, 2)),
    _pair("score + reopen", _score, _reopen, before=_ENDED),
    _pair("score + flush", _score, _flush, before=_SCORED),
    _pair("score + sweep", _score, sweep_rescue, before=_OVERLOOKED, later_us=_LATE_US),
    _pair("score + welcome", _score, _welcome, before=_ARRIVED),
    _pair("complete + complete", _complete, partial(complete, 2, winner="p2")),
    _pair("complete + reopen", _complete, _reopen, before=_ENDED),
    _pair("complete + flush", _complete, _flush, before=_SCORED),
    _pair("complete + sweep", _complete, sweep_rescue, before=_OVERLOOKED, later_us=_LATE_US),
    _pair("complete + welcome", _complete, _welcome, before=_ARRIVED),
    _pair("reopen + reopen", _reopen, partial(reopen, 1), before=_ENDED),
    _pair("reopen + flush", _reopen, _flush, before=_ENDED),
    _pair("reopen + sweep", _reopen, sweep_rescue, before=(*_ENDED, lose_tick), later_us=_LATE_US),
    _pair("reopen + welcome", _reopen, _welcome, before=(*_ARRIVED, *_ENDED)),
    _pair("flush + flush", _flush, _flush, before=_SCORED),
    _pair("flush + sweep", _flush, sweep_silent, before=_SCORED, has_silence=True),
    _pair("flush + welcome", _flush, _welcome, before=(*_ARRIVED, *_SCORED)),
    _pair("sweep + sweep", sweep_silent, sweep_silent, has_silence=True),
    _pair(
        "sweep + welcome",
        sweep_silent,
        _welcome,
        before=_ARRIVED,
        bounds=_LAST_PLACE,
        has_silence=True,
    ),
    Scenario(
        "welcome + welcome",
        (partial(receive_each, WELCOME_QUEUE),),
        before=(*_ARRIVED, partial(connect, "other", match_id=MATCH)),
        bounds=_LAST_PLACE,
    ),
)

REPOSTS: Final = (
    _pair("connect + repost", _connect, repost, before=_LOST),
    _pair("disconnect + repost", _in(disconnect), repost, before=_LOST),
    _pair("subscribe + repost", _in(subscribe), repost, before=_LOST),
    _pair("unsubscribe + repost", _in(unsubscribe), repost, before=_LOST),
    _pair("score + repost", _score, repost, before=_LOST),
    _pair("complete + repost", _complete, repost, before=_LOST),
    _pair("reopen + repost", _reopen, repost, before=(*_LOST, *_ENDED)),
    _pair("flush + repost", _flush, repost, before=(*_LOST, _score)),
    _pair("sweep + repost", sweep_silent, repost, before=_LOST, has_silence=True),
    _pair("welcome + repost", _welcome, repost, before=(*_ARRIVED, *_LOST)),
    _pair("repost + repost", repost, repost, before=_LOST),
)
"""Each with a message that is posted again to a client that did not get it."""

PROBES: Final = (
    _pair("connect + probe", partial(connect, "new", user="third"), probe, bounds=_ONE_EACH),
    _pair("disconnect + probe", partial(disconnect, "c-third"), probe),
    _pair("subscribe + probe", partial(subscribe, "c-third"), probe),
    _pair("unsubscribe + probe", partial(unsubscribe, "c-third"), probe, before=_THIRD),
    _pair("score + probe", _score, probe, before=_THIRD),
    _pair("complete + probe", _complete, probe, before=_THIRD),
    _pair("reopen + probe", _reopen, probe, before=(*_THIRD, *_ENDED)),
    _pair("flush + probe", _flush, probe, before=(*_THIRD, *_SCORED)),
    _pair("sweep + probe", sweep_silent, probe, before=_THIRD, has_silence=True),
    _pair("welcome + probe", _welcome, probe, before=_ARRIVED, bounds=_LAST_PLACE),
    _pair("repost + probe", repost, probe, before=(*_THIRD, *_LOST)),
    _pair("probe + probe", probe, probe, before=_THIRD),
)
"""Each with the end of a client that reads nothing."""

TRIPLES: Final = (
    Scenario("connect + disconnect + disconnect", (_connect, partial(disconnect_twice, "c-new"))),
    Scenario("score + score + flush", (_score, _second_score, _flush), before=_SCORED),
    Scenario("score + complete + flush", (_score, partial(complete, 2), _flush), before=_SCORED),
)

SCENARIOS: Final = {scenario.name: scenario for scenario in (*PAIRS, *REPOSTS, *PROBES, *TRIPLES)}
