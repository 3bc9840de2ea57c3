"""The messages' data about matches and tournaments, built from what is stored."""

from collections.abc import Iterable, Sequence
from typing import cast

from scorecast.domain.matches.match import (
    Claimed,
    LoggedEvent,
    Match,
    Participant,
    Result,
    Score,
)
from scorecast.domain.matches.tournament import Tournament
from scorecast.protocol.error_messages import StoredScore, StoredState
from scorecast.protocol.errors import Json
from scorecast.protocol.limits import SNAPSHOT_BYTES_MAX
from scorecast.protocol.match_events import (
    AcceptedScore,
    ResultState,
    ScoreUpdatedData,
    StoredScoreState,
)
from scorecast.protocol.snapshots import (
    BriefMatchSummary,
    BriefTournamentSummary,
    MatchResult,
    MatchSnapshot,
    MatchSummary,
    Player,
    PlayState,
    RegisteredFields,
    ScoreState,
    TournamentProgress,
    TournamentSnapshot,
    TournamentSummary,
)
from scorecast.protocol.snapshots import Participant as ParticipantState
from scorecast.protocol.states import SCORING
from scorecast.protocol.strict_json import compact


def score_state(score: Score) -> ScoreState:
    """A score with periods, clock and shoot-out."""
    return {
        "participant1_score": score.participant1,
        "participant2_score": score.participant2,
        "details": score.details,
        **play_state(score),
    }


def play_state(score: Score) -> PlayState:
    state: PlayState = {}
    if score.periods:
        state["periods"] = score.periods
    if score.clock:
        state["clock"] = score.clock
    if score.shootout:
        state["shootout"] = score.shootout
    return state


def stored_score_state(score: Score) -> StoredScoreState:
    return {**score_state(score), "revision": score.revision}


def match_result(result: Result) -> MatchResult:
    return {
        "winner_id": result.winner_id,
        "outcome": result.outcome,
        "decided_by": result.decided_by,
    }


def result_state(result: Result, score: Score) -> ResultState:
    return {**match_result(result), **stored_score_state(score)}


def accepted_score(score: Score) -> AcceptedScore:
    """A score that was accepted, so it has a time and a sender."""
    data = {
        **score_state(score),
        "updated_at": cast(int, score.updated_at_ms),
        "updated_by": cast(str, score.updated_by),
        "revision": score.revision,
    }
    if score.corrects is not None:
        data["corrects"] = score.corrects
    # mypy takes no spread dictionary for one with fields that may be left out
    return cast(AcceptedScore, data)


def score_updated(match_id: str, tournament_id: str, claimed: Claimed) -> ScoreUpdatedData:
    data = {
        "match_id": match_id,
        "tournament_id": tournament_id,
        "sequence": claimed.sequence,
        **accepted_score(claimed.score),
        "merged": claimed.merged,
        "correction": claimed.is_correction,
        "server_time": claimed.claimed_at_ms,
    }
    if claimed.merged > 1 and claimed.updates:
        data["updates"] = [accepted_score(update) for update in claimed.updates]
    if claimed.corrects is not None:
        data["corrects"] = claimed.corrects
    if claimed.window_ms is not None:
        data["window_ms"] = claimed.window_ms
    return cast(ScoreUpdatedData, data)


def event_data(match_id: str, tournament_id: str, event: LoggedEvent) -> Json:
    """A match event's data: the part that `changes` decided when it was logged, with its ids and
    number."""
    return event.data | {
        "match_id": match_id,
        "tournament_id": tournament_id,
        "sequence": event.sequence,
    }


def tournament_event_data(tournament_id: str, event: LoggedEvent) -> Json:
    """A tournament event's data; its own fields replace the sender's."""
    return event.data | {"tournament_id": tournament_id, "sequence": event.sequence}


def match_summary(match: Match) -> MatchSummary:
    """The part of a snapshot that changes during a match."""
    return {
        "match_id": match.id,
        "state": match.state,
        **score_state(match.score),
        **match_result(match.result),
        "open_disputes": len(match.disputes.open),
        "revision": match.score.revision,
        "sequence": match.sequence,
        "registration": match.registered_sequence,
        "updated_at": match.score.updated_at_ms,
    }


