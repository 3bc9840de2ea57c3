"""Opens a connection's sockets: each with its token, each refusal with its reason."""

from collections.abc import Callable

from scorecast_client.credentials import Credentials
from scorecast_client.errors import AddressError, ConnectRefused, NoNewerToken
from scorecast_client.handshake import dial
from scorecast_client.messages import Event
from scorecast_client.reconnect_policy import Decision, Retry, after_refusal, counts
from scorecast_client.refusals import explained
from scorecast_client.server_clock import ServerClock
from scorecast_client.socket import Socket
from scorecast_client.timings import Timings


class Dialer:
    def __init__(
        self,
        credentials: Credentials,
        *,
        http_url: str | None,
        on_event: Callable[[Event], None],
        clock: ServerClock,
        timings: Timings,
    ) -> None:
        self._credentials = credentials
        self.http_url = http_url
        self._on_event = on_event
        self._clock = clock
        self._timings = timings
        self._refusals = 0
        """How many that count came in a row."""
        self._newest: tuple[tuple[int | None, str | None], ConnectRefused] | None = None
        """The newest refusal's status and token, and its reason: it is asked for once."""

    async def dial(self, url: str, after: Retry) -> Socket:
        """Raises ConnectRefused, with the reason."""
        before = self._credentials.shown
        token = await self._credentials.token()
        if after.newer_token and token == before:
            raise NoNewerToken("There is no newer token.", status=401)
        try:
            socket = await dial(
                url,
                token=token,
                on_event=self._on_event,
                clock=self._clock,
                timings=self._timings,
            )
        except ConnectRefused as refused:
            raise await self._explain(refused, token) from refused
        self._refusals, self._newest = 0, None
        return socket

    def after(self, refused: ConnectRefused, *, refusals_max: int) -> Decision:
        self._refusals = self._refusals + 1 if counts(refused) else 0
        return after_refusal(
            refused,
            renewable=self._credentials.renewable,
            refusals=self._refusals,
            refusals_max=refusals_max,
        )

    async def _explain(self, refused: ConnectRefused, token: str | None) -> ConnectRefused:
        if isinstance(refused, AddressError):
            return refused
        key = (refused.status, token)
        if self._newest is None or self._newest[0] != key:
            self._newest = key, await explained(refused, token=token, http_url=self.http_url)
        return self._newest[1]
