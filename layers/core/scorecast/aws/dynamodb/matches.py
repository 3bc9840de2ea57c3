"""Matches, tournaments and their event logs in the matches table."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from scorecast.aws.dynamodb.dispute_items import dispute_from
from scorecast.aws.dynamodb.event_items import event_from, event_item
from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.match_items import match_from
from scorecast.aws.dynamodb.match_keys import (
    DISPUTE_HIGH,
    DISPUTE_LOW,
    EVENT_HIGH,
    MATCH_SK,
    PENDING,
    POINTER_HIGH,
    POINTER_LOW,
    TOURNAMENT_SK,
    event_sk,
    key_of,
    match_id_of,
    match_pk,
    pointer_sk,
    room_at,
    tournament_pk,
)
from scorecast.aws.dynamodb.match_writes import dispute_writes, match_event
from scorecast.aws.dynamodb.outcomes import Committed
from scorecast.aws.dynamodb.structures import structure_put
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.tournament_items import new_tournament, tournament_from
from scorecast.aws.dynamodb.tournament_versions import advanced
from scorecast.aws.dynamodb.tournament_writes import (
    tournament_change,
    tournament_event,
    tournament_instead,
)
from scorecast.aws.dynamodb.writes import Action, Put, Update
from scorecast.domain.matches.changes import Change
from scorecast.domain.matches.match import Dispute, LoggedEvent, Match
from scorecast.domain.matches.tournament import Tournament
from scorecast.domain.rooms import Room
from scorecast.runtime.system import System

_SECONDS_PER_DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Matches:
    table: Table
    system: System

    def get(self, match_id: str) -> Match | None:
        match = self.stored(match_id)
        return None if match is None or match.is_deleted else match

    def stored(self, match_id: str) -> Match | None:
        """The match, even if it was deleted recently."""
        item = self.table.get(match_pk(match_id), MATCH_SK)
        return match_from(item) if item else None

    def tournament(self, tournament_id: str) -> Tournament | None:
        stored = self.stored_tournament(tournament_id)
        return None if stored is None or stored.is_deleted else stored

    def stored_tournament(self, tournament_id: str) -> Tournament | None:
        """The tournament, even if it was deleted recently."""
        item = self.table.get(tournament_pk(tournament_id), TOURNAMENT_SK)
        return tournament_from(item) if item else None

    def tournaments(self, tournament_ids: Sequence[str]) -> dict[str, Tournament]:
        """The registered ones of these tournaments, by id."""
        keys = [(tournament_pk(each), TOURNAMENT_SK) for each in tournament_ids]
        stored = map(tournament_from, self.table.get_all(keys))
        return {found.id: found for found in stored if not found.is_deleted}

    def newest(self, room: Room) -> int:
        """The sequence number that the room's match or tournament gave last; 0 if unknown."""
        stored = self.get(room.id) if room.match_id is not None else self.tournament(room.id)
        return stored.sequence if stored else 0

    def published(self, room: Room) -> int:
        """The sequence number up to which the room's match or tournament has been published.

        It may be too low but never too high: an unsent event may publish the score of the window
        that it closed.
        """
        stored = self.stored(room.id) if room.match_id is not None else self.tournament(room.id)
        if stored is None:
            return 0
        return min(stored.unsent) - 2 if stored.unsent else stored.sequence

    def of_tournament(self, tournament_id: str) -> list[Match]:
        """All of a tournament's matches, in the order of their kick-offs, then of their ids."""
        pages = self.table.query(tournament_pk(tournament_id), low=POINTER_LOW, high=POINTER_HIGH)
        ids = [match_id_of(item) for page in pages for item in page]
        items = self.table.get_all([(match_pk(match_id), MATCH_SK) for match_id in ids])
        # one that was deleted between the two reads is no longer listed
        matches = [match for match in map(match_from, items) if not match.is_deleted]
        return sorted(matches, key=pointer_sk)

    def put_tournament(
        self,
        tournament: Tournament,
        *,
        is_new: bool = False,
        keeps_organizers: bool = False,
        version: int | None = None,
    ) -> Tournament | None:
        """Register a tournament, or change the name and organizers of a registered one.

        With `is_new`, only if it is not registered; with a `version`, only if that is still
        current. Otherwise None.
        """
        new = new_tournament(tournament)
        advance = advanced(tournament.id, current=version)
        change = tournament_change(new, keeps_organizers=keeps_organizers)
        actions: list[Action] = [Put(new)] if is_new else [Put(new), change]
        for action in (*actions, *self._instead_of_deleted(new, tournament.id)):
            if isinstance(self.table.transact(action, advance), Committed):
                return self.tournament(tournament.id)
        return None

    def _instead_of_deleted(self, new: Item, tournament_id: str) -> Iterator[Put]:
        stored = self.stored_tournament(tournament_id)
        if stored is not None and stored.is_deleted:
            yield tournament_instead(new, stored)

    def record(
        self,
        match: Match,
        event: LoggedEvent,
        asked: Change,
        *,
        received_at_ms: int,
        log_days: int,
        reply: Item | None = None,
    ) -> bool:
        """Change a match and log the event, on condition that `match` is as it was read.

        `received_at_ms` is the command's. `reply` is the item of an idempotent request. False: read
        the match again and decide again.
        """
        # One transaction: the state, the number, the closed window and the log entry agree, and a
        # score or an event that another Lambda wrote since `match` was read makes it fail.
        item = self._event_item(match_pk(match.id), event, match.tournament_id, log_days)
        change = match_event(match, event, asked, received_at_ms, self.system.now_ms())
        return self._commit(change, item, reply, *dispute_writes(match.id, asked.dispute))

    def _commit(self, change: Update, *writes: Item | Action | None) -> bool:
        given = [each for each in writes if each is not None]
        actions = [Put(each) if isinstance(each, dict) else each for each in given]
        return isinstance(self.table.transact(change, *actions), Committed)

    def disputes(self, match_id: str) -> list[Dispute]:
        """All disputes of a match, with their texts."""
        pages = self.table.query(match_pk(match_id), low=DISPUTE_LOW, high=DISPUTE_HIGH)
        return [dispute_from(item) for page in pages for item in page]

    def record_tournament(
        self,
        tournament: Tournament,
        event: LoggedEvent,
        *,
        new_state: str,
        log_days: int,
        reply: Item | None = None,
        structure: Item | None = None,
    ) -> bool:
        """Log a tournament's event, on condition that `tournament` is as it was read.

        `structure` is stored together with the event that publishes it.
        """
        stored = (
            None if structure is None else structure_put(tournament.id, event.sequence, structure)
        )
        item = self._event_item(tournament_pk(tournament.id), event, tournament.id, log_days)
        change = tournament_event(tournament, event, new_state, self.system.now_ms())
        return self._commit(change, item, reply, stored)

    def _event_item(self, pk: str, event: LoggedEvent, tournament_id: str, log_days: int) -> Item:
        expires_at = self.system.now_ms() // 1_000 + log_days * _SECONDS_PER_DAY
        return event_item(pk, event, tournament_id=tournament_id, expires_at=expires_at)

    def events(self, room: Room, *, after: int) -> list[LoggedEvent]:
        """The logged events with a number above `after`, in order; expired ones are left out."""
        now_s = self.system.now_ms() // 1_000
        pages = self.table.query(key_of(room)[0], low=event_sk(after + 1), high=EVENT_HIGH)
        items = [item for page in pages for item in page]
        return [event_from(item) for item in items if item["expires_at"] > now_s]

    def live(self) -> int:
        """How many matches have something pending: they share the account's posts."""
        return sum(len(page) for page in self.table.query_index("pending", "pending", PENDING))

    def pending(self, *, until_ms: int) -> list[Room]:
        """Matches and tournaments that have been pending since then or longer."""
        pages = self.table.query_index(
            "pending", "pending", PENDING, until=("pending_since_ms", until_ms)
        )
        return [room_at(item["pk"]) for page in pages for item in page]

    def mark_sent(self, room: Room, sequences: Collection[int], *, settles: bool = True) -> None:
        """Remove published events from the unsent ones, and the item from the pending index."""
        pk, sk = key_of(room)
        sent = Update(
            pk,
            sk,
            expression="DELETE unsent :sent",
            # Never recreate an item that TTL has deleted.
            condition="attribute_exists(pk)",
            values={":sent": frozenset(sequences)},
        )
        self.table.update(sent)
        if settles:
            self.settle(room, published=max(sequences))

    def settle(self, room: Room, *, published: int) -> None:
        """Remove an item from the pending index, unless something in it is still to be published.

        That is a window, an unsent event, or a score claimed with a number above `published`:
        another Lambda has claimed it and may die before it publishes it.
        """
        pk, sk = key_of(room)
        # What another Lambda has added since must stay in the index, where the sweep finds it.
        self.table.update(
            Update(
                pk,
                sk,
                expression="REMOVE pending, pending_since_ms",
                condition="attribute_not_exists(unsent) AND attribute_not_exists(window_id)"
                " AND (attribute_not_exists(claimed_sequence) OR claimed_sequence <= :published)",
                values={":published": published},
            )
        )
