"""The HTTP API: what a back-end registers and reads."""

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import httpx

from scorecast_client.errors import ScorecastError


class PublishError(ScorecastError):
    """The API refused a request, or could not be reached.

    `status` and `code` are None where no answer came; `errors` names the fields at fault.
    """

    def __init__(
        self,
        sentence: str,
        *,
        status: int | None = None,
        code: str | None = None,
        errors: Sequence[Any] = (),
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        self.errors = errors


class Publisher:
    """One HTTP session with one token. Safe to share between threads; close it at the end."""

    def __init__(self, url: str, *, token: str, timeout_seconds: float = 30) -> None:
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout_seconds,
        )

    def put_tournament(
        self, tournament_id: str, *, name: str, organizers: Sequence[str]
    ) -> dict[str, Any]:
        body = {"name": name, "organizers": list(organizers)}
        return self._ask("PUT", f"tournaments/{tournament_id}", body)

    def put_match(
        self,
        match_id: str,
        *,
        tournament_id: str,
        participants: Sequence[tuple[str, str]],
        scheduled_at: datetime,
    ) -> dict[str, Any]:
        """Register a match; `participants` are its two (id, name), `scheduled_at` is aware."""
        body = {
            "tournament_id": tournament_id,
            "participants": [{"id": ident, "name": name} for ident, name in participants],
            "scheduled_at": scheduled_at.isoformat(),
        }
        return self._ask("PUT", f"matches/{match_id}", body)

    def tournament(self, tournament_id: str) -> dict[str, Any]:
        return self._ask("GET", f"tournaments/{tournament_id}")

    def match(self, match_id: str) -> dict[str, Any]:
        return self._ask("GET", f"matches/{match_id}")

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            response = self._http.request(method, path, json=body)
        except (httpx.HTTPError, httpx.InvalidURL) as fault:
            raise PublishError(f"{self._http.base_url} does not answer: {fault}.") from fault
        answer = _object(response)
        if response.is_success and answer is not None:
            return answer
        raise _refusal(f"{method} /{path}", response.status_code, answer or {})


def _object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        answer = response.json()
    except ValueError:
        return None  # a gateway's own error page
    return answer if isinstance(answer, dict) else None


def _refusal(request: str, status: int, problem: dict[str, Any]) -> PublishError:
    reason = problem.get("detail") or problem.get("title") or problem.get("message") or "no reason"
    return PublishError(
        f"{request} was answered {status}: {reason}",
        status=status,
        code=problem.get("code"),
        errors=problem.get("errors") or (),
    )
