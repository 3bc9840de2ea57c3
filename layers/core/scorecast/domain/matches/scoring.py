"""Whether a score was accepted, and whether a flush must be requested."""

from dataclasses import dataclass
from typing import Final

from scorecast.domain.matches.match import Match
from scorecast.domain.matches.payloads import stored_score, stored_state
from scorecast.domain.matches.play_state import is_given
from scorecast.protocol.commands import ScoreUpdate
from scorecast.protocol.errors import Code, Rejection, invalid
from scorecast.protocol.limits import REVISION_AHEAD_MS_MAX, WINDOW_LEASE_MS
from scorecast.protocol.states import SCORING

_AHEAD: Final = "must be at most 60 s ahead of the server's time"

NAMES_ANOTHER_SCORE: Final = "must be a new one: it names a score that is stored"
UPDATE_ID_TAKEN: Final = invalid({"update_id": NAMES_ANOTHER_SCORE})


@dataclass(frozen=True, slots=True)
class Accepted:
    """A score is stored, by this update or by an earlier attempt to send it."""

    match: Match
    revision: int

    def may_be(self, update: ScoreUpdate) -> bool:
        """Whether this update is the stored one; unknown after a later final score."""
        score = self.match.score
        given = (update.participant1_score, update.participant2_score, update.details)
        stored = (score.participant1, score.participant2, score.details)
        is_same = given == stored and is_given(update, score)
        return score.revision != self.revision or is_same

    def flush_is_due(self, *, now_ms: int) -> bool:
        """Whether a flush must be requested for the window.

        That is so if this update opened it, or if it has been open for so long that the function
        that opened it must have died before it requested the flush.
        """
        window = self.match.window
        if window is None:
            return False
        return window.id == self.revision - 1 or now_ms - window.opened_at_ms > WINDOW_LEASE_MS


def negative_fields(update: ScoreUpdate) -> list[str]:
    """The names of its scores that are below zero, which not every match allows."""
    scores = {
        "participant1_score": update.participant1_score,
        "participant2_score": update.participant2_score,
    }
    for index, period in enumerate(update.periods or []):
        scores[f"periods.{index}.participant1_score"] = period.participant1_score
        scores[f"periods.{index}.participant2_score"] = period.participant2_score
    return [name for name, score in scores.items() if score < 0]


def untimely(update: ScoreUpdate, *, now_ms: int) -> Rejection | None:
    """The rejection of an update whose sender's clock is ahead of the server's."""
    times = {"client_revision": update.client_revision}
    if update.clock is not None:
        times["clock.at"] = update.clock.at
    ahead = [
        name for name, time_ms in times.items() if (time_ms or 0) > now_ms + REVISION_AHEAD_MS_MAX
    ]
    return invalid(dict.fromkeys(ahead, _AHEAD)) if ahead else None


def unfit(update: ScoreUpdate, match: Match) -> Rejection | None:
    """The rejection of an update that does not fit the match, independent of accepted scores."""
    negative = [] if allows_negative(match) else negative_fields(update)
    if negative:
        return invalid(dict.fromkeys(negative, "must not be negative in this match"))
    if (update.corrects or 0) > match.score.revision:
        return invalid({"corrects": "must be one of the match's revisions"})
    return None


def allows_negative(match: Match) -> bool:
    return match.scoring is not None and match.scoring["negative"]


def rejection(match: Match, update: ScoreUpdate, base_revision: int | None = None) -> Rejection:
    """What a failed condition on a score means, from the match as it was when it failed.

    `base_revision` is that of a score that has not been applied, now or before.
    """
    if match.state not in SCORING:
        return Rejection(
            Code.MATCH_NOT_LIVE,
            "Scores are accepted while a match is live, paused or disputed;"
            f" this one is {match.state}.",
            data=stored_state(match),
        )
    refused = unfit(update, match)
    if refused is not None:
        return refused
    if base_revision not in (None, match.score.revision):
        return Rejection(
            Code.CONFLICT,
            "Another score of this match has been accepted meanwhile.",
            data=stored_score(match),
        )
    return Rejection(
        Code.STALE,
        "A newer score of this match has been accepted.",
        data=stored_score(match),
    )
