"""Scores in the matches table: accepted, gathered in a window, claimed under a number.

Every change of a match is one conditional write on its row, so its revision, its sequence and its
window always agree. A window or an event that has not been published marks the item `pending`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from scorecast.aws.dynamodb.match_items import (
    MATCH_SK,
    encode,
    encode_update,
    match_from,
    match_pk,
)
from scorecast.aws.dynamodb.table import ConditionNotMet, Item, Table, Update
from scorecast.domain.matches.match import Match, Score, Window
from scorecast.domain.matches.play_state import GivenState, given_state
from scorecast.domain.matches.scoring import Accepted, negative_fields, rejection
from scorecast.protocol.commands import ScoreUpdate
from scorecast.protocol.errors import Code, Rejection, invalid
from scorecast.protocol.limits import UPDATE_NAMES_BYTES, UPDATES_BYTES_MAX
from scorecast.protocol.states import SCORING
from scorecast.runtime.system import System

WINDOW_ATTRIBUTES: Final = (
    "window_id, window_opened_at_ms, window_updates, window_bytes, window_corrects,"
    " before_participant1_score, before_participant2_score"
)
"""What an open window has in its match's item: it goes when the window closes.

`before_…` is the score that was published last. A score below it is published as a correction.
"""

RECENT_UPDATES: Final = 4
"""Update ids that a match remembers: a repeated one of them is never applied again."""

_RECENT: Final = [f"recent_update_{place}" for place in range(1, RECENT_UPDATES + 1)]
_NOT_RECENT: Final = " AND ".join(
    f"(attribute_not_exists({name}) OR {name} <> :update_id)" for name in _RECENT
)
_REMEMBER: Final = ", ".join(
    f"{older} = if_not_exists({newer}, :never)" for newer, older in pairwise(_RECENT)
)
_ACCEPT: Final = (
    "SET participant1_score = :score1, participant2_score = :score2, details = :details,"
    " updated_at_ms = :now, updated_by = :by,"
    " before_participant1_score = if_not_exists(before_participant1_score, participant1_score),"
    " before_participant2_score = if_not_exists(before_participant2_score, participant2_score),"
    " score_corrects = :corrects, revision = revision + :one, recent_revision = revision + :one,"
    " window_id = if_not_exists(window_id, revision),"
    " window_opened_at_ms = if_not_exists(window_opened_at_ms, :now),"
    " pending = :pending, pending_since_ms = if_not_exists(pending_since_ms, :now),"
    f" recent_update_1 = :update_id, {_REMEMBER},"
    " received_at_ms = :received_at, ordered_by = :ordered_by"
)
# Several messages share a millisecond, so ties pass; a repeated write is known by its update id.
_RECEIVED_LATER: Final = "(attribute_not_exists(received_at_ms) OR received_at_ms <= :received_at)"
# Two updates with revisions are compared by these alone. Any other two have only the time of their
# receipt in common.
_REVISED_LATER: Final = (
    "(attribute_not_exists(client_revision) OR client_revision < :revision)"
    f" AND (ordered_by = :ordered_by OR {_RECEIVED_LATER})"
)

_SCORING: Final = {f":{state}": state for state in sorted(SCORING)}
_TAKES_SCORES: Final = f"match_state IN ({', '.join(_SCORING)})"

# A window's updates, for the message that merges them: in one item, so that they agree with it, and
# bounded, so that it stays small. Once one has not fitted, none follows: they are the first ones.
_KEEP_UPDATE: Final = (
    "window_updates = list_append(if_not_exists(window_updates, :none), :update),"
    " window_bytes = if_not_exists(window_bytes, :zero) + :update_bytes"
)
_UPDATE_FITS: Final = "(attribute_not_exists(window_bytes) OR window_bytes <= :room_bytes)"
_FULL: Final = "window_bytes = :full"

_UPON_BASE: Final = "revision = :base"
_NEGATIVE: Final = "scoring.negative = :true"
_CORRECTS: Final = "revision >= :corrects"

_CLAIM: Final = (
    "SET sequence_number = sequence_number + :one, claimed_sequence = sequence_number + :one,"
    " claimed_participant1_score = participant1_score,"
    " claimed_participant2_score = participant2_score, claimed_details = details,"
    " claimed_periods = if_not_exists(periods, :absent),"
    " claimed_clock = if_not_exists(clock, :absent),"
    " claimed_shootout = if_not_exists(shootout, :absent),"
    " claimed_before_participant1_score"
    " = if_not_exists(before_participant1_score, participant1_score),"
    " claimed_before_participant2_score"
    " = if_not_exists(before_participant2_score, participant2_score),"
    " claimed_corrects = if_not_exists(window_corrects, :nothing),"
    " claimed_revision = revision, claimed_updated_at_ms = updated_at_ms,"
    " claimed_updated_by = updated_by, claimed_merged = revision - window_id, claimed_by = :by,"
    " claimed_at_ms = :now, claimed_window_ms = :window_ms,"
    " claimed_updates = if_not_exists(window_updates, :none),"
    # In a steady stream the match never leaves the index; it has stalled only since this window.
    " pending_since_ms = window_opened_at_ms"
    f" REMOVE {WINDOW_ATTRIBUTES}"
)

_ANOTHER_SCORE: Final = {"update_id": "must be a new one: it names a score that is stored"}

PENDING: Final = "pending"
"""The one value of the sparse index's hash key."""


