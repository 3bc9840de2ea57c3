"""Tournaments: registered, read, and the events of their brackets."""

from dataclasses import dataclass, field
from typing import Annotated, Final

from annotated_types import MaxLen, doc

from scorecast.domain.matches.payloads import tournament_snapshot
from scorecast.domain.matches.tournament import OPEN, Tournament, TournamentEventType, may_run
from scorecast.http.audience import sees_organizers, tag_suffix
from scorecast.http.routing import Routes
from scorecast.http.services import Call
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.fields import ByValue, EventData, Id, Name
from scorecast.protocol.limits import ORGANIZERS_MAX
from scorecast.protocol.replies import TournamentEventAccepted
from scorecast.protocol.shapes import Shape
from scorecast.protocol.snapshots import TournamentSnapshot

routes: Final = Routes()

_NOT_FOUND: Final = Rejection(Code.NOT_FOUND, "There is no such tournament.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TournamentBody(Shape):
    """A tournament's name and the users who may run its matches."""

    name: Name
    organizers: Annotated[
        list[Id], MaxLen(ORGANIZERS_MAX), doc(f"must be a list of at most {ORGANIZERS_MAX} ids")
    ] = field(default_factory=list)

    def tournament(self, tournament_id: str) -> Tournament:
        return Tournament(
            id=tournament_id,
            name=self.name,
            organizers=tuple(self.organizers),
            state=OPEN,
            sequence=0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TournamentEventBody(Shape):
    """A change of the bracket, or the end of the tournament. `data` is published unchanged."""

    type: Annotated[TournamentEventType, ByValue()]
    data: EventData | None = None


@routes.put("/tournaments/<tournament_id>", codes=(Code.FORBIDDEN,))
def put_tournament(
    call: Call, tournament_id: str, body: TournamentBody
) -> TournamentSnapshot | Rejection:
    """Register a tournament, or change its name and organizers.

    Its state and its matches stay as they are.
    """
    matches = call.services.matches()
    refused = may_run(call.identity, tournament_id, matches.tournament(tournament_id))
    if refused is not None:
        return refused
    return _snapshot(call, matches.put_tournament(body.tournament(tournament_id)))


def _tag(call: Call, tournament_id: str) -> str | None:
    """By version: the snapshot costs a read for each match. None before the first version."""
    version = call.services.tournament_versions().current(tournament_id)
    return None if version is None else f'"{version}{tag_suffix(call.identity, tournament_id)}"'


@routes.get("/tournaments/<tournament_id>", codes=(Code.NOT_FOUND,), tag=_tag)
def get_tournament(call: Call, tournament_id: str) -> TournamentSnapshot | Rejection:
    """A tournament with all of its matches.

    Its organizers, and who reported scores, are for officials.
    """
    stored = call.services.matches().tournament(tournament_id)
    return _NOT_FOUND if stored is None else _snapshot(call, stored)


@routes.post(
    "/tournaments/<tournament_id>/events",
    codes=(Code.NOT_FOUND, Code.FORBIDDEN, Code.INVALID_TRANSITION),
)
def post_tournament_event(
    call: Call, tournament_id: str, body: TournamentEventBody
) -> TournamentEventAccepted | Rejection:
    """Publish an event of a tournament's bracket, or its end.

    Every request is an event of its own: one sent again is published again.
    """
    refused = authorization_error(call, tournament_id)
    if refused is not None:
        return refused
    commands = call.services.match_commands()
    return commands.publish_tournament_event(tournament_id, body.type, body.data or {})


def authorization_error(call: Call, tournament_id: str) -> Rejection | None:
    """Why the sender may not run this tournament, which must be registered."""
    stored = call.services.matches().tournament(tournament_id)
    return _NOT_FOUND if stored is None else may_run(call.identity, tournament_id, stored)


def _snapshot(call: Call, tournament: Tournament) -> TournamentSnapshot:
    matches = call.services.matches().of_tournament(tournament.id)
    names_users = sees_organizers(call, tournament)
    return tournament_snapshot(tournament, matches, names_users=names_users)