def registered_fields(match: Match) -> RegisteredFields:
    """The registration of a match, in its snapshot and in the events that change it."""
    fields: RegisteredFields = {
        "participants": [participant_state(each) for each in match.participants],
        "scheduled_at": match.scheduled_at,
    }
    if match.scoring is not None:
        fields["scoring"] = match.scoring
    if match.metadata:
        fields["metadata"] = match.metadata
    return fields


def stored_state(match: Match) -> StoredState:
    return {"match_id": match.id, "state": match.state}


def stored_score(match: Match) -> StoredScore:
    return {
        "match_id": match.id,
        "revision": match.score.revision,
        "participant1_score": match.score.participant1,
        "participant2_score": match.score.participant2,
        **play_state(match.score),
    }


def match_snapshot(match: Match, *, names_reporter: bool = True) -> MatchSnapshot:
    """Everything about a match, for its own room and for HTTP."""
    snapshot: MatchSnapshot = {
        **match_summary(match),
        "tournament_id": match.tournament_id,
        **registered_fields(match),
        "updated_by": match.score.updated_by,
    }
    if not names_reporter:
        del snapshot["updated_by"]
    return snapshot


def participant_state(participant: Participant) -> ParticipantState:
    if participant.placeholder is not None:
        return {"placeholder": participant.placeholder}
    if participant.id is None:
        return {"bye": True}
    player: Player = {"id": participant.id, "name": participant.name}
    if participant.metadata:
        player["metadata"] = participant.metadata
    return player


def tournament_snapshot(
    tournament: Tournament,
    matches: Iterable[Match],
    *,
    after: str | None = None,
    names_users: bool = True,
) -> TournamentSnapshot:
    """A tournament and its matches, for HTTP; `after` is the cursor of the omitted ones."""
    snapshot: TournamentSnapshot = {
        **_progress(tournament),  # type: ignore[typeddict-item]  # it has no other fields
        "organizers": list(tournament.organizers),
        "matches": [match_snapshot(match, names_reporter=names_users) for match in matches],
        "complete": after is None,
        "next": after,
    }
    if tournament.metadata:
        snapshot["metadata"] = tournament.metadata
    if not names_users:
        del snapshot["organizers"]
    return snapshot


def tournament_summary(
    tournament: Tournament, matches: Iterable[Match], *, is_all: bool = True
) -> TournamentSummary | BriefTournamentSummary:
    """What changes during a tournament, for its room.

    It fits into one message. If it would be too large, the details of all scores are left out, and
    if it still is, matches that are not being played: they can be read over HTTP.
    """
    summaries = [match_summary(match) for match in matches]
    full: TournamentSummary = {**_progress(tournament), "matches": summaries, "complete": True}
    if is_all and len(compact(full).encode()) <= SNAPSHOT_BYTES_MAX:
        return full
    brief = [_without_details(summary) for summary in summaries]
    return {**_progress(tournament), "matches": _fitting(brief), "complete": False}


def _fitting(summaries: Sequence[BriefMatchSummary]) -> list[BriefMatchSummary]:
    """As many as fit into one message, live matches first, in the given order."""
    by_interest = sorted(summaries, key=lambda summary: summary["state"] not in SCORING)
    room_bytes = SNAPSHOT_BYTES_MAX
    kept = set()
    for summary in by_interest:
        room_bytes -= len(compact(summary).encode()) + 1
        if room_bytes < 0:
            break
        kept.add(summary["match_id"])
    return [summary for summary in summaries if summary["match_id"] in kept]


def _progress(tournament: Tournament) -> TournamentProgress:
    return {
        "tournament_id": tournament.id,
        "name": tournament.name,
        "state": tournament.state,
        "sequence": tournament.sequence,
    }


def _without_details(summary: MatchSummary) -> BriefMatchSummary:
    return {
        "match_id": summary["match_id"],
        "state": summary["state"],
        "participant1_score": summary["participant1_score"],
        "participant2_score": summary["participant2_score"],
        "winner_id": summary["winner_id"],
        "outcome": summary["outcome"],
        "decided_by": summary["decided_by"],
        "open_disputes": summary["open_disputes"],
        "revision": summary["revision"],
        "sequence": summary["sequence"],
        "registration": summary["registration"],
        "updated_at": summary["updated_at"],
    }
