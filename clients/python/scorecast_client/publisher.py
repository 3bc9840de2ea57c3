"""The HTTP API, for a back-end that waits for each answer."""

import time
from types import TracebackType
from typing import Any, Self

import httpx

from scorecast_client.calls import Calls
from scorecast_client.exchange import Answers, Failure, Pause, Request, Response, Retries
from scorecast_client.transport import FAILURES, Token, address, built, exchange, failed, received


class Publisher(Calls[dict[str, Any]]):
    """One HTTP session. Safe to share between threads; close it at the end.

    `token` may be a function, which is asked before each request.
    """

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
        self._http = httpx.Client(base_url=address(url), timeout=timeout_seconds)

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

    def _ask(self, request: Request) -> dict[str, Any]:
        exchanged = exchange(request, self._answers, self._retries)
        while True:
            answer = exchanged.judge(self._send(built(self._http, exchanged, self._token)))
            if not isinstance(answer, Pause):
                return answer
            time.sleep(answer.seconds)

    def _send(self, request: httpx.Request) -> Response | Failure:
        try:
            return received(self._http.send(request))
        except FAILURES as fault:
            return failed(self._http, fault)
