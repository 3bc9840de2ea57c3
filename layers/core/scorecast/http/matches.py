"""Matches: registration, reads, and the reports of officials."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from scorecast.domain.matches.disputes import match_disputes
from scorecast.domain.matches.match import Match
from scorecast.domain.matches.payloads import match_snapshot
from scorecast.domain.matches.scoring import NAMES_ANOTHER_SCORE, UPDATE_ID_TAKEN
from scorecast.http import bodies, preconditions
from scorecast.http.audience import sees_disputes, sees_reporter
from scorecast.http.caching import entity_tag
from scorecast.http.registration import MatchBody
from scorecast.http.routing import Routes
from scorecast.http.services import Call
from scorecast.http.tournaments import authorization_error
from scorecast.protocol.commands import (
    DisputeCreate,
    DisputeResolve,
    MatchAmend,
    MatchCommand,
    MatchComplete,
    MatchReopen,
    MatchStart,
    MatchStateChange,
    ScoreUpdate,
)
from scorecast.protocol.errors import Code, Rejection, invalid
from scorecast.protocol.replies import AcceptedData, DeletedMatch
from scorecast.protocol.snapshots import MatchDisputes, MatchSnapshot
from scorecast.protocol.strict_json import compact

if TYPE_CHECKING:
    from scorecast.app.register import Expected

routes: Final = Routes()

_NOT_FOUND: Final = Rejection(Code.NOT_FOUND, "There is no such match.")
_NOT_A_PARTY: Final = Rejection(
    Code.FORBIDDEN, "Disputes are for officials and the match's participants."
)


@routes.put(
    "/matches/<match_id>",
    if_match=True,
    codes=(Code.NOT_FOUND, Code.FORBIDDEN, Code.INVALID_TRANSITION),
)
def put_match(call: Call, match_id: str, body: MatchBody) -> MatchSnapshot | Rejection:
    """Register a match, or change its time, its names, its metadata and, until it begins, its
    participants and its scoring.

    A change is an event of the match, `match_registered` or `match_updated`. State, score and
    tournament do not change. An id that begins with another tournament's id and a hyphen is
    reserved for officials of that tournament.
    """
    refused = authorization_error(call, body.tournament_id)
    if refused is not None:
        return refused
    wanted, registration = (
        body.match(match_id, body.tournament_id),
        call.services.match_registration(),
    )
    put = (
        registration.put_if(_named_by_if_match(call), wanted, call.identity)
        if preconditions.is_conditional(call.request)
        else registration.put(wanted, call.identity)
    )
    if put is None:
        return preconditions.FAILED
    return put if isinstance(put, Rejection) else match_snapshot(put.match)


def _named_by_if_match(call: Call) -> "Expected":
    def is_named(stored: Match | None) -> bool:
        # officials get the whole snapshot, so this is the tag that they got with it
        tag = None if stored is None else entity_tag(compact(match_snapshot(stored)))
        return preconditions.is_met(call.request, tag)

    return is_named


@routes.delete(
    "/matches/<match_id>", codes=(Code.NOT_FOUND, Code.FORBIDDEN, Code.INVALID_TRANSITION)
)
def delete_match(call: Call, match_id: str) -> DeletedMatch | Rejection:
    """Delete a match that never began. `match_deleted` is the last of its events."""
    deleted = call.services.match_registration().delete(match_id, call.identity)
    if isinstance(deleted, Rejection):
        return deleted
    return {
        "match_id": deleted.id,
        "tournament_id": deleted.tournament_id,
        "sequence": deleted.sequence,
    }


@routes.get("/matches/<match_id>", codes=(Code.NOT_FOUND,))
def get_match(call: Call, match_id: str) -> MatchSnapshot | Rejection:
    """A match's snapshot.

    Who reported its score is for officials and the match's participants.
    """
    stored = call.services.matches().get(match_id)
    if stored is None:
        return _NOT_FOUND
    elsewhere = call.services.tournament_moves().moved(stored)
    if elsewhere is not None:
        return elsewhere
    return match_snapshot(stored, names_reporter=sees_reporter(call, stored))


@routes.put(
    "/matches/<match_id>/score",
    codes=(Code.NOT_FOUND, Code.FORBIDDEN, Code.STALE, Code.CONFLICT, Code.MATCH_NOT_LIVE),
    if_match=True,
    makes_event=True,
)
def put_score(call: Call, match_id: str, body: ScoreUpdate) -> AcceptedData | Rejection:
    """Report a score, as `score_update` does.

    `Idempotency-Key` is its `update_id`: sent again with the same key, the newest score is accepted
    again, under the same revision; another score under it is refused, as the key is taken. With
    `If-Match` and the revision in quotes, or with `base_revision`, it is accepted only upon the
    score of that revision.
    """
    base = preconditions.base_revision(call.request)
    if isinstance(base, Rejection):
        return base
    if base is None:
        return _report(call, body)
    if body.base_revision is not None:
        return invalid({"base_revision": "is given outside the body"})
    outcome = _report(call, replace(body, base_revision=base))
    if isinstance(outcome, Rejection) and outcome.code is Code.CONFLICT:
        return preconditions.failed(outcome)
    return outcome


def _report(call: Call, score: ScoreUpdate) -> AcceptedData | Rejection:
    """The rejection names the header if the caller sent `Idempotency-Key` as the `update_id`."""
    outcome = _execute(call, score)
    if outcome == UPDATE_ID_TAKEN and bodies.idempotency_key(call.request) is not None:
        return invalid({"Idempotency-Key": NAMES_ANOTHER_SCORE})
    return outcome


@routes.post(
    "/matches/<match_id>/events",
    codes=(
        Code.UNSUPPORTED_MESSAGE_TYPE,
        Code.NOT_FOUND,
        Code.FORBIDDEN,
        Code.INVALID_TRANSITION,
    ),
    makes_event=True,
)
def post_match_event(
    call: Call,
    match_id: str,
    body: MatchStart
    | MatchStateChange
    | MatchComplete
    | MatchAmend
    | MatchReopen
    | DisputeCreate
    | DisputeResolve,
) -> AcceptedData | Rejection:
    """Start, complete, amend, reopen or dispute a match, or change its state.

    The body is a command of the WebSocket, with its `type`. Repeated after it has succeeded, it is
    refused as `invalid_transition`, with the resulting state; with the same `Idempotency-Key` it
    gets the same reply, and has no effect.
    """
    return _execute(call, body)


@routes.get("/matches/<match_id>/disputes", codes=(Code.NOT_FOUND, Code.FORBIDDEN))
def get_disputes(call: Call, match_id: str) -> MatchDisputes | Rejection:
    """A match's disputes with their texts, for officials and its participants."""
    stored = call.services.matches().get(match_id)
    if stored is None:
        return _NOT_FOUND
    if not sees_disputes(call, stored):
        return _NOT_A_PARTY
    elsewhere = call.services.tournament_moves().moved(stored)
    if elsewhere is not None:
        return elsewhere
    return match_disputes(match_id, call.services.matches().disputes(match_id))


def _execute(call: Call, command: MatchCommand) -> AcceptedData | Rejection:
    request = call.request
    return call.services.match_commands().execute(
        command,
        call.identity,
        command_id=request.id,
        received_at_ms=request.received_at_ms,
        keyed=bodies.keyed(request),
    )
