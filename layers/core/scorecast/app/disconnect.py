"""Close a connection on the server's side: notify the client, close, release."""

from collections.abc import Mapping
from dataclasses import dataclass

from scorecast.aws.dynamodb.registry import Registry
from scorecast.aws.gateway import Gateway
from scorecast.protocol import messages
from scorecast.protocol.errors import CloseReason, Rejection


@dataclass(frozen=True, slots=True)
class Disconnector:
    gateway: Gateway
    registry: Registry

    def disconnect(
        self,
        connection_id: str,
        reason: CloseReason,
        *,
        rejection: Rejection | None = None,
        retry_after_ms: int | None = None,
    ) -> None:
        """Say why, close and release.

        The close leads to `$disconnect`, but that is best effort; releasing twice releases once.
        """
        self.notify_and_close(
            connection_id, reason, rejection=rejection, retry_after_ms=retry_after_ms
        )
        self.registry.release(connection_id)

    def notify_and_close(
        self,
        connection_id: str,
        reason: CloseReason,
        *,
        rejection: Rejection | None = None,
        retry_after_ms: int | None = None,
    ) -> None:
        """Notify the client and close; for a connection that is already released."""
        if rejection is not None:
            self.gateway.post(connection_id, messages.error(rejection).encode())
        self._close(connection_id, messages.goodbye(reason, retry_after_ms=retry_after_ms))

    def send_after(
        self, connection_id: str, moved: Rejection, message_id: str | None = None
    ) -> None:
        """Disconnect a client with the address of the cell that its tournament has moved to.

        `message_id` is that of the command that is rejected because of it, if there was one.
        """
        if message_id is not None:
            self.gateway.post(connection_id, messages.error(moved, message_id).encode())
        self._close(connection_id, messages.goodbye(CloseReason.MOVED, endpoint=moved_to(moved)))
        self.registry.release(connection_id)

    def _close(self, connection_id: str, goodbye: str) -> None:
        self.gateway.post(connection_id, goodbye.encode())
        self.gateway.close(connection_id)


def moved_to(moved: Rejection) -> Mapping[str, object] | None:
    """The address in a rejection with the code `moved`."""
    endpoint = (moved.data or {}).get("endpoint")
    return endpoint if isinstance(endpoint, dict) else None
