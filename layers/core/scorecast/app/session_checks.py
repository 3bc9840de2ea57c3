"""What a message must pass before it is executed: its size, the rate limits, an open session.

The checks run in the order of what they cost, so that a message that is dropped costs no more
than the writes that drop it.
"""

from dataclasses import dataclass
from typing import Final

from scorecast.app.disconnect import Disconnector
from scorecast.aws.dynamodb.connections import Connections
from scorecast.aws.dynamodb.rate_limits import RateLimited, RateLimiter
from scorecast.domain.connections.admission import Connection
from scorecast.domain.connections.identity import pseudonyms
from scorecast.domain.connections.idle import (
    IdleAction,
    drain_at_ms,
    reconnect_delay_ms,
    token_action,
)
from scorecast.domain.connections.rate_limit import Rate
from scorecast.protocol.commands import Ping, Pong, Refresh, Subscribe, Unsubscribe
from scorecast.protocol.errors import TOKEN_EXPIRED, CloseReason, Code, Rejection
from scorecast.protocol.limits import LAST_SEEN_WRITE_SECONDS
from scorecast.protocol.parsing import Malformed, Request
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count, log


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The connection a message came from, and when API Gateway received it.

    `request_id` is the same when the very same message is processed again.
    """

    connection_id: str
    user_id: str | None
    ip_hash: str
    request_id: str
    received_at_ms: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The connection is closed, or has just been disconnected: no reply is possible."""


CLOSED: Final = Closed()

type Session = Connection | Rejection | Closed


@dataclass(frozen=True, slots=True)
class SessionChecks:
    rate_limiter: RateLimiter
    connections: Connections
    disconnector: Disconnector
    system: System
    user_rate: Rate
    ip_rate: Rate
    message_bytes_max: int

    def limit_size(self, message: str, sender: Sender) -> Closed | None:
        """Disconnect the sender of an oversized message, since it would repeat the message."""
        if len(message.encode(errors="surrogatepass")) <= self.message_bytes_max:
            return None
        count(MessagesTooLarge=1)
        rejection = Rejection(Code.PAYLOAD_TOO_LARGE, "The message is too large.")
        self.disconnector.disconnect(
            sender.connection_id, CloseReason.PAYLOAD_TOO_LARGE, rejection=rejection
        )
        return CLOSED

    def open_session(self, request: Request | Malformed, sender: Sender) -> Session:
        """Count the message against its sender's rate limit and read its connection.

        A `pong` answers the server's ping. It costs the one write that records it, and counts
        against the limit only if another sign of life was recorded moments ago.
        """
        if isinstance(request, Request) and isinstance(request.command, Pong):
            touched = self.connections.touch(sender.connection_id)
            if touched is not None:
                return touched
        rejection = self._acquire(request, sender)
        if rejection is not None:
            return self._reject_limited(sender, rejection)
        connection = self.connections.get(sender.connection_id)
        if connection is None or connection.closed:
            self.disconnector.gateway.close(sender.connection_id)
            return CLOSED
        return connection

    def _acquire(self, request: Request | Malformed, sender: Sender) -> Rejection | None:
        """Charge the user, or the address of a client without one.

        An address is shared: charging it for users would let one neighbour silence another.
        """
        if sender.user_id is None:
            limited = self.rate_limiter.acquire_for_ip(sender.ip_hash, self.ip_rate)
            return _rejection(Code.IP_RATE_LIMIT_EXCEEDED, limited)
        limited = self.rate_limiter.acquire_for_user(sender.user_id, self.user_rate)
        if limited is not None and _is_report(request):
            # The same user's pings, or another tab, must not block its scores.
            limited = self.rate_limiter.acquire_reserve(sender.user_id)
        return _rejection(Code.MESSAGE_RATE_LIMIT_EXCEEDED, limited)

    def _reject_limited(self, sender: Sender, rejection: Rejection) -> Rejection | Closed:
        count(MessagesRateLimited=1)
        if not self.rate_limiter.count_refusal(sender.connection_id):
            return rejection
        count(AbuseCloses=1)
        wait_ms = self.rate_limiter.penalize(sender.user_id, sender.ip_hash)
        log().warning("disconnected for abuse", extra=pseudonyms(sender.user_id, sender.ip_hash))
        self.disconnector.disconnect(
            sender.connection_id,
            CloseReason.RATE_LIMIT_EXCEEDED,
            rejection=rejection,
            retry_after_ms=wait_ms,
        )
        return CLOSED

    def authorize(
        self, request: Request | Malformed, connection: Connection
    ) -> Rejection | Closed | None:
        """Record that the client is alive, and reject what it may not ask any more.

        An expired token still allows `refresh`, and an old connection everything but pings.
        """
        now_ms = self.system.now_ms()
        if now_ms - connection.last_seen_ms >= LAST_SEEN_WRITE_SECONDS * 1_000:
            self.connections.touch(connection.id)
        if isinstance(request, Request) and isinstance(request.command, Refresh):
            return None
        expires_at_ms = connection.identity.expires_at_ms
        if expires_at_ms is not None and now_ms >= expires_at_ms:
            return self._reject_expired(connection, now_ms)
        if isinstance(request, Malformed):
            count(MessagesMalformed=1)
            return request.rejection
        if isinstance(request.command, Ping | Pong):
            return self._drain_if_old(connection, now_ms)
        return self._limit_subscriptions(request, connection)

    def _limit_subscriptions(self, request: Request, connection: Connection) -> Rejection | None:
        """Joins cost more than other messages: each may change a count that is sent to a whole
        room."""
        if not isinstance(request.command, Subscribe):
            return None
        user_id = connection.identity.user_id
        limited = self.rate_limiter.acquire_subscription(user_id, connection.ip_hash)
        code = Code.MESSAGE_RATE_LIMIT_EXCEEDED if user_id else Code.IP_RATE_LIMIT_EXCEEDED
        return _rejection(code, limited)

    def _reject_expired(self, connection: Connection, now_ms: int) -> Rejection | Closed:
        """Notify the client once that the token has expired, and disconnect it when the time to
        refresh is over."""
        action = token_action(
            connection.identity.expires_at_ms, connection.expiry_notified_at_ms, now_ms=now_ms
        )
        if action is IdleAction.END_EXPIRED:
            self.disconnector.disconnect(connection.id, CloseReason.TOKEN_EXPIRED)
            return CLOSED
        if action is IdleAction.NOTIFY_EXPIRY:
            self.connections.note_expiry_notified(connection.id)
        return TOKEN_EXPIRED

    def _drain_if_old(self, connection: Connection, now_ms: int) -> Closed | None:
        """Disconnect ahead of API Gateway's cut, on a message that asks for nothing.

        The sweep does so for quiet connections; this is for those that never are.
        """
        if now_ms < drain_at_ms(connection.id, connection.connected_at_ms):
            return None
        retry_after_ms = reconnect_delay_ms(1, connects_per_second=1, jitter=self.system.random())
        self.disconnector.disconnect(
            connection.id, CloseReason.MAX_DURATION, retry_after_ms=retry_after_ms
        )
        return CLOSED


def _is_report(request: Request | Malformed) -> bool:
    """Whether it is about a match's course, rather than about watching."""
    watching = Ping | Pong | Refresh | Subscribe | Unsubscribe
    return isinstance(request, Request) and not isinstance(request.command, watching)


def _rejection(code: Code, limited: RateLimited | None) -> Rejection | None:
    if limited is None:
        return None
    return Rejection(code, "Too many messages; this one was dropped.", limited.retry_after_ms)
