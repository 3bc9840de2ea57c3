"""The history of a match, a page at a time."""

import re
from collections.abc import Iterable
from typing import Final, cast

from scorecast.aws.dynamodb.history import StoredEntry
from scorecast.domain.matches.attribution import without_users
from scorecast.domain.matches.history import Place
from scorecast.http.audience import sees_reporter
from scorecast.http.routing import Routes
from scorecast.http.services import Call
from scorecast.protocol.errors import Code, Rejection, invalid
from scorecast.protocol.history import History, HistoryEntry
from scorecast.protocol.limits import HISTORY_PAGE_MAX, INTEGER_MAX, SENT_BYTES_MAX
from scorecast.protocol.strict_json import compact

routes: Final = Routes()

_NOT_FOUND: Final = Rejection(Code.NOT_FOUND, "There is no such match.")
_CURSOR: Final = re.compile(r"(\d{1,12})\.(\d{1,12})", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,16}", re.ASCII)
_PAGE_BYTES: Final = 200
"""Bytes of a page besides its entries, generously."""


@routes.get(
    "/matches/<match_id>/history", codes=(Code.NOT_FOUND,), query=("after", "cursor", "limit")
)
def get_history(call: Call, match_id: str) -> History | Rejection:
    """Every accepted score and every decisive event of a match, in order.

    Scores that were merged into one message are listed one by one. The history is a second or two
    behind the published messages, and is kept for as long as the service is configured to. The
    reporters are shown to officials and the match's participants.
    """
    asked = _asked(call)
    if isinstance(asked, Rejection):
        return asked
    match = call.services.matches().get(match_id)
    if match is None:
        return _NOT_FOUND
    elsewhere = call.services.tournament_moves().moved(match)
    if elsewhere is not None:
        return elsewhere
    after, limit = asked
    page = call.services.history().page(
        match_id, after=after, limit=limit, bytes_max=SENT_BYTES_MAX
    )
    shows_users = sees_reporter(call, match)
    kept = list(_fitting(page.entries, shows_users=shows_users))
    is_whole = len(kept) == len(page.entries)
    last = page.last if is_whole else page.entries[len(kept) - 1].place
    return {
        "match_id": match_id,
        "entries": kept,
        "next": None if last is None else f"{last.revision}.{last.sequence}",
    }


def _asked(call: Call) -> tuple[Place | None, int] | Rejection:
    """The place after which to continue, and how many entries to read."""
    query = call.request.query
    errors: dict[str, str] = {}
    limit, after = query.get("limit", str(HISTORY_PAGE_MAX)), query.get("after")
    if not (_NUMBER.fullmatch(limit) and 1 <= int(limit) <= HISTORY_PAGE_MAX):
        errors["limit"] = f"must be a number from 1 to {HISTORY_PAGE_MAX}"
    if after is not None and not (_NUMBER.fullmatch(after) and int(after) <= INTEGER_MAX):
        errors["after"] = "must be a revision"
    cursor = _CURSOR.fullmatch(query.get("cursor", "0.0"))
    if cursor is None:
        errors["cursor"] = "must be the `next` of a page"
    if errors or cursor is None:
        return invalid(errors)
    if "cursor" in query:
        return Place(int(cursor[1]), int(cursor[2])), int(limit)
    return None if after is None else Place(int(after)), int(limit)


def _fitting(entries: Iterable[StoredEntry], *, shows_users: bool) -> Iterable[HistoryEntry]:
    """As many entries as fit into one response, at least one."""
    room_bytes = SENT_BYTES_MAX - _PAGE_BYTES
    for number, stored in enumerate(entries):
        entry = stored.parsed()
        if not shows_users:
            entry["data"] = without_users(entry["data"])
        room_bytes -= len(compact(entry).encode()) + 1
        if room_bytes < 0 and number:
            return
        # its fields were checked when it was accepted
        yield cast(HistoryEntry, entry)
