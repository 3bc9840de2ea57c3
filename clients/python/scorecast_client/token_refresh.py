"""Renews a WebSocket's token before its expiry, if it comes from a function."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from scorecast_client.credentials import Credentials
from scorecast_client.errors import ScorecastError
from scorecast_client.messages import Event, data_of, whole_number
from scorecast_client.server_clock import ServerClock
from scorecast_client.socket import Socket, now_ms
from scorecast_client.timings import Timings


class TokenRefresh:
    def __init__(
        self,
        credentials: Credentials,
        *,
        clock: ServerClock,
        timings: Timings,
        random: Callable[[], float],
    ) -> None:
        self._credentials = credentials
        self._clock = clock
        self._timings = timings
        self._random = random
        self._expired = asyncio.Event()

    def notice(self, event: Event) -> None:
        """The server's own word that the token has expired comes before any clock's."""
        if event.type == "error" and event.data.get("code") == "token_expired":
            self._expired.set()

    async def run(self, socket: Socket) -> None:
        """Runs until the WebSocket's token no longer expires."""
        expires_at_ms = whole_number(socket.established.get("expires_at"))
        pause = self._timings.backoff(self._random)
        while self._credentials.renewable and expires_at_ms is not None:
            await self._until_nearly(expires_at_ms)
            with suppress(ScorecastError):
                expires_at_ms = await self._renewed(socket)
                pause.reset()
                continue
            await asyncio.sleep(pause.next_seconds())

    async def _until_nearly(self, expires_at_ms: float) -> None:
        """Wait until shortly before the expiry, or until the server says that it has come."""
        server_ms = self._clock.now_ms()
        left_ms = expires_at_ms - (now_ms() if server_ms is None else server_ms)
        left_seconds = max(0.0, left_ms / 1000)
        ahead_seconds = min(self._timings.refresh_ahead_seconds, left_seconds / 2)
        with suppress(TimeoutError):
            async with asyncio.timeout(left_seconds - ahead_seconds):
                await self._expired.wait()

    async def _renewed(self, socket: Socket) -> int | None:
        """The new token's expiry. Raises ScorecastError if there is no new one, or no answer."""
        before = self._credentials.shown
        token = await self._credentials.token()
        if token is None or token == before:
            raise ScorecastError("There is no newer token.")
        within_seconds = self._timings.repeat_seconds
        try:
            answer = await socket.request("refresh", within_seconds=within_seconds, token=token)
        except BaseException:  # cancelled too, when the socket has ended meanwhile
            self._credentials.shown = before  # so that the same one may be tried again
            raise
        self._expired.clear()
        return whole_number(data_of(answer).get("expires_at"))