@dataclass(frozen=True, slots=True)
class _Accepting:
    """The write that accepts one score."""

    update: ScoreUpdate
    update_id: str
    received_at_ms: int
    by: str
    now_ms: int

    def request(self, *, is_kept: bool = True) -> Update:
        """With `is_kept` the window keeps the update for its message, and must have room for it."""
        changes = [_ACCEPT, *self._changes(), _KEEP_UPDATE if is_kept else _FULL]
        fits = [_UPDATE_FITS] if is_kept else []
        return Update(
            match_pk(self.update.match_id),
            MATCH_SK,
            expression=", ".join(changes),
            condition=" AND ".join([_TAKES_SCORES, *self._conditions(), _NOT_RECENT, *fits]),
            values=self._values() | (self._kept() if is_kept else {":full": UPDATES_BYTES_MAX + 1}),
        )

    def _state(self) -> GivenState:
        return given_state(self.update, now_ms=self.now_ms)

    def _changes(self) -> Iterator[str]:
        """What the fields that the update gives change; what it leaves out stays as it is."""
        yield from (f"{name} = :{name}" for name in self._state())
        if self.update.client_revision is not None:
            yield "client_revision = :revision"
        if self.update.corrects is not None:
            yield "window_corrects = :corrects"

    def _conditions(self) -> Iterator[str]:
        yield _RECEIVED_LATER if self.update.client_revision is None else _REVISED_LATER
        if self.update.base_revision is not None:
            yield _UPON_BASE
        if self.update.corrects is not None:
            yield _CORRECTS
        if negative_fields(self.update):
            yield _NEGATIVE

    def does_not_fit(self, row: Item | None) -> bool:
        """Whether the window has no room for the update, whatever else its condition says."""
        room_bytes = self._kept()[":room_bytes"]
        return row is not None and row.get("window_bytes", 0) > room_bytes

    def _values(self) -> Item:
        update = self.update
        given = {
            ":base": update.base_revision,
            ":revision": update.client_revision,
            ":true": True if negative_fields(update) else None,
        }
        return {
            ":score1": update.participant1_score,
            ":score2": update.participant2_score,
            ":details": encode(update.details),
            **{f":{name}": encode(value) for name, value in self._state().items()},
            ":corrects": update.corrects,
            ":now": self.now_ms,
            ":by": self.by,
            ":received_at": self.received_at_ms,
            ":ordered_by": "receipt" if update.client_revision is None else "revision",
            ":update_id": self.update_id,
            **_SCORING,
            ":pending": PENDING,
            ":never": "",
            ":one": 1,
        } | {name: value for name, value in given.items() if value is not None}

    def _kept(self) -> Item:
        text = encode_update(
            Score(
                participant1=self.update.participant1_score,
                participant2=self.update.participant2_score,
                details=self.update.details,
                revision=0,
                updated_at_ms=self.now_ms,
                updated_by=self.by,
                corrects=self.update.corrects,
            )
        )
        size_bytes = len(text.encode()) + UPDATE_NAMES_BYTES
        return {
            ":update": [text],
            ":update_bytes": size_bytes,
            ":room_bytes": UPDATES_BYTES_MAX - size_bytes,
            ":none": [],
            ":zero": 0,
        }


