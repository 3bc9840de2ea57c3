"""Ending a connection from our side: say why, close, release."""

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
        """Say why and close; for a connection that has been released already."""
        if rejection is not None:
            self.gateway.post(connection_id, messages.error(rejection).encode())
        goodbye = messages.goodbye(reason, retry_after_ms=retry_after_ms)
        self.gateway.post(connection_id, goodbye.encode())
        self.gateway.close(connection_id)
