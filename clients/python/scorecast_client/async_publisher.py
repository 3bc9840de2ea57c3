"""The HTTP API, for a back-end on asyncio."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
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


class AsyncPublisher(ApiCalls[Coroutine[Any, Any, dict[str, Any]]]):
    """Like Publisher, but every call is awaited."""

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
        self._clock_lock = asyncio.Lock()
        address, auth = base_url(url), BearerToken(token)
        with naming_proxies():
            self._http = httpx.AsyncClient(base_url=address, timeout=timeout_seconds, auth=auth)

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def history(
        self, match_id: str, *, after: int | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Like Publisher.history, with `async for`."""
        page = await self._send(history_read(match_id, after=after))
        for entry in page["entries"]:
            yield entry
        while page["next"] is not None:
            page = await self._send(history_read(match_id, cursor=page["next"]))
            for entry in page["entries"]:
                yield entry

    async def _send(self, request: ApiRequest) -> dict[str, Any]:
        try:
            async for attempt in stamina.retry_context(**retry_options(request, self._retries)):
                with attempt:
                    sent = await self._http.send(build(self._http, request))
                    response = checked(following(self._http, sent), self._clock)
        except (httpx.HTTPStatusError, *FAILURES) as failure:
            raise publish_error(request, failure, self._http.base_url) from failure
        return answer_of(request, response, self._clock)

    async def _send_score(self, match_id: str, request: ApiRequest) -> dict[str, Any]:
        async with self._clock_lock:  # first come, first numbered
            if self._clock.now_ms() is None:
                with suppress(RequestRefused):  # even a refusal carries the time
                    self._clock.observe_match(await self._send(match_read(match_id)))
            revision = self._revisions.next()
        ordered = {} if revision is None else {"client_revision": revision}
        return await self._send(replace(request, body={**(request.body or {}), **ordered}))
