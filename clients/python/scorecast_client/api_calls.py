"""The calls of the HTTP API, once for both publishers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4


@dataclass(frozen=True)
class ApiRequest:
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    idempotency_key: str | None = None

    @property
    def repeatable(self) -> bool:
        """Whether it may be sent again when its outcome is unknown."""
        return self.method != "POST"

    def __str__(self) -> str:
        return f"{self.method} /{self.path}"


class ApiCalls[Answer]:
    """Each call returns the API's answer, an object, or raises PublishError."""

    def _send(self, request: ApiRequest) -> Answer:
        raise NotImplementedError

    def _send_score(self, match_id: str, request: ApiRequest) -> Answer:
        """Send a score with the revision that says where it stands in the order of calls."""
        raise NotImplementedError

    def put_tournament(self, tournament_id: str, *, name: str, organizers: Sequence[str]) -> Answer:
        """Register a tournament, or change its name and organizers."""
        body = {"name": name, "organizers": list(organizers)}
        return self._send(ApiRequest("PUT", path("tournaments", tournament_id), body))

    def put_match(
        self,
        match_id: str,
        *,
        tournament_id: str,
        participants: Sequence[tuple[str, str]],
        scheduled_at: datetime,
    ) -> Answer:
        """Register a match; `participants` are its two (id, name), `scheduled_at` is aware."""
        body = {
            "tournament_id": tournament_id,
            "participants": [{"id": ident, "name": name} for ident, name in participants],
            "scheduled_at": scheduled_at.isoformat(),
        }
        return self._send(ApiRequest("PUT", path("matches", match_id), body))

    def tournament(self, tournament_id: str) -> Answer:
        return self._send(ApiRequest("GET", path("tournaments", tournament_id)))

    def match(self, match_id: str) -> Answer:
        return self._send(match_read(match_id))

    def room(self, room_id: str) -> Answer:
        """How many watch a match or a tournament: `room`, `viewers`, `capacity`."""
        return self._send(ApiRequest("GET", path("rooms", room_id)))

    def score(
        self,
        match_id: str,
        score: tuple[int, int],
        *,
        details: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Answer:
        """Report a score. It counts once, however often it is sent with the same key.

        Scores count in the order of these calls, in whatever order they arrive; one that is
        overtaken is refused with the code `stale`.
        """
        body: dict[str, Any] = {"participant1_score": score[0], "participant2_score": score[1]}
        if details is not None:
            body["details"] = details
        key = idempotency_key or uuid4().hex
        request = ApiRequest("PUT", path("matches", match_id, "score"), body, idempotency_key=key)
        return self._send_score(match_id, request)

    def start(self, match_id: str) -> Answer:
        return self._match_event(match_id, "match_start")

    def change_state(self, match_id: str, state: str) -> Answer:
        return self._match_event(match_id, "match_state_change", new_state=state)

    def dispute(self, match_id: str, reason: str) -> Answer:
        """Open a dispute; the answer has its `dispute_id`."""
        return self._match_event(match_id, "dispute_create", reason=reason)

    def complete(
        self,
        match_id: str,
        *,
        winner_id: str | None,
        score: tuple[int, int] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> Answer:
        """End a match. `winner_id` None is a draw; without `score` the last one reported stands."""
        final: dict[str, Any] = {} if details is None else {"details": details}
        if score is not None:
            final |= {"participant1_score": score[0], "participant2_score": score[1]}
        return self._match_event(match_id, "match_complete", winner_id=winner_id, **final)

    def tournament_event(
        self, tournament_id: str, event: str, data: Mapping[str, Any] | None = None
    ) -> Answer:
        """Publish `bracket_generated`, `bracket_updated` or `tournament_completed`."""
        body = {"type": event, "data": data or {}}
        return self._send(ApiRequest("POST", path("tournaments", tournament_id, "events"), body))

    def ticket(self) -> Answer:
        """Issue a single-use connection ticket for this token's user: `ticket`, `expires_at`."""
        return self._send(ApiRequest("POST", "tickets"))

    def disconnect_user(self, user_id: str) -> Answer:
        """Close all connections of a user: `disconnected` counts them. Admins and services only."""
        return self._send(ApiRequest("DELETE", path("users", user_id, "connections")))

    def _match_event(self, match_id: str, event: str, **fields: Any) -> Answer:
        body = {"type": event, **fields}
        return self._send(ApiRequest("POST", path("matches", match_id, "events"), body))


def match_read(match_id: str) -> ApiRequest:
    return ApiRequest("GET", path("matches", match_id))


def path(*parts: str) -> str:
    """Join the parts, each quoted: an id with a slash stays one part."""
    return "/".join(quote(part, safe="") for part in parts)
