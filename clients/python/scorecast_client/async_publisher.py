"""The HTTP API, for a back-end on asyncio."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

import httpx

from scorecast_client.calls import Calls
from scorecast_client.exchange import Answers, Failure, Pause, Request, Response, Retries
from scorecast_client.transport import FAILURES, Token, address, built, exchange, failed, received


class AsyncPublisher(Calls[Coroutine[Any, Any, dict[str, Any]]]):
    """As Publisher, but every call is awaited."""

    def __init__(
        self,
        url: str,
        *,
        token: Token,
        timeout_seconds: float = 30,
        retries: Retries | None = None,
    ) -> None:
        super().__init__()
        self._token = token
        self._retries = retries or Retries()
        self._answers = Answers()
        self._http = httpx.AsyncClient(base_url=address(url), timeout=timeout_seconds)

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

    async def _ask(self, request: Request) -> dict[str, Any]:
        exchanged = exchange(request, self._answers, self._retries)
        while True:
            answer = exchanged.judge(await self._send(built(self._http, exchanged, self._token)))
            if not isinstance(answer, Pause):
                return answer
            await asyncio.sleep(answer.seconds)

    async def _send(self, request: httpx.Request) -> Response | Failure:
        try:
            return received(await self._http.send(request))
        except FAILURES as fault:
            return failed(self._http, fault)
