"""Scores as attributes: the newest, those of an open window, and the one claimed last. Pure."""

import json
from collections.abc import Iterable
from typing import Final

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.json_text import decode, encode
from scorecast.domain.matches.match import Claimed, Score, Window
from scorecast.protocol.strict_json import compact

WINDOW_ATTRIBUTES: Final = (
    "window_id, window_opened_at_ms, window_updates, window_bytes, window_corrects,"
    " before_participant1_score, before_participant2_score"
)
"""The attributes of an open window in its match's item; they are removed when the window closes.

`before_…` is the score that was published last. A score below it is published as a correction.
"""


def score_from(item: Item, prefix: str = "") -> Score:
    return Score(
        participant1=item[prefix + "participant1_score"],
        participant2=item[prefix + "participant2_score"],
        details=decode(item[prefix + "details"]),
        revision=item[prefix + "revision"],
        updated_at_ms=item.get(prefix + "updated_at_ms"),
        updated_by=item.get(prefix + "updated_by"),
        periods=decode(item.get(prefix + "periods", "")),
        clock=decode(item.get(prefix + "clock", "")),
        shootout=decode(item.get(prefix + "shootout", "")),
        corrects=item.get(prefix + "score_corrects"),
    )


def score_map(score: Score, prefix: str) -> Item:
    return {
        prefix + "participant1_score": score.participant1,
        prefix + "participant2_score": score.participant2,
        prefix + "details": encode(score.details),
        prefix + "periods": encode(score.periods),
        prefix + "clock": encode(score.clock),
        prefix + "shootout": encode(score.shootout),
        prefix + "revision": score.revision,
        prefix + "updated_at_ms": score.updated_at_ms,
        prefix + "updated_by": score.updated_by,
        prefix + "score_corrects": score.corrects,
    }


def claimed_map(claimed: Claimed) -> Item:
    values = {
        **score_map(claimed.score, "claimed_"),
        "claimed_sequence": claimed.sequence,
        "claimed_merged": claimed.merged,
        "claimed_by": claimed.claimed_by,
        "claimed_at_ms": claimed.claimed_at_ms,
        "claimed_window_ms": claimed.window_ms,
        "claimed_updates": [encode_update(update) for update in claimed.updates] or None,
        "claimed_before_participant1_score": claimed.before[0],
        "claimed_before_participant2_score": claimed.before[1],
        "claimed_corrects": claimed.corrects,
    }
    return {name: value for name, value in values.items() if value is not None}


def window_from(item: Item) -> Window | None:
    if "window_id" not in item:
        return None
    return Window(
        id=item["window_id"],
        opened_at_ms=item["window_opened_at_ms"],
        updated_at_ms=item["updated_at_ms"],
        updates=item["revision"] - item["window_id"],
        scores=_updates_from(item.get("window_updates", ()), after=item["window_id"]),
        previous_flush_at_ms=item.get("claimed_at_ms"),
        before=_before(item, ""),
        corrects=item.get("window_corrects"),
    )


def claimed_from(item: Item) -> Claimed | None:
    if "claimed_sequence" not in item:
        return None
    return Claimed(
        score=score_from(item, "claimed_"),
        sequence=item["claimed_sequence"],
        merged=item["claimed_merged"],
        claimed_by=item["claimed_by"],
        claimed_at_ms=item["claimed_at_ms"],
        window_ms=item.get("claimed_window_ms"),
        before=_before(item, "claimed_"),
        corrects=item.get("claimed_corrects"),
        updates=_updates_from(
            item.get("claimed_updates", ()), after=item["claimed_revision"] - item["claimed_merged"]
        ),
    )


def encode_update(score: Score) -> str:
    """One of a window's updates as text, as short as possible, since it is written with every
    score."""
    return compact(
        [
            score.participant1,
            score.participant2,
            score.details,
            score.updated_at_ms,
            score.updated_by,
            *([] if score.corrects is None else [score.corrects]),
        ]
    )


def _updates_from(texts: Iterable[str], *, after: int) -> tuple[Score, ...]:
    """The updates of a window, with revisions that follow the one before it."""
    return tuple(
        _update_from(text, revision) for revision, text in enumerate(texts, start=after + 1)
    )


def _update_from(text: str, revision: int) -> Score:
    first, second, details, updated_at_ms, updated_by, *rest = json.loads(text)
    return Score(
        participant1=first,
        participant2=second,
        details=details,
        revision=revision,
        updated_at_ms=updated_at_ms,
        updated_by=updated_by,
        corrects=rest[0] if rest else None,
    )


def _before(item: Item, prefix: str) -> tuple[int, int]:
    return _before_of(item, prefix, "participant1"), _before_of(item, prefix, "participant2")


def _before_of(item: Item, prefix: str, participant: str) -> int:
    # a window that an earlier version of the service opened has no score before it
    before = f"{prefix}before_{participant}_score"
    score: int = item[before if before in item else f"{prefix}{participant}_score"]
    return score
