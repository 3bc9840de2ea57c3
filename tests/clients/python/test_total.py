"""Readers are total: no message, whatever its shape, breaks the client or a view of it."""

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from scorecast_client import Connection, Event
from scorecast_client.cli.event_lines import event_lines
from scorecast_client.cli.output import printable, printable_tree
from scorecast_client.cli.scoreboard_view import ScoreboardView
from scorecast_client.cli.watch import is_over
from scorecast_client.feed import HELD_MAX, Feed
from scorecast_client.load.load_stats import MEASURED_MAX, LoadStats, Viewer
from scorecast_client.messages import acceptance_of, data_of, event_of, goodbye_of, parse
from scorecast_client.rooms import Room
from scorecast_client.scoreboard import Scoreboard
from scorecast_client.sequences import NUMBERS_MAX, Sequences
from scorecast_client.timings import Timings
from tests.clients.python.peer import Peer
from tests.clients.python.test_session import against, received_by

NAMES = (
    "match_id",
    "tournament_id",
    "sequence",
    "snapshot",
    "matches",
    "events",
    "recovered",
    "participants",
    "name",
    "participant1_score",
    "participant2_score",
    "details",
    "penalties",
    "scorer",
    "minute",
    "kind",
    "state",
    "new_state",
    "revision",
    "merged",
    "viewers",
    "count",
    "room",
    "code",
    "server_time",
    "retry_after_ms",
    "constructor",
    "__class__",
)
TYPES = (
    "score_updated",
    "match_started",
    "match_completed",
    "dispute_created",
    "snapshot",
    "viewers",
    "bracket_updated",
    "tournament_completed",
    "error",
    "goodbye",
    "ping",
    "pong",
    "subscribed",
    "accepted",
    "connection_established",
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
IDS = st.sampled_from(["m1", "t1", "isPrototypeOf", "constructor"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES | IDS | st.integers(0, 9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=8)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=10)
EVENTS = st.builds(lambda kind, data: Event(kind, data, 0.0), st.sampled_from(TYPES), OBJECTS)


@given(st.lists(st.tuples(EVENTS, OBJECTS), max_size=6))
@settings(deadline=None, max_examples=40)
def test_the_feed_takes_any_event_and_any_answer(received: list[tuple[Event, Any]]) -> None:
    feed = Feed()
    for event, answer in received:
        feed.take(event)
        feed.misses(event)
        for room in (Room("match", "m1"), Room("tournament", "t1")):
            feed.hold(room)
            assert feed.joined(room, answer, received_at_ms=0)
    assert feed.leave(Room("match", "m1")) is not None


@given(st.lists(EVENTS, max_size=6))
@settings(deadline=None, max_examples=40)
def test_every_view_shows_any_event(events: list[Event]) -> None:
    scoreboard, stats, viewer = Scoreboard(), LoadStats(), Viewer()
    connection = Connection("ws://host", None, http_url=None, timings=Timings(), random=float)
    view = ScoreboardView(scoreboard, {}, connection)
    console = Console(file=io.StringIO(), width=60, color_system=None)
    for event in events:
        scoreboard.apply(event)
        view.take(event)
        stats.receive(viewer, event)
        is_over(event, scoreboard, "m1")
        is_over(event, scoreboard, None)
        assert event_lines(event, scoreboard, {})
        console.print(view)


@given(VALUES, VALUES)
@settings(deadline=None, max_examples=40)
def test_any_json_is_parsed(value: Any, other: Any) -> None:
    message = parse(json.dumps(value))
    assert isinstance(message, dict)
    for read in (data_of, acceptance_of, goodbye_of, lambda given: event_of(given, 0.0)):
        assert read({**message, "data": other}) is not None
    printable_tree(value)


@given(st.text())
@settings(deadline=None)
def test_printable_text_has_nothing_that_a_terminal_obeys(text: str) -> None:
    assert not [letter for letter in printable(text) if letter in CONTROLS]
    assert len(printable(text)) == len(text)


CONTROLS = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} | set(
    "\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)


def test_names_are_still_readable() -> None:
    for name in ("Łódź", "日本", "العربية", "می‌خواهم", "Curaçao", "👩‍👩‍👧"):
        assert printable(name) == name
    assert printable("a\u00a0b") == "a b"


HOSTILE = [
    '{"type":"connection_established","data":[1]}',
    '{"type":"score_updated","data":null}',
    '{"type":"score_updated","data":{"match_id":{},"sequence":[]}}',
    '{"type":"score_updated","data":{"match_id":"m1","sequence":' + "9" * 4000 + "}}",
    '{"type":"viewers","data":{"match_id":"m1","count":"many","sequence":1e999}}',
    '{"type":"error","code":{},"data":3,"retry_after_ms":-1}',
    '{"type":"goodbye","code":"x","retry_after_ms":' + "9" * 400 + "}",
    '{"type":{}}',
    "[" * 50_000,
    '{"type":"pong","id":{},"server_time":"now"}',
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_connection_survives_any_message(text: str) -> None:
    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=1)
        await peer.raw(text)
        ping = await peer.receive()
        await peer.send("pong", id=ping["id"])
        await peer.goodbye("disconnected_by_server", code=4003, reconnect=False)

    async def test(connection: Connection) -> None:
        await connection.ping()
        await received_by(connection)
        assert connection.reconnects == 0

    against(only, test=test)


def test_a_subscription_survives_any_answer() -> None:
    answers: list[Any] = [None, [], 7, {"snapshot": [1]}, {"snapshot": {"matches": {}}}]
    answers += [
        {"events": {"a": 1}, "recovered": True},
        {"viewers": "x", "snapshot": {"matches": [1]}},
    ]

    async def only(peer: Peer) -> None:
        await peer.welcome()
        for data in answers:
            await peer.send("subscribed", id=(await peer.receive())["id"], data=data)
        await peer.goodbye("disconnected_by_server", code=4003, reconnect=False)

    async def test(connection: Connection) -> None:
        for number in range(len(answers)):
            await connection.subscribe(match=f"m{number}")
        assert len(await received_by(connection)) == len(answers)

    against(only, test=test, match=None)


def test_what_is_held_back_for_an_answer_is_bounded() -> None:
    feed = Feed()
    room = Room("match", "m1")
    feed.joined(room, {"snapshot": {"match_id": "m1", "sequence": 0}}, received_at_ms=0)
    feed.hold(room)
    for sequence in range(1, 3 * HELD_MAX):
        feed.take(Event("score_updated", {"match_id": "m1", "sequence": sequence}, 0))
    released = feed.release(room)
    assert [event.data["sequence"] for event in released] == list(range(2 * HELD_MAX, 3 * HELD_MAX))


def test_the_numbers_that_are_kept_are_bounded() -> None:
    sequences = Sequences()
    for number in range(NUMBERS_MAX + 5):
        sequences.learn({"match_id": f"m{number}", "sequence": 1})
        sequences.learn({"match_id": "m0", "sequence": number + 1})
    assert sequences.newest(Room("match", "m1")) is None
    assert sequences.newest(Room("match", "m0")) == NUMBERS_MAX + 5


def test_a_revision_that_jumps_costs_a_load_nothing() -> None:
    stats, viewer = LoadStats(), Viewer()
    stats.receive(viewer, Event("score_updated", {"match_id": "m1", "revision": 10**15}, 0))
    assert viewer.revision == 10**15
    assert len(stats.received_early) == MEASURED_MAX
