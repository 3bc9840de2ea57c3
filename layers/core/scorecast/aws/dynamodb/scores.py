"""Scores in the matches table: accepted, collected in a window, claimed with a number.

Every change of a match is one conditional write on its item, so its revision, its sequence and its
window always agree. A window or an event that has not been published marks the item `pending`.
"""

from dataclasses import dataclass
from typing import Final

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.match_items import match_from
from scorecast.aws.dynamodb.match_keys import MATCH_SK, match_pk
from scorecast.aws.dynamodb.outcomes import ConditionNotMet
from scorecast.aws.dynamodb.score_acceptance import RECENT, Acceptance
from scorecast.aws.dynamodb.score_items import WINDOW_ATTRIBUTES
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Update
from scorecast.domain.matches.match import Match, Window
from scorecast.domain.matches.scoring import UPDATE_ID_TAKEN, Accepted, rejection
from scorecast.protocol.commands import ScoreUpdate
from scorecast.protocol.errors import Code, Rejection
from scorecast.runtime.system import System

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


@dataclass(frozen=True, slots=True)
class Frozen:
    """Not stored: the match's tournament is moving, or a move was given up."""

    match: Match


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
        user_id: str,
    ) -> Accepted | Frozen | Rejection:
        """Store a score if its match takes scores and nothing newer is stored.

        Sent twice, or again after newer ones, it changes nothing: its id is among the recent
        ones, or its order is older. With `base_revision` only upon the score that its sender saw.
        """
        acceptance = Acceptance(
            update,
            update_id=update_id,
            received_at_ms=received_at_ms,
            user_id=user_id,
            now_ms=self.system.now_ms(),
        )
        outcome = self.table.update(acceptance.request())
        if isinstance(outcome, ConditionNotMet) and acceptance.does_not_fit(outcome.item):
            # A burst too large for one message: the score is stored without its place in the
            # message.
            outcome = self.table.update(acceptance.request(is_kept=False))
        if isinstance(outcome, ConditionNotMet):
            return self._rejection(outcome, update, update_id)
        return _accepted(outcome.item)

    def _rejection(
        self, outcome: ConditionNotMet, update: ScoreUpdate, update_id: str
    ) -> Accepted | Frozen | Rejection:
        """The update that is stored is acknowledged again; an older one is stale."""
        if outcome.item is None:
            return Rejection(Code.NOT_FOUND, "There is no such match.")
        recent = [outcome.item.get(name) for name in RECENT]
        if recent[0] != update_id and "frozen_by" in outcome.item:
            return Frozen(match_from(outcome.item))
        if recent[0] != update_id:
            # A score that was accepted and followed by others is late, not in conflict: its sender
            # must not apply it again.
            base = None if update_id in recent else update.base_revision
            return rejection(match_from(outcome.item), update, base)
        accepted = _accepted(outcome.item)
        return accepted if accepted.may_be(update) else UPDATE_ID_TAKEN

    def claim(
        self,
        match_id: str,
        window: Window,
        *,
        request_id: str,
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
                # Of two flushes, one closes the window. An event has a lower number than this score
                # would get, so it must be published first.
                condition="window_id = :window AND attribute_not_exists(unsent)",
                values={
                    ":window": window.id,
                    ":one": 1,
                    ":by": request_id,
                    ":now": self.system.now_ms(),
                    ":window_ms": window_ms,
                    ":none": [],
                    ":nothing": None,
                    ":absent": "",
                },
            )
        )
        if isinstance(outcome, ConditionNotMet):
            return self._claimed_before(outcome, request_id)
        return match_from(outcome.item)

    def _claimed_before(self, outcome: ConditionNotMet, request_id: str) -> Match | None:
        """The match if this request itself has closed the window: the claim was sent twice."""
        match = match_from(outcome.item) if outcome.item else None
        if match is None or match.claimed is None or match.claimed.claimed_by != request_id:
            return None
        return match


def _accepted(item: Item) -> Accepted:
    """The stored update, which a later final score may have followed under another revision."""
    return Accepted(match_from(item), item["recent_revision"])
