"""Whether a score was accepted, and what follows from that."""

from dataclasses import dataclass

from scorecast.domain.matches.match import Match
from scorecast.domain.matches.payloads import stored_score, stored_state
from scorecast.protocol.commands import ScoreUpdate
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.limits import WINDOW_LEASE_MS
from scorecast.protocol.states import SCORING


@dataclass(frozen=True, slots=True)
class Accepted:
    """A score is stored, by this update or by an earlier attempt to send it."""

    match: Match
    revision: int

    def may_be(self, update: ScoreUpdate) -> bool:
        """Whether this is what was stored; once a final score has followed, that is not known."""
        score = self.match.score
        given = (update.participant1_score, update.participant2_score, update.details)
        stored = (score.participant1, score.participant2, score.details)
        return score.revision != self.revision or given == stored

    def flush_is_due(self, *, now_ms: int) -> bool:
        """Whether a flush must be requested for the window.

        That is so if this update opened it, or if it has been open for so long that the function
        that opened it must have died before it requested the flush.
        """
        window = self.match.window
        if window is None:
            return False
        return window.id == self.revision - 1 or now_ms - window.opened_at_ms > WINDOW_LEASE_MS


def rejection(match: Match, base_revision: int | None = None) -> Rejection:
    """What a failed condition on a score means, from the match as it was when it failed.

    `base_revision` is that of a score that has not been applied, now or before.
    """
    if match.state not in SCORING:
        return Rejection(
            Code.MATCH_NOT_LIVE,
            f"Scores are accepted while a match is live; this one is {match.state}.",
            data=stored_state(match),
        )
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
