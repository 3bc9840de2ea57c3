"""Register, change and delete matches. Each change is an event of the match."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.app.moves import TournamentMoves
from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.dynamodb.registrations import Registrations
from scorecast.aws.dynamodb.table import Contention
from scorecast.aws.dynamodb.tournament_versions import TournamentVersions
from scorecast.aws.sqs.flush_queue import FlushQueue
from scorecast.domain.connections.identity import Identity
from scorecast.domain.matches import registration
from scorecast.domain.matches.match import Match
from scorecast.domain.matches.registration import Registered, Unchanged, tournaments_named
from scorecast.domain.matches.tournament import Tournament, run_rejection
from scorecast.domain.rooms import match_room
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.limits import CONTENTION_ATTEMPTS_MAX
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import log

_NO_TOURNAMENT: Final = Rejection(Code.NOT_FOUND, "There is no such tournament.")
_NO_MATCH: Final = Rejection(Code.NOT_FOUND, "There is no such match.")


type Expected = Callable[[Match | None], bool]
"""Whether the stored match is still the one that the sender has read."""


@dataclass(frozen=True, slots=True)
class Put:
    """A match as it is stored now, and what has been done."""

    match: Match
    outcome: Literal["registered", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class MatchRegistration:
    matches: Matches
    registrations: Registrations
    moves: TournamentMoves
    versions: TournamentVersions
    flush_queue: FlushQueue
    system: System

    def put(self, wanted: Match, identity: Identity) -> Put | Rejection:
        """Register a match, or change its registration. A repetition changes nothing."""
        for attempt in range(CONTENTION_ATTEMPTS_MAX):
            outcome = self._try_put(wanted, self.matches.stored(wanted.id), identity)
            if outcome is not None:
                return outcome
            self.matches.table.pause(attempt)
        raise Contention(wanted.id)

    def put_if(
        self, expected: Expected, wanted: Match, identity: Identity
    ) -> Put | Rejection | None:
        """The same, if the stored match is the one that the sender has read; otherwise None."""
        for attempt in range(CONTENTION_ATTEMPTS_MAX):
            stored = self.matches.stored(wanted.id)
            if not expected(_known(stored)):
                return None
            outcome = self._try_put(wanted, stored, identity)
            if outcome is not None:
                return outcome
            self.matches.table.pause(attempt)
        raise Contention(wanted.id)

    def delete(self, match_id: str, identity: Identity) -> Match | Rejection:
        """Delete a match that never began."""
        for attempt in range(CONTENTION_ATTEMPTS_MAX):
            outcome = self._try_delete(match_id, identity)
            if outcome is not None:
                return outcome
            self.matches.table.pause(attempt)
        raise Contention(match_id)

    def _try_put(
        self, wanted: Match, stored: Match | None, identity: Identity
    ) -> Put | Rejection | None:
        known = _known(stored)
        if known is None:
            return self._register(wanted, stored, identity)
        put = self._unfrozen(known) or self._change(wanted, known, identity)
        if not isinstance(put, Put):
            return put
        return self._moving(self.matches.tournament(known.tournament_id)) or put

    def _register(
        self, wanted: Match, stored: Match | None, identity: Identity
    ) -> Put | Rejection | None:
        refused = self._belongs_elsewhere(wanted, identity)
        if refused is not None:
            return refused
        if stored is not None and stored.unsent and stored.tournament_id != wanted.tournament_id:
            return None  # its deletion is published first, in its old tournament
        user_id, now_ms = identity.user_id or "", self.system.now_ms()
        registered = registration.registered(wanted, stored, user_id=user_id, now_ms=now_ms)
        match = self._store(registered, stored)
        if match is None:
            return None
        tournament = self.matches.tournament(match.tournament_id)
        if tournament is None:
            return self._withdraw(match, user_id)
        return self._moving(tournament) or Put(match, "registered")

    def _moving(self, tournament: Tournament | None) -> Rejection | None:
        """Why a change of a tournament's matches does not count, although it may be stored.

        Asked after the change: a match that is registered while its tournament leaves may have
        been too late to be copied.
        """
        return None if tournament is None else self.moves.admit_change(tournament)

    def _unfrozen(self, match: Match) -> Rejection | None:
        return None if match.frozen_by is None else self.moves.unfreeze(match)

    def _change(self, wanted: Match, stored: Match, identity: Identity) -> Put | Rejection | None:
        user_id, now_ms = identity.user_id or "", self.system.now_ms()
        change = registration.updated(wanted, stored, user_id=user_id, now_ms=now_ms)
        match change:
            case Rejection():
                return change
            case Unchanged():
                # an earlier attempt of this request may have ended before it advanced the version
                self.versions.advance(stored.tournament_id)
                return Put(stored, "unchanged")
        match = self._store(change, stored)
        return None if match is None else Put(match, "updated")

    def _withdraw(self, match: Match, user_id: str) -> Rejection:
        """Withdraw a match whose tournament was deleted after the request had read it."""
        change = registration.deleted(match, user_id=user_id, now_ms=self.system.now_ms())
        if isinstance(change, Registered):
            self._store(change, match)
        return _NO_TOURNAMENT

    def _try_delete(self, match_id: str, identity: Identity) -> Match | Rejection | None:
        stored = self.matches.get(match_id)
        if stored is None:
            return _NO_MATCH
        tournament = self.matches.tournament(stored.tournament_id)
        refused = run_rejection(identity, stored.tournament_id, tournament)
        refused = refused or self._moving(tournament) or self._unfrozen(stored)
        if refused is not None:
            return refused
        user_id, now_ms = identity.user_id or "", self.system.now_ms()
        change = registration.deleted(stored, user_id=user_id, now_ms=now_ms)
        return change if isinstance(change, Rejection) else self._store(change, stored)

    def _belongs_elsewhere(self, wanted: Match, identity: Identity) -> Rejection | None:
        """An id that begins with another tournament's id is reserved for officials of that
        tournament."""
        named = tournaments_named(wanted.id)
        registered = self.matches.tournaments(named) if named else {}
        owner = next((registered[each] for each in named if each in registered), None)
        if owner is None or owner.id == wanted.tournament_id:
            return None
        if run_rejection(identity, owner.id, owner) is None:
            return None
        return Rejection(
            Code.FORBIDDEN, f"Ids that begin with {owner.id}- are for matches of that tournament."
        )

    def _store(self, registered: Registered, stored: Match | None) -> Match | None:
        """None if the match has changed meanwhile."""
        if not self.registrations.store(registered, stored):
            return None
        self._request_flush(registered)
        # Not in the transaction: matches that are registered concurrently would conflict. `flush`
        # repeats it after publishing.
        self.versions.advance(registered.match.tournament_id)
        return registered.match

    def _request_flush(self, registered: Registered) -> None:
        try:
            self.flush_queue.request_for_event(match_room(registered.match.id), registered.event)
        except (BotoCoreError, ClientError) as error:
            # The change is stored and marked pending: the sweep requests a flush.
            log().error("flush request not sent", extra={"error": type(error).__name__})


def _known(stored: Match | None) -> Match | None:
    return None if stored is None or stored.is_deleted else stored