@dataclass(frozen=True, slots=True)
class Scores:
    table: Table
    system: System

    def accept(
        self,
        update: ScoreUpdate,
        *,
        update_id: str,
        received_at_ms: int,
        by: str,
    ) -> Accepted | Rejection:
        """Store a score if its match takes scores and nothing newer is stored.

        Sent twice, or again after newer ones, it changes nothing: its id is among the recent
        ones, or its order is older. With `base_revision` only upon the score that its sender saw.
        """
        accepting = _Accepting(
            update,
            update_id=update_id,
            received_at_ms=received_at_ms,
            by=by,
            now_ms=self.system.now_ms(),
        )
        outcome = self.table.update(accepting.request())
        if isinstance(outcome, ConditionNotMet) and accepting.does_not_fit(outcome.item):
            # A burst too large for one message: the score counts all the same.
            outcome = self.table.update(accepting.request(is_kept=False))
        if isinstance(outcome, ConditionNotMet):
            return self._rejection(outcome, update, update_id)
        return _accepted(outcome.item)

    def _rejection(
        self, outcome: ConditionNotMet, update: ScoreUpdate, update_id: str
    ) -> Accepted | Rejection:
        """The very update that is stored is acknowledged again; an older one is stale."""
        if outcome.item is None:
            return Rejection(Code.NOT_FOUND, "There is no such match.")
        recent = [outcome.item.get(name) for name in _RECENT]
        if recent[0] != update_id:
            # One that was accepted and followed by others is late, not in conflict: its sender
            # must not apply it again.
            base = None if update_id in recent else update.base_revision
            return rejection(match_from(outcome.item), update, base)
        accepted = _accepted(outcome.item)
        return accepted if accepted.may_be(update) else invalid(_ANOTHER_SCORE)

    def claim(
        self,
        match_id: str,
        window: Window,
        *,
        by: str,
        window_ms: int | None = None,
    ) -> Match | None:
        """Close a window and give its score the next number; None if it is closed already.

        Refused while events are unsent: they come first. `window_ms` goes to clients: how long a
        widened window was. The match stays pending until `settle` says that this is published.
        """
        # Reading and closing are one write: an update is either in this claim or opens the next
        # window. The claimed score is copied, so a repeated request publishes the same content.
        outcome = self.table.update(
            Update(
                match_pk(match_id),
                MATCH_SK,
                expression=_CLAIM,
                condition="window_id = :window AND attribute_not_exists(unsent)",
                values={
                    ":window": window.id,
                    ":one": 1,
                    ":by": by,
                    ":now": self.system.now_ms(),
                    ":window_ms": window_ms,
                    ":none": [],
                    ":nothing": None,
                    ":absent": "",
                },
            )
        )
        if isinstance(outcome, ConditionNotMet):
            return self._claimed_before(outcome, by)
        return match_from(outcome.item)

    def _claimed_before(self, outcome: ConditionNotMet, by: str) -> Match | None:
        """The match if this very request has closed the window: the claim was sent twice."""
        match = match_from(outcome.item) if outcome.item else None
        if match is None or match.claimed is None or match.claimed.claimed_by != by:
            return None
        return match


def _accepted(row: Item) -> Accepted:
    """The stored update, which a later final score may have followed under another revision."""
    return Accepted(match_from(row), row["recent_revision"])
