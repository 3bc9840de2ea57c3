"""Execute the commands of officials and participants: scores, and events of a match or
tournament."""

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.app.moves import TournamentMoves
from scorecast.aws.dynamodb.idempotency import KeyedRequest, StoredReplies
from scorecast.aws.dynamodb.listings import Listings
from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.dynamodb.scores import Frozen, Scores
from scorecast.aws.dynamodb.table import Contention
from scorecast.aws.sqs.flush_queue import FlushQueue
from scorecast.domain.connections.identity import Identity
from scorecast.domain.matches.changes import Change, Occasion, event_of
from scorecast.domain.matches.decisions import decide, report_rejection, role_for
from scorecast.domain.matches.disputes import dispute_id_of
from scorecast.domain.matches.match import LoggedEvent, Match
from scorecast.domain.matches.scoring import Accepted, untimely
from scorecast.domain.matches.tournament import (
    Tournament,
    TournamentEventType,
    published_structure,
    state_after,
    tournament_event,
    unfinished,
)
from scorecast.domain.rooms import Room, match_room, tournament_room
from scorecast.protocol.commands import (
    DisputeCreate,
    DisputeResolve,
    MatchCommand,
    MatchEventCommand,
    ScoreUpdate,
)
from scorecast.protocol.errors import Code, Json, Rejection
from scorecast.protocol.limits import CONTENTION_ATTEMPTS_MAX
from scorecast.protocol.replies import AcceptedData, TournamentEventAccepted
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import log


