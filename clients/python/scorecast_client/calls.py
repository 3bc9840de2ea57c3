"""What the HTTP API can be asked, once for both publishers."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from scorecast_client.exchange import Request
from scorecast_client.revisions import Revisions


class Calls[Answered]:
    """Every call gives the API's answer, an object, or raises PublishError."""

    def __init__(self) -> None:
        self._revisions = Revisions(lambda: time.time_ns() / 1e6)

    def _ask(self, request: Request) -> Answered:
        raise NotImplementedError

    def put_tournament(
        self, tournament_id: str, *, name: str, organizers: Sequence[str]
    ) -> Answered:
        """Register a tournament, or change its name and organizers."""
        body = {"name": name, "organizers": list(organizers)}
        return self._ask(Request("PUT", _path("tournaments", tournament_id), body))

    def put_match(
        self,
        match_id: str,
        *,
        tournament_id: str,
        participants: Sequence[tuple[str, str]],
        scheduled_at: datetime,
    ) -> Answered:
        """Register a match; `participants` are its two (id, name), `scheduled_at` is aware."""
        body = {
            "tournament_id": tournament_id,
            "participants": [{"id": ident, "name": name} for ident, name in participants],
            "scheduled_at": scheduled_at.isoformat(),
        }
        return self._ask(Request("PUT", _path("matches", match_id), body))

    def tournament(self, tournament_id: str) -> Answered:
        return self._ask(Request("GET", _path("tournaments", tournament_id)))

    def match(self, match_id: str) -> Answered:
        return self._ask(Request("GET", _path("matches", match_id)))

    def room(self, room_id: str) -> Answered:
        """How many watch a match or a tournament: `room`, `viewers`, `capacity`."""
        return self._ask(Request("GET", _path("rooms", room_id)))

    def score(
        self,
        match_id: str,
        score: tuple[int, int],
        *,
        details: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Answered:
        """Report a score. It counts once, however often it is sent with the same key.

        Scores count in the order of these calls, in whatever order they arrive; one that is
        overtaken is refused with the code `stale`.
        """
        body: dict[str, Any] = {
            "participant1_score": score[0],
            "participant2_score": score[1],
            "client_revision": self._revisions.next(),
        }
        if details is not None:
            body["details"] = details
        path, key = _path("matches", match_id, "score"), idempotency_key or uuid4().hex
        return self._ask(Request("PUT", path, body, idempotency_key=key))

    def start(self, match_id: str) -> Answered:
        return self._event(match_id, "match_start")

    def change_state(self, match_id: str, state: str) -> Answered:
        return self._event(match_id, "match_state_change", new_state=state)

    def dispute(self, match_id: str, reason: str) -> Answered:
        """Open a dispute; the answer has its `dispute_id`."""
        return self._event(match_id, "dispute_create", reason=reason)

    def complete(
        self,
        match_id: str,
        *,
        winner_id: str | None,
        score: tuple[int, int] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> Answered:
        """End a match. `winner_id` None is a draw; without `score` the last one reported stands."""
        given: dict[str, Any] = {} if details is None else {"details": details}
        if score is not None:
            given |= {"participant1_score": score[0], "participant2_score": score[1]}
        return self._event(match_id, "match_complete", winner_id=winner_id, **given)

    def tournament_event(
        self, tournament_id: str, event: str, data: Mapping[str, Any] | None = None
    ) -> Answered:
        """Tell the room: `bracket_generated`, `bracket_updated` or `tournament_completed`."""
        body = {"type": event, "data": data or {}}
        return self._ask(Request("POST", _path("tournaments", tournament_id, "events"), body))

    def ticket(self) -> Answered:
        """Buy a one-time ticket for a socket in this token's name: `ticket`, `expires_at`."""
        return self._ask(Request("POST", "tickets"))

    def disconnect_user(self, user_id: str) -> Answered:
        """End every connection of a user: `disconnected`, how many. For admins and services."""
        return self._ask(Request("DELETE", _path("users", user_id, "connections")))

    def _event(self, match_id: str, kind: str, **fields: Any) -> Answered:
        body = {"type": kind, **fields}
        return self._ask(Request("POST", _path("matches", match_id, "events"), body))


def _path(*parts: str) -> str:
    """With whatever a caller takes for an id quoted: it stays one part."""
    return "/".join(quote(part, safe="") for part in parts)
