"""Tournaments: registration, reads, and the events of their brackets."""

from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import MaxLen, doc

from scorecast.aws.dynamodb.table import Contention
from scorecast.domain.matches.move import moved
from scorecast.domain.matches.payloads import tournament_snapshot
from scorecast.domain.matches.tournament import (
    Tournament,
    TournamentEventType,
    endpoint,
    organizers_after,
    registration,
    run_rejection,
)
from scorecast.http import bodies, preconditions
from scorecast.http.audience import sees_organizers, tag_suffix
from scorecast.http.cursors import cursor_of
from scorecast.http.routing import Routes
from scorecast.http.services import Call
from scorecast.protocol.cells import TournamentEndpoint
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.fields import ByValue, EventData, Id, Metadata, Name
from scorecast.protocol.limits import (
    CONTENTION_ATTEMPTS_MAX,
    LISTED_MATCHES_MAX,
    ORGANIZERS_MAX,
)
from scorecast.protocol.lists import DeletedTournament, TournamentKept
from scorecast.protocol.replies import TournamentEventAccepted
from scorecast.protocol.shapes import Shape
from scorecast.protocol.snapshots import TournamentSnapshot

routes: Final = Routes()

_CHANGED: Final = Rejection(
    Code.INVALID_TRANSITION, "The tournament was changed at the same time: try again."
)
_REMOVAL_CODES: Final = (Code.NOT_FOUND, Code.FORBIDDEN, Code.INVALID_TRANSITION)
_NOT_FOUND: Final = Rejection(Code.NOT_FOUND, "There is no such tournament.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TournamentBody(Shape):
    """A tournament's name and the users that may run its matches."""

    name: Name
    organizers: (
        Annotated[
            list[Id], MaxLen(ORGANIZERS_MAX), doc(f"must be a list of at most {ORGANIZERS_MAX} ids")
        ]
        | None
    ) = None
    """Omitted: unchanged for a registered tournament."""
    metadata: Metadata | None = None
    """Any data about the tournament, such as its sport or its logo; omitted: unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TournamentEventBody(Shape):
    """A change of the bracket, or the end of the tournament. `data` is published unchanged."""

    type: Annotated[TournamentEventType, ByValue()]
    data: EventData | None = None


@routes.put("/tournaments/<tournament_id>", codes=(Code.FORBIDDEN,), if_match=True)
def put_tournament(
    call: Call, tournament_id: str, body: TournamentBody
) -> TournamentSnapshot | Rejection:
    """Register a tournament, or change its name, organizers and metadata.

    Its state and its matches do not change. The user that registers it becomes an organizer; after
    that only this user or an admin may remove the user from the list.
    """
    for attempt in range(CONTENTION_ATTEMPTS_MAX):
        outcome = _try_put(call, tournament_id, body)
        if outcome is not None:
            return outcome
        call.services.matches().table.pause(attempt)
    raise Contention(tournament_id)


def _try_put(
    call: Call, tournament_id: str, body: TournamentBody
) -> TournamentSnapshot | Rejection | None:
    """None if another user has registered it meanwhile: decide again."""
    stored = call.services.matches().tournament(tournament_id)
    refused = run_rejection(call.identity, tournament_id, stored)
    if refused is None and stored is not None:
        refused = call.services.tournament_moves().admit_change(stored)
    if refused is not None:
        return refused
    organizers = organizers_after(call.identity, stored, body.organizers)
    if isinstance(organizers, Rejection):
        return organizers
    registered = registration(call.identity, tournament_id, body.name, organizers, body.metadata)
    is_conditional, version = preconditions.is_conditional(call.request), None
    if is_conditional:
        version = call.services.tournament_versions().current(tournament_id)
        if not preconditions.is_met(call.request, _tag_of(call, tournament_id, version)):
            return preconditions.FAILED
    put = call.services.matches().put_tournament(
        registered,
        is_new=stored is None,
        keeps_organizers=body.organizers is None,
        version=version,
    )
    if put is None:
        return preconditions.FAILED if is_conditional else None
    return _snapshot(call, put)


def _tag_of(call: Call, tournament_id: str, version: int | None) -> str | None:
    suffix = tag_suffix(call.identity, tournament_id)
    return None if version is None else f'"{version}{suffix}"'


def _tag(call: Call, tournament_id: str) -> str | None:
    """A tag of the version, since the snapshot costs a read for each match. None before the first
    version."""
    version = call.services.tournament_versions().current(tournament_id)
    return _tag_of(call, tournament_id, version)


@routes.get("/tournaments/<tournament_id>", codes=(Code.NOT_FOUND,), tag=_tag)
def get_tournament(call: Call, tournament_id: str) -> TournamentSnapshot | Rejection:
    """A tournament with its matches: all, or the first 500 and the cursor of the rest.

    Organizers, and reporters of scores, are shown to officials.
    """
    stored = call.services.matches().tournament(tournament_id)
    if stored is None:
        return _NOT_FOUND
    return moved(tournament_id, stored.move) or _snapshot(call, stored)


@routes.get("/tournaments/<tournament_id>/endpoint", codes=(Code.NOT_FOUND,), anonymous=True)
def get_endpoint(call: Call, tournament_id: str) -> TournamentEndpoint | Rejection:
    """The cell that a tournament belongs to. Public: no token is needed."""
    stored = call.services.matches().tournament(tournament_id)
    if stored is None:
        return _NOT_FOUND
    settings = call.services.settings()
    return endpoint(stored, {"socket_url": settings.socket_url, "http_url": settings.http_url})


@routes.post(
    "/tournaments/<tournament_id>/events",
    codes=(Code.NOT_FOUND, Code.FORBIDDEN, Code.INVALID_TRANSITION),
    makes_event=True,
)
def post_tournament_event(
    call: Call, tournament_id: str, body: TournamentEventBody
) -> TournamentEventAccepted | Rejection:
    """Publish an event of a tournament's bracket, or its end.

    Every request is a new event: a repeated one is published again, unless it has the same
    `Idempotency-Key`.
    """
    refused = authorization_error(call, tournament_id)
    if refused is not None:
        return refused
    commands = call.services.match_commands()
    return commands.publish_tournament_event(
        tournament_id, body.type, body.data or {}, bodies.keyed(call.request)
    )


def authorization_error(call: Call, tournament_id: str) -> Rejection | None:
    """Why the sender may not run this tournament, which must be registered."""
    stored = _runnable(call, tournament_id)
    return stored if isinstance(stored, Rejection) else None


def _snapshot(call: Call, tournament: Tournament) -> TournamentSnapshot:
    page = call.services.listings().matches(tournament.id, limit=LISTED_MATCHES_MAX)
    names_users = sees_organizers(call, tournament)
    return tournament_snapshot(
        tournament, page.items, after=cursor_of(page.last), names_users=names_users
    )


@routes.delete("/tournaments/<tournament_id>", codes=_REMOVAL_CODES)
def delete_tournament(call: Call, tournament_id: str) -> DeletedTournament | Rejection:
    """Delete a tournament that has no matches."""
    stored = _runnable(call, tournament_id)
    if isinstance(stored, Rejection):
        return stored
    deleted = call.services.tournament_removal().delete(stored)
    if deleted is None:
        return Rejection(Code.INVALID_TRANSITION, "The tournament has matches.")
    return {"tournament_id": tournament_id} if deleted else _CHANGED


@routes.post("/tournaments/<tournament_id>/archive", codes=_REMOVAL_CODES)
def archive_tournament(call: Call, tournament_id: str) -> TournamentKept | Rejection:
    """Hide a tournament from lists. It and its matches can still be read and watched."""
    return _archive(call, tournament_id, is_archived=True)


@routes.delete("/tournaments/<tournament_id>/archive", codes=_REMOVAL_CODES)
def unarchive_tournament(call: Call, tournament_id: str) -> TournamentKept | Rejection:
    """List a tournament again."""
    return _archive(call, tournament_id, is_archived=False)


def _archive(call: Call, tournament_id: str, *, is_archived: bool) -> TournamentKept | Rejection:
    stored = _runnable(call, tournament_id)
    if isinstance(stored, Rejection):
        return stored
    if not call.services.tournament_removal().archive(stored, is_archived=is_archived):
        return _CHANGED
    return {"tournament_id": tournament_id, "archived": is_archived}


def _runnable(call: Call, tournament_id: str) -> Tournament | Rejection:
    """The tournament, if the sender may run it and it is here."""
    stored = call.services.matches().tournament(tournament_id)
    if stored is None:
        return _NOT_FOUND
    refused = run_rejection(call.identity, tournament_id, stored)
    return refused or call.services.tournament_moves().admit_change(stored) or stored
