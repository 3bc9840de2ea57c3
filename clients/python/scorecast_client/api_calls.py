"""The calls of the HTTP API, once for both publishers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Unpack
from urllib.parse import quote, urlencode
from uuid import uuid4

from scorecast_client.results import (
    KEPT,
    ReopenedState,
    Resolution,
    ResultFields,
    given,
    result,
)


@dataclass(frozen=True)
class ApiRequest:
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    idempotency_key: str | None = None

    @property
    def repeatable(self) -> bool:
        """Whether it may be repeated if its outcome is unknown."""
        return self.method != "POST"

    def __str__(self) -> str:
        return f"{self.method} /{self.path}"


class ApiCalls[Answer]:
    """Each call returns the API's response, an object, or raises PublishError."""

    def _send(self, request: ApiRequest) -> Answer:
        raise NotImplementedError

    def _send_score(self, match_id: str, request: ApiRequest) -> Answer:
        """Send a score with the revision for its position in the order of calls."""
        raise NotImplementedError

    def put_tournament(
        self,
        tournament_id: str,
        *,
        name: str,
        organizers: Sequence[str],
        metadata: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Register a tournament, or change its name, organizers and metadata."""
        body = {"name": name, "organizers": list(organizers), **given(metadata=metadata)}
        return self._send(ApiRequest("PUT", path("tournaments", tournament_id), body))

    def put_match(
        self,
        match_id: str,
        *,
        tournament_id: str,
        participants: Sequence[tuple[str, str] | Mapping[str, Any]],
        scheduled_at: datetime | None,
        scoring: Mapping[str, Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Register a match. `participants` are two of (id, name), or an object of the API, such as
        `{"placeholder": "Winner of QF1"}`. `scheduled_at` must be aware; None means not known
        yet."""
        body = {
            "tournament_id": tournament_id,
            "participants": [_participant(each) for each in participants],
            "scheduled_at": None if scheduled_at is None else scheduled_at.isoformat(),
            **given(scoring=scoring, metadata=metadata),
        }
        return self._send(ApiRequest("PUT", path("matches", match_id), body))

    def put_matches(self, tournament_id: str, matches: Sequence[Mapping[str, Any]]) -> Answer:
        """Register or change up to 100 matches, each with `match_id`, `participants` (two of `id`,
        `name`) and `scheduled_at`. The response has `results`, one for each."""
        body = {"matches": list(matches)}
        return self._send(ApiRequest("PUT", path("tournaments", tournament_id, "matches"), body))

    def put_structure(self, tournament_id: str, structure: Mapping[str, Any]) -> Answer:
        """Store and publish a tournament's `groups` and `rounds`."""
        request = ApiRequest("PUT", path("tournaments", tournament_id, "structure"), structure)
        return self._send(request)

    def matches(self, tournament_id: str, *, cursor: str | None = None) -> Answer:
        """A page of `matches` of a tournament; `next` is the cursor of the next page, or None."""
        query = f"?cursor={quote(cursor, safe='')}" if cursor else ""
        return self._send(ApiRequest("GET", path("tournaments", tournament_id, "matches") + query))

    def delete_match(self, match_id: str) -> Answer:
        """Delete a match that never began."""
        return self._send(ApiRequest("DELETE", path("matches", match_id)))

    def tournament(self, tournament_id: str) -> Answer:
        return self._send(ApiRequest("GET", path("tournaments", tournament_id)))

    def match(self, match_id: str) -> Answer:
        return self._send(match_read(match_id))

    def room(self, room_id: str) -> Answer:
        """The number of viewers of a match or a tournament: `room`, `viewers`, `capacity`."""
        return self._send(ApiRequest("GET", path("rooms", room_id)))

    def score(
        self,
        match_id: str,
        score: tuple[int, int],
        *,
        details: Mapping[str, Any] | None = None,
        periods: Sequence[Mapping[str, Any]] | None = None,
        clock: Mapping[str, Any] | None = None,
        shootout: Mapping[str, Any] | None = None,
        corrects: int | None = None,
        idempotency_key: str | None = None,
        base_revision: int | None = None,
    ) -> Answer:
        """Report a score. It counts once, however often it is sent with the same key.

        Scores count in the order of these calls, in whatever order they arrive; one that is
        overtaken is refused with the code `stale`. With `base_revision`, the revision of the score
        that the sender saw, `conflict` says that another one is stored, and that nothing changed.

        `details` and `corrects`, the revision that this score takes back, are about this score.
        `periods`, `clock` and `shootout` stand until they are given again; an empty one removes
        what stood.
        """
        body: dict[str, Any] = {
            "participant1_score": score[0],
            "participant2_score": score[1],
            **given(
                details=details,
                periods=None if periods is None else list(periods),
                clock=clock,
                shootout=shootout,
                corrects=corrects,
                base_revision=base_revision,
            ),
        }
        key = idempotency_key or uuid4().hex
        request = ApiRequest("PUT", path("matches", match_id, "score"), body, idempotency_key=key)
        return self._send_score(match_id, request)

    def start(self, match_id: str) -> Answer:
        return self._match_event(match_id, "match_start")

    def change_state(self, match_id: str, state: str) -> Answer:
        return self._match_event(match_id, "match_state_change", new_state=state)

    def dispute(self, match_id: str, reason: str) -> Answer:
        """Open a dispute; the response has its `dispute_id`."""
        return self._match_event(match_id, "dispute_create", reason=reason)

    def resolve(
        self, match_id: str, dispute_id: str, resolution: Resolution, *, note: str | None = None
    ) -> Answer:
        """Close a dispute; the match and its result do not change."""
        fields = {"dispute_id": dispute_id, "resolution": resolution, **given(note=note)}
        return self._match_event(match_id, "dispute_resolve", **fields)

    def disputes(self, match_id: str) -> Answer:
        """All `disputes` with their texts, for officials and the match's participants."""
        return self._send(ApiRequest("GET", path("matches", match_id, "disputes")))

    def complete(
        self, match_id: str, *, winner_id: str | None, **fields: Unpack[ResultFields]
    ) -> Answer:
        """End a match. `winner_id` None means a draw, or no winner. By default the last
        reported score is final, and the outcome is `played`."""
        return self._match_event(match_id, "match_complete", **result(winner_id, fields))

    def amend(
        self,
        match_id: str,
        *,
        reason: str,
        winner_id: str | None = KEPT,
        **fields: Unpack[ResultFields],
    ) -> Answer:
        """Correct the result of a completed match. Omitted fields are unchanged; `winner_id` None
        means that there is no winner."""
        corrected = result(winner_id, fields)
        return self._match_event(match_id, "match_amend", reason=reason, **corrected)

    def reopen(self, match_id: str, state: ReopenedState, *, reason: str) -> Answer:
        """Take back the end of a completed or cancelled match."""
        return self._match_event(match_id, "match_reopen", new_state=state, reason=reason)

    def tournament_event(
        self, tournament_id: str, event: str, data: Mapping[str, Any] | None = None
    ) -> Answer:
        """Publish an event of the bracket, `tournament_completed` or `tournament_reopened`."""
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


def history_read(match_id: str, *, after: int | None = None, cursor: str = "") -> ApiRequest:
    """A page of a match's history: the first one, or the one at `cursor`."""
    asked = {"cursor": cursor} if cursor else {} if after is None else {"after": str(after)}
    query = f"?{urlencode(asked)}" if asked else ""
    return ApiRequest("GET", path("matches", match_id, "history") + query)


def match_read(match_id: str) -> ApiRequest:
    return ApiRequest("GET", path("matches", match_id))


def path(*parts: str) -> str:
    """Join the parts, each quoted: an id with a slash stays one part."""
    return "/".join(quote(part, safe="") for part in parts)


def _participant(participant: tuple[str, str] | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(participant, Mapping):
        return participant
    ident, name = participant
    return {"id": ident, "name": name}
