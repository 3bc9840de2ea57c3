"""Registered matches in the matches table: each change in one transaction with its event."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scorecast.aws.dynamodb.event_items import event_item
from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.match_items import new_match
from scorecast.aws.dynamodb.match_keys import (
    MATCH_SK,
    NOT_FROZEN,
    PENDING,
    match_pk,
    pointer,
    pointer_sk,
)
from scorecast.aws.dynamodb.outcomes import Committed
from scorecast.aws.dynamodb.score_items import WINDOW_ATTRIBUTES
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Action, Delete, Put, Update
from scorecast.domain.matches.match import Match
from scorecast.domain.matches.registration import Registered
from scorecast.runtime.system import System

_SECONDS_PER_DAY: Final = 24 * 60 * 60
# What may change depends on the match's state and score: if they have changed, decide again.
_AS_READ: Final = (
    "match_state = :read_state AND revision = :read_revision AND sequence_number = :read_sequence"
    f" AND {NOT_FROZEN}"
)
_REGISTERED: Final = ("participants", "scheduled_at", "scoring", "metadata")
_NUMBERED: Final = (
    "sequence_number = :sequence, last_event_sequence = :sequence, registered_sequence = :sequence,"
    " pending = :pending, pending_since_ms = if_not_exists(pending_since_ms, :now)"
)
_CLOSES_WINDOW: Final = f"REMOVE {WINDOW_ATTRIBUTES} ADD unsent :unsent"


@dataclass(frozen=True, slots=True)
class Registrations:
    table: Table
    system: System
    log_days: int

    def store(self, registered: Registered, stored: Match | None) -> bool:
        """Store a match and its event, if nothing happened since `stored` was read.

        False: read the match again and decide again.
        """
        event = event_item(
            match_pk(registered.match.id),
            registered.event,
            tournament_id=registered.match.tournament_id,
            expires_at=self._expires_at(),
        )
        actions = [*self._changes(registered, stored), Put(event)]
        return isinstance(self.table.transact(*actions), Committed)

    def _changes(self, registered: Registered, stored: Match | None) -> Iterator[Action]:
        match = registered.match
        if stored is None or stored.is_deleted:
            yield self._new(match, stored)
            yield Put(pointer(match))
        elif match.is_deleted:
            yield self._tombstone(registered, stored)
            yield Delete(**_key(stored))
        else:
            yield self._update(registered, stored)
            if pointer_sk(match) != pointer_sk(stored):
                # The old pointer would list the match twice.
                yield Delete(**_key(stored))
                yield Put(pointer(match))

    def _new(self, match: Match, stored: Match | None) -> Put:
        item = new_match(match) | {
            "unsent": match.unsent,
            "pending": PENDING,
            "pending_since_ms": self.system.now_ms(),
        }
        if stored is None:
            return Put(item)
        # A deleted match keeps its numbers, so its item is replaced only if it is still as it was
        # read.
        return Put(item, condition=_AS_READ, values=_as_read(stored))

    def _update(self, registered: Registered, stored: Match) -> Update:
        item = new_match(registered.match)
        changed = ", ".join(f"{name} = :{name}" for name in _REGISTERED)
        return Update(
            match_pk(stored.id),
            MATCH_SK,
            expression=f"SET {changed}, {_NUMBERED} {_CLOSES_WINDOW}",
            condition=_AS_READ,
            values=self._values(registered, stored)
            | {f":{name}": item[name] for name in _REGISTERED},
        )

    def _tombstone(self, registered: Registered, stored: Match) -> Update:
        """The numbers outlive the match for as long as its events, so that none is given twice."""
        return Update(
            match_pk(stored.id),
            MATCH_SK,
            expression=f"SET is_deleted = :true, expires_at = :expires_at, {_NUMBERED}"
            f" {_CLOSES_WINDOW}",
            condition=_AS_READ,
            values=self._values(registered, stored)
            | {":true": True, ":expires_at": self._expires_at()},
        )

    def _values(self, registered: Registered, stored: Match) -> Item:
        sequence = registered.event.sequence
        return _as_read(stored) | {
            ":sequence": sequence,
            ":pending": PENDING,
            ":now": self.system.now_ms(),
            ":unsent": frozenset({sequence}),
        }

    def _expires_at(self) -> int:
        return self.system.now_ms() // 1_000 + self.log_days * _SECONDS_PER_DAY


def _key(match: Match) -> dict[str, str]:
    return {name: str(value) for name, value in pointer(match).items()}


def _as_read(match: Match) -> Item:
    return {
        ":read_state": match.state,
        ":read_revision": match.score.revision,
        ":read_sequence": match.sequence,
    }
