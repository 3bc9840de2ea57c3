"""A client as PROTOCOL wants it: it drops what is not newer, and notices what cannot be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from scorecast.domain.connections.identity import Identity

type Message = dict[str, Any]
type Result = tuple[str | None, str | None, str | None]
"""Winner, outcome, and what decided."""

type Beside = tuple[Any, ...]
"""What a message says beside a score: see `BESIDE`. None is what there is not."""

type Registered = tuple[tuple[tuple[str | None, str | None], ...], str | None]
"""The ids and names of those who play, and when."""

BESIDE: Final = ("details", "periods", "clock", "shootout")

FINAL: Final = frozenset({"completed", "cancelled"})
EVENTS: Final = frozenset(
    {
        "score_updated",
        "match_started",
        "match_state_changed",
        "dispute_created",
        "dispute_resolved",
        "match_completed",
        "result_amended",
        "match_reopened",
        "match_registered",
        "match_updated",
        "match_deleted",
    }
)
REGISTRATIONS: Final = frozenset({"match_registered", "match_updated"})
AFTER_THE_END: Final = frozenset(
    {"dispute_created", "dispute_resolved", "result_amended", "match_reopened", "match_updated"}
)
"""What may come of a match that has ended."""
CHANGES_OF_ROOM: Final = frozenset({"subscribe", "unsubscribe"})


@dataclass(slots=True)
class RoomState:
    """What a client knows of one match. None is what it has not received."""

    sequence: int = -1
    state: str | None = None
    score: tuple[int, int] | None = None
    revision: int | None = None
    result: Result | None = None
    open_disputes: int = 0
    beside: Beside | None = None
    registration: int = 0
    """The number of the event that last said who plays and when."""
    registered: Registered | None = None


@dataclass(slots=True)
class Client:
    """One socket and its holder. `match_id` and `tournament_id` are those of its URL."""

    id: str
    identity: Identity
    ip: str
    match_id: str | None = None
    tournament_id: str | None = None
    address: str = "192.0.2.7"
    """Where it connects from, as the authorizer sees it."""
    state: str = "new"
    """new, handshake, open, closed or refused."""
    connected_at_ms: int = 0
    is_welcomed: bool = False
    is_dismissed: bool = False
    """Whether it was sent a goodbye."""
    shows: dict[str, str] | None = None
    """The token or the ticket in its URL. Without one no authorizer is asked."""
    reads: bool = True
    """Whether it takes anything out of its buffer. It is open and silent if not."""
    buffered_bytes: int = 0
    pinged_at_us: int = 0
    """When it was last sent a ping that arrived."""
    answers_pings: bool = True
    pong_delay_us: int = 10_000
    views: dict[str, RoomState] = field(default_factory=dict)
    early: dict[str, list[Message]] = field(default_factory=dict)
    """Events by match that came before the first snapshot of it; they are kept for after."""
    sent: dict[str, tuple[Message, int]] = field(default_factory=dict)
    """Its frames by id, with the gateway's time of receipt (ms)."""
    answers: dict[str, Message] = field(default_factory=dict)
    answered_us: dict[str, int] = field(default_factory=dict)
    """When its messages were answered, by their ids."""
    rooms: set[str] = field(default_factory=set)
    """Rooms that it was confirmed in, and never asked to leave."""
    left: set[str] = field(default_factory=set)
    """Rooms that it asked to leave."""
    gaps: dict[str, int] = field(default_factory=dict)
    """By match, the highest number that was missing when a newer one came, until a snapshot makes
    up for it."""
    lost: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By match, the highest number that was lost on its way to this client, and when (µs), until
    it has that number or a newer one."""
    wanted: dict[str, int] = field(default_factory=dict)
    """Matches of which it has noticed that a number is missing, and the last one before."""

    def copy(self) -> "Client":
        return Client(
            self.id,
            self.identity,
            self.ip,
            self.match_id,
            self.tournament_id,
            self.address,
            answers_pings=self.answers_pings,
            pong_delay_us=self.pong_delay_us,
            state=self.state,
            connected_at_ms=self.connected_at_ms,
            is_welcomed=self.is_welcomed,
            views={match_id: _copy(view) for match_id, view in self.views.items()},
            rooms=set(self.rooms),
            reads=self.reads,
            buffered_bytes=self.buffered_bytes,
            pinged_at_us=self.pinged_at_us,
        )

    def receive(self, message: Message, fail: Callable[[str], None]) -> None:
        kind, data = message["type"], message.get("data") or {}
        if "id" in message:
            self.answers[message["id"]] = message
        if kind in EVENTS:
            self._apply_or_keep(message, fail)
        elif kind == "connection_established":
            self.is_welcomed = True
            self._look_around(data, fail)
        elif kind == "subscribed":
            self._look_around(data, fail)
        elif kind == "goodbye":
            self.is_dismissed = True

    def wants(self, message: Message) -> bool:
        """Whether a change of room is unanswered, and the last that was asked for its room."""
        if message["id"] in self.answers:
            return False
        room = _room(message)
        asked = [sent for sent, _ in self.sent.values() if sent["type"] in CHANGES_OF_ROOM]
        return [sent for sent in asked if _room(sent) == room][-1] is message

    def _look_around(self, data: Message, fail: Callable[[str], None]) -> None:
        """A snapshot, and the events that were missed before it."""
        snapshot = data["snapshot"]
        if snapshot is None:
            return
        in_match = data["match_id"] is not None
        self.rooms.add(f"m:{data['match_id']}" if in_match else f"t:{data['tournament_id']}")
        missed = [event for event in data.get("events", ()) if "match_id" in event["data"]]
        for event in missed:
            self._check_event(event, fail)
            if event["data"]["sequence"] > snapshot["sequence"]:
                fail(f"{self.id} was given {event} as missed, which is newer than its snapshot")
        for match_summary in [snapshot] if in_match else snapshot["matches"]:
            self._see(match_summary, fail)
        for match_id in [each for each in self.early if self._begins(self.early[each][0])]:
            for early in self.early.pop(match_id):
                self._apply_or_keep(early, fail)
        for event in missed:
            self._apply_or_keep(event, fail)

    def _check_event(self, event: Message, fail: Callable[[str], None]) -> None:
        if event["type"] not in EVENTS or event["type"] == "score_updated":
            fail(f"{self.id} was given {event['type']} as a missed event")

    def _see(self, match_summary: Message, fail: Callable[[str], None]) -> None:
        """One match of a snapshot."""
        match_id, sequence = match_summary["match_id"], match_summary["sequence"]
        view = self.views.setdefault(match_id, RoomState())
        # An open window's score is in the snapshot and has no number yet.
        if (sequence, match_summary["revision"]) < (view.sequence, view.revision or 0):
            return
        is_known = sequence == view.sequence and match_id not in self.gaps
        if view.state in FINAL and is_known and match_summary["revision"] != view.revision:
            fail(f"I5: {self.id} saw another score of {match_id} after it was {view.state}")
        self._advance(view, match_id, match_summary["revision"], fail)
        is_whole = match_id not in self.gaps
        if (
            is_whole
            and sequence == view.sequence
            and view.state not in (None, match_summary["state"])
        ):
            fail(
                f"I4: number {sequence} of {match_id} is {view.state} and {match_summary['state']}"
            )
        view.sequence, view.state = sequence, match_summary["state"]
        view.score = match_summary["participant1_score"], match_summary["participant2_score"]
        view.beside = _beside(match_summary) if "details" in match_summary else None
        self._see_registration(view, match_summary)
        view.result = _result(match_summary)
        view.open_disputes = match_summary.get("open_disputes", 0)
        if sequence >= self.gaps.get(match_id, sequence):
            self.gaps.pop(match_id, None)
        for early in self.early.pop(match_id, ()):
            self._apply_event(early["type"], early["data"], fail)

    def _see_registration(self, view: RoomState, match_summary: Message) -> None:
        """A tournament's summary has no names: those that are known stand if its number does."""
        if "participants" in match_summary:
            view.registered = _registered(match_summary)
        elif match_summary["registration"] != view.registration:
            view.registered = None
        view.registration = match_summary["registration"]

    def _begins(self, message: Message) -> bool:
        """Whether a match that is not known becomes known by this: it is new in a tournament."""
        return message["type"] in REGISTRATIONS and any(room[0] == "t" for room in self.rooms)

    def _apply_or_keep(self, message: Message, fail: Callable[[str], None]) -> None:
        match_id = message["data"]["match_id"]
        if match_id not in self.views and self._begins(message):
            is_new = message["type"] == "match_registered"
            sequence = message["data"]["sequence"] - 1 if is_new else 0
            self.views[match_id] = RoomState(sequence, "scheduled", (0, 0), 0, _result({}))
        if match_id in self.views:
            self._apply_event(message["type"], message["data"], fail)
        else:
            self.early.setdefault(match_id, []).append(message)

    def lose(self, message: Message, now_us: int) -> None:
        """A message did not arrive, and the client cannot know."""
        if message["type"] == "goodbye":
            self.is_dismissed = True
        if message["type"] in EVENTS:
            match_id, sequence = message["data"]["match_id"], message["data"]["sequence"]
            lost_before, lost_at_us = self.lost.get(match_id, (0, now_us))
            if sequence >= lost_before and sequence > self._known(match_id):
                self.lost[match_id] = sequence, lost_at_us if sequence == lost_before else now_us

    def _known(self, match_id: str) -> int:
        """The newest number that has arrived. A client that waits for an answer shows what came
        before that 3 s after it asked, answered or not."""
        view = self.views.get(match_id)
        early = (event["data"]["sequence"] for event in self.early.get(match_id, ()))
        return max(early, default=-1) if view is None else view.sequence

    def made_good(self) -> Iterator[tuple[str, int]]:
        """The matches of which nothing is lost any more, and since when something was (µs)."""
        for match_id, (sequence, at_us) in list(self.lost.items()):
            if self._known(match_id) >= sequence:
                del self.lost[match_id]
                yield match_id, at_us

    def _miss(self, match_id: str, sequence: int) -> None:
        self.gaps[match_id] = max(sequence, self.gaps.get(match_id, 0))

    def _advance(
        self, view: RoomState, match_id: str, revision: int, fail: Callable[[str], None]
    ) -> None:
        if view.revision is not None and revision < view.revision:
            fail(f"I6: {self.id} saw {match_id} go from revision {view.revision} to {revision}")
        view.revision = revision

    def _apply_event(self, kind: str, data: Message, fail: Callable[[str], None]) -> None:
        match_id, sequence = data["match_id"], data["sequence"]
        view = self.views[match_id]
        if sequence <= view.sequence:
            return
        if sequence > view.sequence + 1:
            self._miss(match_id, sequence - 1)
            self.wanted.setdefault(match_id, view.sequence)
        # What is missing may have been the reopening.
        if view.state in FINAL and match_id not in self.gaps and kind not in AFTER_THE_END:
            fail(
                f"I5: {self.id} received {kind} {sequence} of {match_id} after it was {view.state}"
            )
        view.sequence = sequence
        match kind:
            case "score_updated":
                self._take_score(view, match_id, data, fail)
            case "match_registered":
                self.views[match_id] = RoomState(sequence, "scheduled", (0, 0), 0, _result({}))
                self._take_registration(self.views[match_id], data)
            case "match_updated":
                self._take_registration(view, data)
            case "match_deleted":
                self.views[match_id] = RoomState(sequence, "deleted", registration=sequence)
            case "match_completed":
                view.state, view.result = "completed", _result(data)
                self._take_score(view, match_id, data, fail)
            case "result_amended":
                view.result = _result(data["after"])
                self._take_score(view, match_id, data["after"], fail)
            case "match_state_changed" | "match_reopened":
                if view.state not in (None, data["old_state"]) and match_id not in self.gaps:
                    old = data["old_state"]
                    fail(f"{self.id} received that {match_id} left {old}, and knew {view.state}")
                view.state = data["new_state"]
                if kind == "match_reopened":
                    view.result = _result(data)
                if "participant1_score" in data:
                    self._take_score(view, match_id, data, fail)
            case "match_started":
                view.state = "live"
            case _:
                view.open_disputes = data["open_disputes"]

    def _take_registration(self, view: RoomState, data: Message) -> None:
        view.registration, view.registered = data["sequence"], _registered(data)

    def _take_score(
        self, view: RoomState, match_id: str, data: Message, fail: Callable[[str], None]
    ) -> None:
        self._advance(view, match_id, data["revision"], fail)
        view.score = data["participant1_score"], data["participant2_score"]
        view.beside = _beside(data)


def _room(message: Message) -> tuple[str | None, str | None]:
    return message.get("match_id"), message.get("tournament_id")


def _copy(view: RoomState) -> RoomState:
    return replace(view)


def _beside(data: Message) -> Beside:
    return tuple(data.get(name) for name in BESIDE)


def _registered(data: Message) -> Registered:
    who = tuple((each.get("id"), each.get("name")) for each in data["participants"])
    return who, data["scheduled_at"]


def _result(data: Message) -> Result:
    return data.get("winner_id"), data.get("outcome"), data.get("decided_by")
