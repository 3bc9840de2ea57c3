"""The result of a replay: what the spectator ended with against the file, and how fast it was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from scorecast_client.messages import Event
from scorecast_client.replay.script import final_details
from scorecast_client.replay.tournament import Match
from scorecast_client.scoreboard import MatchRow, Scoreboard


@dataclass(frozen=True)
class Difference:
    match_id: str
    what: str
    file: object
    received: object


@dataclass(frozen=True)
class Latency:
    """Milliseconds, over `count` of them; None when there was none."""

    count: int
    p50_ms: float | None
    p99_ms: float | None


@dataclass(frozen=True)
class Report:
    matches: int
    accepted: int
    """Score updates that the server accepted."""
    messages: int
    """Events about matches that the spectator received."""
    score_messages: int
    merged: int
    """Updates without a message of their own: a newer one covered them."""
    differences: Sequence[Difference]
    accept_to_receipt: Latency
    """From the server's `updated_at` to the message's receipt; exact if both share a clock."""
    send_to_receipt: Latency
    """From an official's sending to the spectator's receipt of the message that covers it.
    Its count is that of the accepted updates that a message has covered."""
    seconds: float
    """How long the play took, registration not counted."""


@dataclass(frozen=True)
class Sent:
    match_id: str
    revision: int
    sent_at_ms: float


@dataclass
class Received:
    """What the spectator received."""

    scoreboard: Scoreboard = field(default_factory=Scoreboard)
    events: list[Event] = field(default_factory=list)

    def take(self, event: Event) -> None:
        self.scoreboard.apply(event)
        if event.match_id is not None and event.type != "snapshot":
            self.events.append(event)


def report(
    matches: Sequence[Match], *, sent: Sequence[Sent], received: Received, seconds: float
) -> Report:
    scores = [event for event in received.events if event.type == "score_updated"]
    return Report(
        matches=len(matches),
        accepted=len(sent),
        messages=len(received.events),
        score_messages=len(scores),
        merged=sum(event.data.get("merged", 1) - 1 for event in scores),
        differences=differences(matches, received.scoreboard.rows),
        accept_to_receipt=latency(
            event.received_at_ms - event.data["updated_at"] for event in scores
        ),
        send_to_receipt=latency(_delays(sent, scores)),
        seconds=seconds,
    )


def differences(matches: Iterable[Match], rows: Mapping[str, MatchRow]) -> list[Difference]:
    found = []
    for match in matches:
        expected, received = _as_in_the_file(match), _as_received(rows.get(match.id, MatchRow()))
        found += [
            Difference(match.id, what, expected[what], received[what])
            for what in expected
            if expected[what] != received[what]
        ]
    return found


def latency(delays_ms: Iterable[float]) -> Latency:
    ordered = sorted(delays_ms)
    return Latency(len(ordered), _percentile(ordered, 50), _percentile(ordered, 99))


def _as_in_the_file(match: Match) -> dict[str, object]:
    return {
        "state": "completed",
        "score": match.final,
        "winner": match.winner.id if match.winner else None,
        "details": final_details(match),
    }


def _as_received(row: MatchRow) -> dict[str, object]:
    return {
        "state": row.state,
        "score": row.score,
        "winner": row.winner_id,
        "details": row.details,
    }


def _delays(sent: Iterable[Sent], scores: Iterable[Event]) -> Iterable[float]:
    """Of every update, the time until the first message of its match that is as new or newer."""
    messages: dict[str, list[Event]] = {}
    for event in scores:
        messages.setdefault(str(event.match_id), []).append(event)
    for update in sent:
        covering = (
            message.received_at_ms
            for message in messages.get(update.match_id, ())
            if message.data["revision"] >= update.revision
        )
        received_at_ms = next(covering, None)
        if received_at_ms is not None:
            yield received_at_ms - update.sent_at_ms


def _percentile(ordered: Sequence[float], percent: int) -> float | None:
    """The nearest rank: a delay that was measured, not one in between."""
    return ordered[ceil(len(ordered) * percent / 100) - 1] if ordered else None
