"""Telling a match's rooms what has happened and has not been told: the work of one tick.

At most one tick of a match is worked on at a time (the FIFO group is the match), and what is to
be told stands in the match's row. So it is told in the order of its numbers, whichever tick comes
first, and a tick that is delivered again tells the same again.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from scorecast import protocol
from scorecast.aws.clock import Clock
from scorecast.aws.gateway import Gateway
from scorecast.aws.matches import Matches
from scorecast.aws.memberships import Memberships
from scorecast.aws.rota import Rota
from scorecast.aws.scores import Scores
from scorecast.aws.telemetry import count
from scorecast.delivery import Delivery, distinct, metrics_of
from scorecast.limits import CONTENTION_ATTEMPTS_MAX, FAN_OUT_MS_MAX, WINDOW_POLL_MS
from scorecast.matches import Claimed, Match, MatchEvent, event_data, score_updated
from scorecast.rooms import Room, match_room, tournament_room
from scorecast.window import Pace, remaining_ms


@dataclass(frozen=True, slots=True)
class Emission:
    matches: Matches
    scores: Scores
    memberships: Memberships
    gateway: Gateway
    rota: Rota
    clock: Clock
    pace: Pace

    def work_off(self, match_id: str, *, tick: str) -> None:
        """Tell what is untold of a match: unsent events at once, an open window when it is due.

        `tick` is the id of the SQS message. A claim remembers it, so that the same message,
        delivered again after a crash, sends the same number and content again.
        """
        match = self.matches.get(match_id)
        if match is None:
            return
        if match.claimed is not None and match.claimed.claimed_by == tick:
            self._tell_score(match, match.claimed)
        for _ in range(CONTENTION_ATTEMPTS_MAX):
            match = self._settled(match)
            if match.unsent:
                self._tell_events(match)
            elif match.window is None or self._tell_window(match, tick):
                return
            match = self._reread(match)

    def _settled(self, match: Match) -> Match:
        """The match once its window is due, closed, or overtaken by an event."""
        viewers = self._viewers(match) if match.window else 0
        started_ms = self.clock.now_ms()
        while match.window is not None and not match.unsent:
            now_ms = self.clock.now_ms()
            pause_ms = remaining_ms(
                match.window,
                self.pace,
                now_ms=now_ms,
                waited_ms=now_ms - started_ms,
                viewers=viewers,
            )
            if pause_ms == 0:
                break
            self.clock.sleep_ms(min(pause_ms, WINDOW_POLL_MS))
            match = self._reread(match)
        return match

    def _reread(self, match: Match) -> Match:
        stored = self.matches.get(match.id)
        assert stored is not None  # matches are never deleted
        return stored

    def _tell_window(self, match: Match, tick: str) -> bool:
        """Claim the window and tell its score. False if an event came first."""
        assert match.window is not None
        claimed_match = self.scores.claim(match.id, match.window, by=tick)
        if claimed_match is None or claimed_match.claimed is None:
            return False
        self._tell_score(claimed_match, claimed_match.claimed)
        return True

    def _tell_score(self, match: Match, claimed: Claimed) -> None:
        self._post(match, protocol.event("score_updated", score_updated(match, claimed)))

    def _tell_events(self, match: Match) -> None:
        """All unsent events in the order of their numbers, each after its window's score."""
        for event in self.matches.events(match.id, after=min(match.unsent) - 1):
            if event.sequence in match.unsent:
                self._tell_event(match, event)
        self.matches.mark_sent(match.id, match.unsent)

    def _tell_event(self, match: Match, event: MatchEvent) -> None:
        if event.score is not None:
            self._tell_score(match, event.score)
        self._post(match, protocol.event(event.type, event_data(match, event)))

    def _post(self, match: Match, frame: bytes) -> None:
        ids = distinct(self._members(match))
        outcomes = self.gateway.post_all(ids, frame, time_ms_max=FAN_OUT_MS_MAX)
        self.rota.put_gone([each for each, got in outcomes.items() if got is Delivery.GONE])
        count(FramesEmitted=1, **metrics_of(outcomes))

    def _members(self, match: Match) -> Iterator[list[str]]:
        """Pages of the members of both rooms, shuffled, so that nobody is always the last."""
        for room in _rooms(match):
            for page in self.memberships.members(room):
                yield sorted(page, key=self._lot)

    def _lot(self, _connection_id: str) -> float:
        return self.clock.random()

    def _viewers(self, match: Match) -> int:
        return sum(map(self.memberships.viewers, _rooms(match)))


def _rooms(match: Match) -> tuple[Room, Room]:
    return match_room(match.id), tournament_room(match.tournament_id)