@dataclass(frozen=True, slots=True)
class MatchCommands:
    matches: Matches
    listings: Listings
    scores: Scores
    replies: StoredReplies
    moves: TournamentMoves
    flush_queue: FlushQueue
    system: System
    event_log_days: int

    def execute(
        self,
        command: MatchCommand,
        identity: Identity,
        *,
        command_id: str,
        received_at_ms: int,
        keyed: KeyedRequest | None = None,
    ) -> AcceptedData | Rejection:
        """Execute one command; the data of the reply. With `keyed`, a repeated command has no
        effect.

        `command_id` is the same when the very same message is processed again. Once this returns,
        the change is stored and marked pending, so `flush` publishes it even if this function dies.
        """
        rejection = self._authorization_error(command, identity)
        if rejection is not None:
            return rejection
        user_id = identity.user_id or ""
        if isinstance(command, ScoreUpdate):
            return self._score(command, command_id, received_at_ms, user_id)
        return self._change(command, command_id, received_at_ms, user_id, keyed)

    def publish_tournament_event(
        self,
        tournament_id: str,
        kind: TournamentEventType,
        data: Json,
        keyed: KeyedRequest | None = None,
    ) -> TournamentEventAccepted | Rejection:
        """Record an event of a tournament; its number."""
        return self._tournament_change(
            tournament_id,
            lambda tournament: self._tournament_event(kind, data, tournament),
            keyed,
        )

    def publish_structure(
        self, tournament_id: str, structure: Json, keyed: KeyedRequest | None = None
    ) -> TournamentEventAccepted | Rejection:
        """Store a tournament's structure with the event that publishes it; its number."""
        kind = TournamentEventType.BRACKET_UPDATED

        def event(tournament: Tournament) -> LoggedEvent | Rejection:
            data = published_structure(structure, version=tournament.sequence + 1)
            return self._tournament_event(kind, data, tournament)

        return self._tournament_change(tournament_id, event, keyed, structure)

    def _tournament_change(
        self,
        tournament_id: str,
        event_of: Callable[[Tournament], LoggedEvent | Rejection],
        keyed: KeyedRequest | None,
        structure: Json | None = None,
    ) -> TournamentEventAccepted | Rejection:
        for attempt in range(CONTENTION_ATTEMPTS_MAX):
            outcome = self._try_tournament_change(tournament_id, event_of, keyed, structure)
            if outcome is not None:
                return outcome
            self.matches.table.pause(attempt)
        raise Contention(tournament_id)

    def _try_tournament_change(
        self,
        tournament_id: str,
        event_of: Callable[[Tournament], LoggedEvent | Rejection],
        keyed: KeyedRequest | None,
        structure: Json | None,
    ) -> TournamentEventAccepted | Rejection | None:
        tournament = self.matches.tournament(tournament_id)
        if tournament is None:
            return Rejection(Code.NOT_FOUND, "There is no such tournament.")
        room = tournament_room(tournament_id)
        earlier: TournamentEventAccepted | Rejection | None = self.replies.find(room, keyed)
        if earlier is not None:
            return earlier
        rejection = self.moves.admit_change(tournament)
        if rejection is not None:
            return rejection
        event = event_of(tournament)
        if isinstance(event, Rejection):
            return event
        reply: TournamentEventAccepted = {
            "tournament_id": tournament_id,
            "sequence": event.sequence,
        }
        recorded = self.matches.record_tournament(
            tournament,
            event,
            new_state=state_after(TournamentEventType(event.type)),
            log_days=self.event_log_days,
            reply=self.replies.item(room, keyed, reply),
            structure=structure,
        )
        if not recorded:
            return None
        self._request_flush_for_event(room, event)
        return reply

    def _tournament_event(
        self, kind: TournamentEventType, data: Json, tournament: Tournament
    ) -> LoggedEvent | Rejection:
        event = tournament_event(kind, data, tournament, now_ms=self.system.now_ms())
        if isinstance(event, Rejection) or kind is not TournamentEventType.TOURNAMENT_COMPLETED:
            return event
        # This prevents a mistake, not a race: a match may still start after the tournament's end.
        return unfinished(self.listings.in_play(tournament.id, limit=1).items) or event

    def _request_flush_for_event(self, room: Room, event: LoggedEvent) -> None:
        try:
            self.flush_queue.request_for_event(room, event)
        except (BotoCoreError, ClientError) as error:
            _log_lost_request(error)

    def _authorization_error(self, command: MatchCommand, identity: Identity) -> Rejection | None:
        match = self.matches.get(command.match_id)
        if match is None:
            return Rejection(Code.NOT_FOUND, "There is no such match.")
        tournament = self.matches.tournament(match.tournament_id)
        organizers = tournament.organizers if tournament else ()
        refused = report_rejection(command, role_for(identity, match, organizers))
        if refused is not None or tournament is None:
            return refused
        return self.moves.admit_change(tournament)

    def _score(
        self,
        update: ScoreUpdate,
        command_id: str,
        received_at_ms: int,
        user_id: str,
    ) -> AcceptedData | Rejection:
        rejection = untimely(update, now_ms=self.system.now_ms())
        if rejection is not None:
            return rejection
        update_id = update.update_id or command_id
        outcome = self._accept(update, update_id, received_at_ms, user_id)
        if isinstance(outcome, Rejection):
            return outcome
        self._request_flush(outcome)
        return {"match_id": update.match_id, "revision": outcome.revision}

    def _accept(
        self, update: ScoreUpdate, update_id: str, received_at_ms: int, user_id: str
    ) -> Accepted | Rejection:
        """Store a score; try again after removing the mark of a move that was given up."""
        for _ in range(CONTENTION_ATTEMPTS_MAX):
            outcome = self.scores.accept(
                update, update_id=update_id, received_at_ms=received_at_ms, user_id=user_id
            )
            if not isinstance(outcome, Frozen):
                return outcome
            rejection = self.moves.unfreeze(outcome.match)
            if rejection is not None:
                return rejection
        raise Contention(update.match_id)

    def _request_flush(self, accepted: Accepted) -> None:
        now_ms = self.system.now_ms()
        if accepted.match.window is None or not accepted.flush_is_due(now_ms=now_ms):
            return
        try:
            self.flush_queue.request_for_window(
                accepted.match.id, accepted.match.window, now_ms=now_ms
            )
        except (BotoCoreError, ClientError) as error:
            _log_lost_request(error)

    def _change(
        self,
        command: MatchEventCommand,
        command_id: str,
        received_at_ms: int,
        user_id: str,
        keyed: KeyedRequest | None,
    ) -> AcceptedData | Rejection:
        """Decide from the match as it was read, and write on condition that it has not changed;
        otherwise start again."""
        for attempt in range(CONTENTION_ATTEMPTS_MAX):
            occasion = Occasion(
                user_id=user_id,
                now_ms=self.system.now_ms(),
                received_at_ms=received_at_ms,
                command_id=command_id,
            )
            outcome = self._try_change(command, occasion, keyed)
            if outcome is not None:
                return outcome
            self.matches.table.pause(attempt)
        raise Contention(command.match_id)

    def _try_change(
        self, command: MatchEventCommand, occasion: Occasion, keyed: KeyedRequest | None
    ) -> AcceptedData | Rejection | None:
        match = self.matches.get(command.match_id)
        if match is None:
            return Rejection(Code.NOT_FOUND, "There is no such match.")
        room = match_room(match.id)
        earlier: AcceptedData | Rejection | None = self.replies.find(room, keyed)
        if earlier is not None:
            return earlier
        rejection = self.moves.unfreeze(match) if match.frozen_by is not None else None
        if rejection is not None:
            return rejection
        asked = decide(command, match, occasion)
        if isinstance(asked, Rejection):
            return asked
        event = event_of(asked, match, now_ms=occasion.now_ms)
        reply = _reply(command, match, asked, occasion)
        recorded = self.matches.record(
            match,
            event,
            asked,
            received_at_ms=occasion.received_at_ms,
            log_days=self.event_log_days,
            reply=self.replies.item(room, keyed, reply),
        )
        if not recorded:
            return None
        self._request_flush_for_event(room, event)
        return reply


def _reply(
    command: MatchEventCommand, match: Match, asked: Change, occasion: Occasion
) -> AcceptedData:
    reply: AcceptedData = {"match_id": match.id, "revision": asked.score.revision}
    match command:
        case DisputeCreate():
            reply["dispute_id"] = dispute_id_of(occasion.command_id)
        case DisputeResolve():
            reply["dispute_id"] = command.dispute_id
    return reply


def _log_lost_request(error: Exception) -> None:
    # The change is stored and marked pending: the next update or the sweep requests a flush.
    log().error("flush request not sent", extra={"error": type(error).__name__})
