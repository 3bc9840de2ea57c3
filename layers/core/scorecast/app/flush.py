"""Publish a match's pending events to its rooms, in sequence order.

Pending events are stored in the match item, and a FIFO group per match lets one flush of it run at
a time. So the order of the flush requests does not matter, and a request that is delivered again
publishes the same messages again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from scorecast.app.best_effort import attempt
from scorecast.app.broadcast import Broadcast
from scorecast.app.load import LoadGauge
from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.dynamodb.scores import Scores
from scorecast.aws.dynamodb.table import Contention
from scorecast.aws.dynamodb.tournament_versions import TournamentVersions
from scorecast.domain.matches.attribution import without_users
from scorecast.domain.matches.match import Claimed, LoggedEvent, Match
from scorecast.domain.matches.payloads import event_data, score_updated, tournament_event_data
from scorecast.domain.matches.tournament import Tournament
from scorecast.domain.matches.window import Load, Pace, remaining_ms, widened_ms
from scorecast.domain.publication import Posted, numbered
from scorecast.domain.rooms import Room, match_room, tournament_room
from scorecast.protocol import messages
from scorecast.protocol.limits import (
    CONTENTION_ATTEMPTS_MAX,
    STALLED_AFTER_MS,
    WINDOW_POLL_MS,
)
from scorecast.runtime.system import System


@dataclass(frozen=True, slots=True)
class Flush:
    matches: Matches
    scores: Scores
    gauge: LoadGauge
    broadcast: Broadcast
    versions: TournamentVersions
    system: System
    pace: Pace
    names_users: bool

    def run(self, room: Room, *, request_id: str) -> None:
        """Publish what is pending for a match or a tournament.

        `request_id` is the id of the SQS message, the same when it is delivered again.
        """
        if room.match_id is not None:
            self._run_match(room.match_id, request_id)
        else:
            self._run_tournament(room.id)

    def _run_match(self, match_id: str, request_id: str) -> None:
        match = self.matches.stored(match_id)
        if match is None:
            return None
        # This request claimed a score and did not finish: its Lambda died, perhaps before the
        # posts. The claim is stored, so the same number is published with the same content.
        claimed = match.claimed if match.pending_since_ms is not None else None
        if claimed is not None and claimed.claimed_by == request_id:
            self._publish_claimed(match, claimed)
            match = self._reread(match)
        for _ in range(CONTENTION_ATTEMPTS_MAX):
            # Read once per window: it only advises how long the window should be.
            load = self.gauge.load(_rooms(match)) if match.window else Load()
            match = self._await_window(match, load)
            if match.unsent:
                self._publish_events(match)
            elif match.window is None:
                return self._settle_match(match)
            elif self._publish_window(match, load, request_id):
                return None
            match = self._reread(match)
        raise Contention(match_id)

    def _settle_match(self, match: Match) -> None:
        """Nothing waits. Publish again what an earlier request left pending."""
        # Anything pending for a shorter time still has a request, or one that will be redelivered.
        since_ms = match.pending_since_ms
        if since_ms is None or self.system.now_ms() - since_ms < STALLED_AFTER_MS:
            return
        if self._publish_newest(match):
            self.matches.settle(match_room(match.id), published=match.sequence)

    def _publish_newest(self, match: Match) -> bool:
        """Publish only the newest message: a client that has missed earlier ones requests them."""
        if match.claimed is not None and match.claimed.sequence > match.last_event_sequence:
            return self._publish_score(match, match.claimed)
        last = self.matches.events(match_room(match.id), after=match.last_event_sequence - 1)
        return all([self._publish_event(match, event) for event in last])

    def _await_window(self, match: Match, load: Load) -> Match:
        """The match once its window is due, closed, or overtaken by an event."""
        started_ms = self.system.now_ms()
        while match.window is not None and not match.unsent:
            now_ms = self.system.now_ms()
            pause_ms = remaining_ms(
                match.window, self.pace, load, now_ms=now_ms, waited_ms=now_ms - started_ms
            )
            if pause_ms == 0:
                break
            self.system.sleep_ms(min(pause_ms, WINDOW_POLL_MS))
            match = self._reread(match)
        return match

    def _reread(self, match: Match) -> Match:
        stored = self.matches.stored(match.id)
        assert stored is not None  # a deleted match stays stored until long after its events
        return stored

    def _publish_window(self, match: Match, load: Load, request_id: str) -> bool:
        """Claim the window and publish its score. False if an event came first."""
        assert match.window is not None
        claimed_match = self.scores.claim(
            match.id,
            match.window,
            request_id=request_id,
            window_ms=widened_ms(load, self.pace),
        )
        if claimed_match is None or claimed_match.claimed is None:
            return False
        self._publish_claimed(claimed_match, claimed_match.claimed)
        return True

    def _publish_score(self, match: Match, claimed: Claimed) -> bool:
        data = score_updated(match.id, match.tournament_id, claimed)
        return self._publish(match, "score_updated", claimed.sequence, data)

    def _publish_claimed(self, match: Match, claimed: Claimed) -> None:
        """Publish a claimed score, and only then take its match out of the pending index.

        An outage may outlast the tries of this request. The sweep goes on where they end, since the
        match is pending. If only the last write fails, it has the score published twice.
        """
        if self._publish_score(match, claimed):
            settle = partial(self.matches.settle, published=claimed.sequence)
            attempt(partial(settle, match_room(match.id)))

    def _publish_events(self, match: Match) -> None:
        """Publish all unsent events in order, each after the score of the window it closed."""
        room = match_room(match.id)
        for event in self.matches.events(room, after=min(match.unsent) - 1):
            if event.sequence in match.unsent:
                is_sure = self._publish_event(match, event)
                # After the message: a crash before this write repeats it, and clients drop the
                # repetition by its number. One event at a time, so that little is repeated after a
                # crash.
                self.matches.mark_sent(room, [event.sequence], settles=is_sure)

    def _publish_event(self, match: Match, event: LoggedEvent) -> bool:
        if event.score is not None:
            self._publish_score(match, event.score)
        return self._publish(
            match, event.type, event.sequence, event_data(match.id, match.tournament_id, event)
        )

    def _publish(self, match: Match, kind: str, sequence: int, data: Mapping[str, object]) -> bool:
        # The whole room gets the same message, so it contains only what every member may read.
        data = data if self.names_users else without_users(data)
        posted = numbered(messages.event(kind, data), match_room(match.id), sequence)
        return self._broadcast(match.tournament_id, _rooms(match), posted)

    def _broadcast(self, tournament_id: str, rooms: Sequence[Room], posted: Posted) -> bool:
        """Post to the members, and return whether those that join meanwhile are sure to know.

        If they are not, the match stays pending: the sweep has it published again, also to them.
        Its request must not fail, or it would hold up the scores that follow.
        """
        # Before the members are read: a client that joins after that reads the new version, which
        # invalidates what a warm function caches of the tournament.
        is_advanced = attempt(partial(self.versions.advance, tournament_id, once=True))
        self.broadcast.publish(rooms, posted)
        return is_advanced

    def _run_tournament(self, tournament_id: str) -> None:
        tournament = self.matches.tournament(tournament_id)
        if tournament is None:
            return None
        room = tournament_room(tournament_id)
        if not tournament.unsent:
            return self._settle_tournament(tournament) if tournament.pending else None
        for event in self.matches.events(room, after=min(tournament.unsent) - 1):
            if event.sequence in tournament.unsent:
                is_sure = self._publish_tournament_event(tournament, event)
                self.matches.mark_sent(room, [event.sequence], settles=is_sure)
        return None

    def _settle_tournament(self, tournament: Tournament) -> None:
        """Nothing waits. Publish again what an earlier request left pending."""
        room = tournament_room(tournament.id)
        last = self.matches.events(room, after=tournament.sequence - 1)
        if all([self._publish_tournament_event(tournament, event) for event in last]):
            self.matches.settle(room, published=tournament.sequence)

    def _publish_tournament_event(self, tournament: Tournament, event: LoggedEvent) -> bool:
        room = tournament_room(tournament.id)
        message = messages.event(event.type, tournament_event_data(tournament.id, event))
        return self._broadcast(tournament.id, [room], numbered(message, room, event.sequence))


def _rooms(match: Match) -> tuple[Room, Room]:
    return match_room(match.id), tournament_room(match.tournament_id)
