"""The token of a connection: a fixed one, or a function's newest."""

import inspect
from collections.abc import Awaitable, Callable

from scorecast_client.errors import ConnectRefused

Token = str | Callable[[], str | Awaitable[str | None] | None] | None


class Credentials:
    """`shown` is the newest token used."""

    def __init__(self, token: Token) -> None:
        self._source = token
        self.shown: str | None = None

    @property
    def renewable(self) -> bool:
        return callable(self._source)

    async def token(self) -> str | None:
        """Raises ConnectRefused if the application's function fails."""
        try:
            found = self._source() if callable(self._source) else self._source
            self.shown = await found if inspect.isawaitable(found) else found
        except Exception as fault:  # anything that the application's own code raises
            raise ConnectRefused(f"The token function failed: {fault!r}.") from fault
        return self.shown
