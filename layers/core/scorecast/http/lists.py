"""Lists of tournaments and matches, and the registration of several matches at once."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final, NamedTuple

from annotated_types import Len, doc

from scorecast.domain.matches.match import Match
from scorecast.domain.matches.move import moved
from scorecast.domain.matches.payloads import match_snapshot
from scorecast.domain.matches.tournament import ARCHIVED, COMPLETED, OPEN
from scorecast.http.audience import matches_with_reporters, sees_organizers
from scorecast.http.cursors import cursor_of, key_of_cursor
from scorecast.http.registration import RegistrationFields
from scorecast.http.routing import Routes
from scorecast.http.services import Call
from scorecast.http.tournaments import authorization_error
from scorecast.protocol.errors import Code, Rejection, invalid
from scorecast.protocol.fields import Id, is_date_time
from scorecast.protocol.limits import BATCH_MATCHES_MAX, PAGE_ITEMS_MAX
from scorecast.protocol.lists import MatchesPut, MatchPage, MatchPut, TournamentPage
from scorecast.protocol.shapes import FieldConflict, Shape
from scorecast.protocol.states import SCORING, State

routes: Final = Routes()

_NOT_FOUND: Final = Rejection(Code.NOT_FOUND, "There is no such tournament.")
_NUMBER: Final = re.compile(r"\d{1,3}", re.ASCII)
_TOURNAMENT_LISTS: Final = (OPEN, COMPLETED, ARCHIVED)


class Asked(NamedTuple):
    """The part of a list that a request asks for."""

    state: str | None
    after: str | None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchItem(RegistrationFields):
    """A match of the tournament in the path."""

    match_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchesBody(Shape):
    """Matches of one tournament, each named once."""

    matches: Annotated[
        list[MatchItem],
        Len(1, BATCH_MATCHES_MAX),
        doc(f"must be a list of 1 to {BATCH_MATCHES_MAX} matches"),
    ]

    def __post_init__(self) -> None:
        if len({match.match_id for match in self.matches}) < len(self.matches):
            raise FieldConflict("matches", "must name each match once")


@routes.get("/tournaments", query=("state", "cursor", "limit"), large=True)
def get_tournaments(call: Call) -> TournamentPage | Rejection:
    """Tournaments in a state, by default `open`, in the order of their ids.

    Archived ones are listed as `archived` only. A new one may be missing for a second.
    """
    asked = _asked(call.request.query, _TOURNAMENT_LISTS)
    if isinstance(asked, Rejection):
        return asked
    page = call.services.listings().tournaments(
        asked.state or OPEN, after=asked.after, limit=asked.limit
    )
    return {
        "tournaments": [
            {
                "tournament_id": each.id,
                "name": each.name,
                "state": each.state,
                "sequence": each.sequence,
                "archived": each.is_archived,
            }
            for each in page.items
        ],
        "next": cursor_of(page.last),
    }


@routes.get(
    "/tournaments/<tournament_id>/matches",
    codes=(Code.NOT_FOUND,),
    query=("state", "from", "to", "cursor", "limit"),
    large=True,
)
def get_matches_of_tournament(call: Call, tournament_id: str) -> MatchPage | Rejection:
    """A tournament's matches by kick-off: from a time on, and before another.

    Live, paused and disputed ones are in the order of their ids, and one that has just begun may be
    missing for a second. With any other state, a page has those of the next 100 matches that are in
    that state.
    """
    query = call.request.query
    asked = _asked(query, tuple(State))
    times = {name: query[name] for name in ("from", "to") if name in query}
    wrong = {name: _TIME for name, time in times.items() if not is_date_time(time)}
    if isinstance(asked, Rejection) or wrong:
        return asked if isinstance(asked, Rejection) else invalid(wrong)
    tournament = call.services.matches().tournament(tournament_id)
    if tournament is None:
        return _NOT_FOUND
    elsewhere = moved(tournament_id, tournament.move)
    if elsewhere is not None:
        return elsewhere
    listings = call.services.listings()
    if asked.state in SCORING:
        page = listings.in_play(tournament_id, after=asked.after, limit=asked.limit)
    else:
        page = listings.matches(
            tournament_id,
            after=asked.after,
            begin=times.get("from"),
            end=times.get("to"),
            limit=asked.limit,
        )
    names_users = sees_organizers(call, tournament)
    found = _of_state(page.items, asked.state)
    return {
        "matches": [match_snapshot(match, names_reporter=names_users) for match in found],
        "next": cursor_of(page.last),
    }


_TIME: Final = "must be a date and time with a UTC offset, such as 2026-06-11T13:00:00-06:00"


@routes.get("/matches", query=("state", "cursor", "limit"), large=True)
def get_matches(call: Call) -> MatchPage | Rejection:
    """Matches of all tournaments that are `live` (the default), paused or disputed, by tournament
    and id.

    One that has just begun may be missing for a second.
    """
    asked = _asked(call.request.query, tuple(sorted(SCORING)))
    if isinstance(asked, Rejection):
        return asked
    page = call.services.listings().in_play(after=asked.after, limit=asked.limit)
    found = _of_state(page.items, asked.state or State.LIVE)
    seen = matches_with_reporters(call, found)
    return {
        "matches": [match_snapshot(match, names_reporter=match.id in seen) for match in found],
        "next": cursor_of(page.last),
    }


@routes.put(
    "/tournaments/<tournament_id>/matches",
    codes=(Code.NOT_FOUND, Code.FORBIDDEN),
    body_bytes_max=512 * 1024,
)
def put_matches(call: Call, tournament_id: str, body: MatchesBody) -> MatchesPut | Rejection:
    """Register or change up to 100 matches, each as `PUT /matches/{id}` does.

    Each has its own result: a rejected match does not affect the others. A repeated request changes
    only what has not been changed before.
    """
    refused = authorization_error(call, tournament_id)
    if refused is not None:
        return refused
    results = [_put(call, item.match(item.match_id, tournament_id)) for item in body.matches]
    return {"tournament_id": tournament_id, "results": results}


def _put(call: Call, wanted: Match) -> MatchPut:
    put = call.services.match_registration().put(wanted, call.identity)
    if isinstance(put, Rejection):
        rejected: MatchPut = {"match_id": wanted.id, "outcome": "rejected", "code": put.code}
        return {**rejected, "detail": put.message}
    return {"match_id": wanted.id, "outcome": put.outcome, "sequence": put.match.sequence}


def _of_state(matches: Iterable[Match], state: str | None) -> list[Match]:
    return [match for match in matches if state is None or match.state == state]


def _asked(query: Mapping[str, str], states: tuple[str, ...]) -> Asked | Rejection:
    errors: dict[str, str] = {}
    limit, state = query.get("limit", str(PAGE_ITEMS_MAX)), query.get("state")
    if not (_NUMBER.fullmatch(limit) and 1 <= int(limit) <= PAGE_ITEMS_MAX):
        errors["limit"] = f"must be a number from 1 to {PAGE_ITEMS_MAX}"
    if state is not None and state not in states:
        errors["state"] = "must be one of " + ", ".join(states)
    after = key_of_cursor(query["cursor"]) if "cursor" in query else None
    if "cursor" in query and after is None:
        errors["cursor"] = "must be the `next` of a page"
    return invalid(errors) if errors else Asked(state, after, int(limit))
