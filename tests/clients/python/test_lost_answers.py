"""An answer that does not come holds no score back for long, in virtual time."""

import asyncio
from collections.abc import Callable
from typing import Any

from scorecast_client import Timings
from scorecast_client.errors import AnswerTimeout
from scorecast_client.feed import Feed
from scorecast_client.memberships import Memberships
from scorecast_client.messages import Event
from scorecast_client.rooms import Room
from tests.clients.python.virtual_time import now_seconds, run

M1 = Room("match", "m1")
Shown = list[tuple[float, str, int | None]]
Answers = list[tuple[float, dict[str, Any]] | None]


class _Socket:
    """Answers one request after the other: after a while, or never."""

    def __init__(self, answers: Answers) -> None:
        self.rooms: set[Room] = set()
        self.asked: list[tuple[float, int | None]] = []
        self._answers = answers

    async def request(
        self, command: str, *, within_seconds: float, since: int | None = None, **_: Any
    ) -> dict[str, Any]:
        assert command == "subscribe"
        self.asked.append((now_seconds(), since))
        answer = self._answers.pop(0)
        if answer is None:
            await asyncio.sleep(within_seconds)
            raise AnswerTimeout("subscribe was not answered")
        await asyncio.sleep(answer[0])
        return {"data": answer[1]}


class _Session:
    phase = "live"

    def __init__(self, socket: _Socket) -> None:
        self.socket = socket

    async def live(self) -> _Socket:
        return self.socket


class _Viewer:
    """A member of a match's room, who knows its first five events."""

    def __init__(self, *answers: tuple[float, dict[str, Any]] | None) -> None:
        self.feed, self.shown = Feed(), Shown()
        self.socket = _Socket(list(answers))
        overflow: Any = _Idle()
        self._memberships = Memberships(
            self.feed, self._emit, overflow=overflow, timings=Timings(), random=lambda: 0.0
        )
        self._session: Any = _Session(self.socket)
        self.feed.joined(M1, answer(5), received_at_ms=0)

    def receive(self, sequence: int) -> None:
        self._emit(self.feed.take(score(sequence)))

    def _emit(self, events: list[Event]) -> None:
        for event in events:
            recovered = event.data.get("recovered")
            kind = event.type if recovered is None else f"{event.type} {recovered}"
            self.shown.append((now_seconds(), kind, event.data.get("sequence")))
        behind, self.feed.behind = self.feed.behind, set()
        for room in behind:
            self._memberships.resync.request(self._session, room)


class _Idle:
    def start(self, room: Room) -> None: ...
    def stop(self, room: Room) -> None: ...


def score(sequence: int) -> Event:
    return Event("score_updated", {"match_id": "m1", "sequence": sequence}, received_at_ms=0)


def answer(sequence: int, *missed: int) -> dict[str, Any]:
    events = [
        {"type": "match_started", "data": {"match_id": "m1", "sequence": number}}
        for number in missed
    ]
    snapshot = {"match_id": "m1", "sequence": sequence}
    return {"snapshot": snapshot, "sequence": sequence, "recovered": True, "events": events}


def shown_to(viewer: Callable[[], _Viewer], *scores: tuple[float, int]) -> _Viewer:
    """What becomes of scores that arrive at these times."""

    async def watch() -> _Viewer:
        watching = viewer()
        loop = asyncio.get_running_loop()
        for at_seconds, sequence in scores:
            loop.call_at(at_seconds, watching.receive, sequence)
        await asyncio.sleep(60)
        return watching

    return run(watch())


def test_a_lost_answer_delays_scores_for_at_most_three_seconds() -> None:
    viewer = shown_to(lambda: _Viewer(None, (0.2, answer(9))), (0, 7), (2, 8), (5, 9))

    assert viewer.shown == [
        (3, "score_updated", 7),
        (3, "score_updated", 8),
        (5, "score_updated", 9),
        (10.2, "snapshot False", 9),
    ]
    assert viewer.socket.asked == [(0, 5), (10, 9)]


def test_an_answer_in_time_comes_before_what_was_held_back() -> None:
    viewer = shown_to(lambda: _Viewer((2.9, answer(6, 6))), (0, 7))

    assert viewer.shown == [
        (2.9, "match_started", 6),
        (2.9, "snapshot True", 6),
        (2.9, "score_updated", 7),
    ]


def test_a_late_answer_does_not_claim_recovery() -> None:
    viewer = shown_to(lambda: _Viewer((4, answer(7, 6))), (0, 7))

    assert viewer.shown == [(3, "score_updated", 7), (4, "snapshot False", 7)]


def test_a_late_answer_that_is_older_than_what_was_shown_is_asked_for_again() -> None:
    viewer = shown_to(lambda: _Viewer((4, answer(6, 6)), (0.1, answer(7))), (0, 7))

    assert viewer.shown == [(3, "score_updated", 7), (4.1, "snapshot False", 7)]
    assert viewer.socket.asked == [(0, 5), (4, 7)]


def test_a_restored_server_is_followed_after_a_late_answer() -> None:
    viewer = shown_to(lambda: _Viewer((4, answer(2)), (0.1, answer(2))), (0, 7), (5, 3))

    assert viewer.shown == [
        (3, "score_updated", 7),
        (4.1, "snapshot False", 2),
        (5, "score_updated", 3),
    ]


def test_a_late_answer_for_a_left_room_is_ignored() -> None:
    async def leave_and_join() -> list[Event]:
        viewer = _Viewer(None)
        viewer.receive(7)
        await asyncio.sleep(1)
        viewer.feed.leave(M1)
        await asyncio.sleep(60)
        return viewer.feed.joined(M1, answer(7), received_at_ms=0)

    (snapshot,) = run(leave_and_join())
    assert snapshot.data["recovered"] is True
