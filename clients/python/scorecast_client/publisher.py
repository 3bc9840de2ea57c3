"""The HTTP API, for a back-end that waits for each response."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import httpx
import stamina

from scorecast_client.api_calls import ApiCalls, ApiRequest, history_read, match_read
from scorecast_client.errors import RequestRefused
from scorecast_client.http_exchange import (
    BearerToken,
    Token,
    answer_of,
    base_url,
    build,
    checked,
    following,
    naming_proxies,
    publish_error,
)
from scorecast_client.retries import FAILURES, Retries, retry_options
from scorecast_client.revisions import Revisions
from scorecast_client.server_clock import ServerClock


class Publisher(ApiCalls[dict[str, Any]]):
    """One HTTP session. Safe to share between threads; close it at the end.

    `token` may be a function, which is called before each request.
    """

    def __init__(
        self,
        url: str,
        *,
        token: Token,
        timeout_seconds: float = 30,
        retries: Retries | None = None,
    ) -> None:
        self._retries = retries or Retries()
        self._clock = ServerClock()
        self._revisions = Revisions(self._clock)
        self._clock_lock = threading.Lock()
        address, auth = base_url(url), BearerToken(token)
        with naming_proxies():
            self._http = httpx.Client(base_url=address, timeout=timeout_seconds, auth=auth)

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

    def history(self, match_id: str, *, after: int | None = None) -> Iterator[dict[str, Any]]:
        """Every accepted score and every decisive event of a match, in order, as `type` and `data`.

        With `after`, only entries after the score of that revision.
        """
        page = self._send(history_read(match_id, after=after))
        yield from page["entries"]
        while page["next"] is not None:
            page = self._send(history_read(match_id, cursor=page["next"]))
            yield from page["entries"]

    def _send(self, request: ApiRequest) -> dict[str, Any]:
        try:
            for attempt in stamina.retry_context(**retry_options(request, self._retries)):
                with attempt:
                    sent = self._http.send(build(self._http, request))
                    response = checked(following(self._http, sent), self._clock)
        except (httpx.HTTPStatusError, *FAILURES) as failure:
            raise publish_error(request, failure, self._http.base_url) from failure
        return answer_of(request, response, self._clock)

    def _send_score(self, match_id: str, request: ApiRequest) -> dict[str, Any]:
        with self._clock_lock:
            if self._clock.now_ms() is None:
                with suppress(RequestRefused):  # even a refusal carries the time
                    self._clock.observe_match(self._send(match_read(match_id)))
            revision = self._revisions.next()
        ordered = {} if revision is None else {"client_revision": revision}
        return self._send(replace(request, body={**(request.body or {}), **ordered}))
