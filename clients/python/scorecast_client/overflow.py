"""Follows full rooms over HTTP until a place is free: reads snapshots, less often while nothing
changes."""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from scorecast_client.credentials import Credentials
from scorecast_client.feed import Feed
from scorecast_client.messages import Event
from scorecast_client.rooms import Room
from scorecast_client.socket import now_ms
from scorecast_client.tasks import cancel
from scorecast_client.timings import Timings

if TYPE_CHECKING:
    import httpx

SLOWDOWN: Final = 1.5
JITTER: Final = 0.5
"""Jitter, so that clients that were refused together do not ask together."""


class Overflow:
    def __init__(
        self,
        http_url: str | None,
        feed: Feed,
        emit: Callable[[list[Event]], None],
        *,
        credentials: Credentials,
        timings: Timings,
        random: Callable[[], float],
    ) -> None:
        self._http_url = http_url
        self._feed = feed
        self._emit = emit
        self._credentials = credentials
        self._timings = timings
        self._random = random
        self._polling: dict[Room, asyncio.Task[None]] = {}

    @property
    def is_possible(self) -> bool:
        return self._http_url is not None

    @property
    def rooms(self) -> frozenset[Room]:
        """Those that are read over HTTP."""
        return frozenset(self._polling)

    def start(self, room: Room) -> None:
        """The room is full."""
        if self.is_possible and room not in self._polling:
            self._polling[room] = asyncio.create_task(self._poll(room))

    def stop(self, room: Room) -> None:
        """The room was joined, or left."""
        if task := self._polling.pop(room, None):
            task.cancel()

    async def close(self) -> None:
        polling, self._polling = self._polling, {}
        await cancel(*polling.values())

    async def _poll(self, room: Room) -> None:
        import httpx  # only where a room is full

        timeout = self._timings.repeat_seconds
        seconds = self._timings.poll_seconds
        async with httpx.AsyncClient(base_url=f"{self._http_url}", timeout=timeout) as http:
            if self._feed.since(room) is not None:
                # A snapshot that a cache has kept could be older than what was received until now.
                await self._pause(seconds)
            tag = ""
            while True:
                response = await self._read(http, room, tag)
                if snapshot := _snapshot(response):
                    assert response is not None
                    tag, seconds = response.headers.get("etag", ""), self._timings.poll_seconds
                    self._emit(self._feed.polled(room, snapshot, received_at_ms=now_ms()))
                else:
                    seconds = min(seconds * SLOWDOWN, self._timings.poll_seconds_max)
                await self._pause(seconds)

    async def _read(
        self, http: "httpx.AsyncClient", room: Room, tag: str
    ) -> "httpx.Response | None":
        import httpx

        token = self._credentials.shown
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if tag:
            headers["If-None-Match"] = tag
        kind = "matches" if room.kind == "match" else "tournaments"
        try:
            return await http.get(f"/{kind}/{room.id}", headers=headers)
        except httpx.HTTPError:
            return None  # the next one may have an answer

    async def _pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds * (1 + JITTER * self._random()))


def _snapshot(response: "httpx.Response | None") -> Mapping[str, Any] | None:
    if response is None or response.status_code != HTTPStatus.OK:
        return None
    try:
        body = response.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
