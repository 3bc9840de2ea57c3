"""The write that accepts a score into its match's window, if nothing newer is stored. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.json_text import encode
from scorecast.aws.dynamodb.match_keys import MATCH_SK, NOT_FROZEN, PENDING, match_pk
from scorecast.aws.dynamodb.score_items import encode_update
from scorecast.aws.dynamodb.writes import Update
from scorecast.domain.matches.match import Score
from scorecast.domain.matches.play_state import GivenState, given_state
from scorecast.domain.matches.scoring import negative_fields
from scorecast.protocol.commands import ScoreUpdate
from scorecast.protocol.limits import UPDATE_NAMES_BYTES, UPDATES_BYTES_MAX
from scorecast.protocol.states import SCORING

RECENT_UPDATES: Final = 4
"""Update ids that a match remembers: a repeated one of them is never applied again."""

RECENT: Final = [f"recent_update_{place}" for place in range(1, RECENT_UPDATES + 1)]
# A write that is repeated after a lost reply must not replace the scores that followed it.
_NOT_RECENT: Final = " AND ".join(
    f"(attribute_not_exists({name}) OR {name} <> :update_id)" for name in RECENT
)
_REMEMBER: Final = ", ".join(
    f"{older} = if_not_exists({newer}, :never)" for newer, older in pairwise(RECENT)
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
# Part of the write, since the match may end between a read and the write.
_TAKES_SCORES: Final = f"match_state IN ({', '.join(_SCORING)})"

# A window's updates, for the message that merges them: in one item, so that they agree with it, and
# bounded, so that it stays small. After the first that does not fit, none is added, so the list has
# the first ones without a gap.
_KEEP_UPDATE: Final = (
    "window_updates = list_append(if_not_exists(window_updates, :none), :update),"
    " window_bytes = if_not_exists(window_bytes, :zero) + :update_bytes"
)
_UPDATE_FITS: Final = "(attribute_not_exists(window_bytes) OR window_bytes <= :room_bytes)"
_FULL: Final = "window_bytes = :full"

# Of two officials who saw the same score, only the first changes it.
_UPON_BASE: Final = "revision = :base"
# Checked by the write, so that accepting a score needs no read.
_NEGATIVE: Final = "scoring.negative = :true"
_CORRECTS: Final = "revision >= :corrects"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The write that accepts one score."""

    update: ScoreUpdate
    update_id: str
    received_at_ms: int
    user_id: str
    now_ms: int

    def request(self, *, is_kept: bool = True) -> Update:
        """With `is_kept` the window stores the update for its message, and must have room for
        it."""
        changes = [_ACCEPT, *self._changes(), _KEEP_UPDATE if is_kept else _FULL]
        fits = [_UPDATE_FITS] if is_kept else []
        return Update(
            match_pk(self.update.match_id),
            MATCH_SK,
            expression=", ".join(changes),
            condition=" AND ".join(
                [_TAKES_SCORES, NOT_FROZEN, *self._conditions(), _NOT_RECENT, *fits]
            ),
            values=self._values() | (self._kept() if is_kept else {":full": UPDATES_BYTES_MAX + 1}),
        )

    def _state(self) -> GivenState:
        return given_state(self.update, now_ms=self.now_ms)

    def _changes(self) -> Iterator[str]:
        """The changes by the fields that the update gives; omitted fields are unchanged."""
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

    def does_not_fit(self, item: Item | None) -> bool:
        """Whether the window has no room for the update, whatever else its condition says."""
        room_bytes = self._kept()[":room_bytes"]
        return item is not None and item.get("window_bytes", 0) > room_bytes

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
            ":by": self.user_id,
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
                updated_by=self.user_id,
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
