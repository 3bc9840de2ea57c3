"""Matches: registered, read, and what officials report about them."""

from typing import Final

from scorecast.domain.matches.match import snapshot
from scorecast.http.registration import MatchBody
from scorecast.http.routing import Routes
from scorecast.http.services import Call
from scorecast.http.tournaments import authorization_error
from scorecast.protocol.commands import (
    DisputeCreate,
    MatchCommand,
    MatchComplete,
    MatchStart,
    MatchStateChange,
    ScoreUpdate,
)
from scorecast.protocol.errors import Code, Json, Rejection

routes: Final = Routes()

_NOT_FOUND: Final = Rejection(Code.NOT_FOUND, "There is no such match.")


@routes.put("/matches/<match_id>", codes=(Code.NOT_FOUND, Code.FORBIDDEN, Code.INVALID_TRANSITION))
def put_match(call: Call, match_id: str, body: MatchBody) -> Json | Rejection:
    """Register a match, or change its time and, until it begins, its participants.

    Its state and its score stay as they are, and it stays in its tournament.
    """
    refused = authorization_error(call, body.tournament_id)
    if refused is not None:
        return refused
    stored = call.services.matches().put_match(body.match(match_id))
    return stored if isinstance(stored, Rejection) else snapshot(stored)


@routes.get("/matches/<match_id>", codes=(Code.NOT_FOUND,))
def get_match(call: Call, match_id: str) -> Json | Rejection:
    """A match's snapshot."""
    stored = call.services.matches().get(match_id)
    return _NOT_FOUND if stored is None else snapshot(stored)


@routes.put(
    "/matches/<match_id>/score",
    codes=(Code.NOT_FOUND, Code.FORBIDDEN, Code.STALE, Code.MATCH_NOT_LIVE),
)
def put_score(call: Call, match_id: str, body: ScoreUpdate) -> Json | Rejection:
    """Report a score, as `score_update` does.

    `Idempotency-Key` is its `update_id`: sent again with the same key, the newest score is accepted
    again, under the same revision; another score under it is refused, as the key is taken.
    """
    return _execute(call, body)


@routes.post(
    "/matches/<match_id>/events",
    codes=(
        Code.UNSUPPORTED_MESSAGE_TYPE,
        Code.NOT_FOUND,
        Code.FORBIDDEN,
        Code.INVALID_TRANSITION,
    ),
)
def post_match_event(
    call: Call,
    match_id: str,
    body: MatchStart | MatchStateChange | DisputeCreate | MatchComplete,
) -> Json | Rejection:
    """Start, complete or dispute a match, or change its state.

    A command of the socket with its `type`. Sent again after it has worked, it is refused as
    `invalid_transition`, with the state that it brought about.
    """
    return _execute(call, body)


def _execute(call: Call, command: MatchCommand) -> Json | Rejection:
    request = call.request
    return call.services.match_commands().execute(
        command, call.identity, command_id=request.id, received_at_ms=request.received_at_ms
    )
