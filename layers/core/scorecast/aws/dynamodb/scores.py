"""Scores in the matches table: accepted, gathered in a window, claimed under a number.

Every change of a match is one conditional write on its row, so its revision, its sequence and its
window always agree. A window or an event that has not been published marks the item `pending`.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from scorecast.aws.dynamodb.match_items import MATCH_SK, encode_details, match_from, match_pk
from scorecast.aws.dynamodb.table import ConditionNotMet, Item, Table, Update
from scorecast.domain.matches.match import Match, Window
from scorecast.domain.matches.scoring import Accepted, rejection
from scorecast.protocol.commands import ScoreUpdate
from scorecast.protocol.errors import Code, Rejection, invalid
from scorecast.protocol.states import SCORING
from scorecast.runtime.system import System

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
    " revision = revision + :one, recent_revision = revision + :one,"
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
_UPON_BASE: Final = "revision = :base"

_CLAIM: Final = (
    "SET sequence_number = sequence_number + :one, claimed_sequence = sequence_number + :one,"
    " claimed_participant1_score = participant1_score,"
    " claimed_participant2_score = participant2_score, claimed_details = details,"
    " claimed_revision = revision, claimed_updated_at_ms = updated_at_ms,"
    " claimed_updated_by = updated_by, claimed_merged = revision - window_id, claimed_by = :by,"
    " claimed_at_ms = :now, claimed_window_ms = :window_ms"
    " REMOVE window_id, window_opened_at_ms"
)

_ANOTHER_SCORE: Final = {"update_id": "must be a new one: it names a score that is stored"}

PENDING: Final = "pending"
"""The one value of the sparse index's hash key."""


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
        revision, base_revision = update.client_revision, update.base_revision
        newer, remember = (
            (_RECEIVED_LATER, "")
            if revision is None
            else (_REVISED_LATER, ", client_revision = :revision")
        )
        base = {} if base_revision is None else {":base": base_revision}
        upon = f" AND {_UPON_BASE}" if base else ""
        outcome = self.table.update(
            Update(
                match_pk(update.match_id),
                MATCH_SK,
                expression=f"{_ACCEPT}{remember}",
                condition=f"{_TAKES_SCORES} AND {newer} AND {_NOT_RECENT}{upon}",
                values={
                    **base,
                    ":score1": update.participant1_score,
                    ":score2": update.participant2_score,
                    ":details": encode_details(update.details),
                    ":now": self.system.now_ms(),
                    ":by": by,
                    ":received_at": received_at_ms,
                    ":ordered_by": "receipt" if revision is None else "revision",
                    ":update_id": update_id,
                    **_SCORING,
                    ":pending": PENDING,
                    ":never": "",
                    ":one": 1,
                }
                | ({} if revision is None else {":revision": revision}),
            )
        )
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
            return rejection(match_from(outcome.item), base)
        accepted = _accepted(outcome.item)
        return accepted if accepted.may_be(update) else invalid(_ANOTHER_SCORE)

    def claim(
        self,
        match_id: str,
        window: Window,
        *,
        by: str,
        window_ms: int | None = None,
        stays_pending: bool = False,
    ) -> Match | None:
        """Close a window and give its score the next number; None if it is closed already.

        Refused while events are unsent: they come first. `window_ms` goes to clients: how long a
        widened window was. The match leaves the pending index, unless it `stays_pending`.
        """
        # Reading and closing are one write: an update is either in this claim or opens the next
        # window. The claimed score is copied, so a repeated request publishes the same content.
        outcome = self.table.update(
            Update(
                match_pk(match_id),
                MATCH_SK,
                expression=_CLAIM if stays_pending else f"{_CLAIM}, pending, pending_since_ms",
                condition="window_id = :window AND attribute_not_exists(unsent)",
                values={
                    ":window": window.id,
                    ":one": 1,
                    ":by": by,
                    ":now": self.system.now_ms(),
                    ":window_ms": window_ms,
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
