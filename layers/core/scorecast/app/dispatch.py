"""One frame in, at most one answer out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scorecast.app.disconnect import Disconnector
from scorecast.app.error_boundary import internal_error
from scorecast.app.report import MatchCommands
from scorecast.app.subscribe import Subscriptions
from scorecast.aws.dynamodb.connections import Registry
from scorecast.aws.dynamodb.memberships import Memberships
from scorecast.aws.dynamodb.rate_limits import RateLimited, RateLimiter
from scorecast.domain.connections.admission import Connection
from scorecast.domain.connections.identity import BadToken, Identity
from scorecast.domain.connections.idle import (
    IdleAction,
    drain_at_ms,
    reconnect_delay_ms,
    token_action,
)
from scorecast.domain.connections.rate_limit import Rate
from scorecast.domain.rooms import ConnectionClosed, Room, room_of
from scorecast.protocol import messages
from scorecast.protocol.commands import Ping, Pong, Refresh, Subscribe, Unsubscribe
from scorecast.protocol.errors import TOKEN_EXPIRED, CloseReason, Code, Rejection
from scorecast.protocol.limits import LAST_SEEN_WRITE_SECONDS
from scorecast.protocol.parsing import Malformed, Request, parse
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count, failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who sent a frame, and when API Gateway received it. `request_id` names the frame."""

    connection_id: str
    user_id: str | None
    ip_hash: str
    request_id: str
    received_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatcher:
    rate_limiter: RateLimiter
    registry: Registry
    memberships: Memberships
    subscriptions: Subscriptions
    match_commands: MatchCommands
    disconnector: Disconnector
    verify: Callable[[str], Identity | BadToken]
    system: System
    user_rate: Rate
    ip_rate: Rate
    message_bytes_max: int

    def answer(self, message: str, sender: Sender) -> str | None:
        """The answer to one frame; None if it wants none, or if the connection ends with it.

        The allowance is spent before anything is read, so that a refused frame costs no more
        than the writes that refuse it. A `pong` costs the one write that notes it.
        """
        if len(message.encode(errors="surrogatepass")) > self.message_bytes_max:
            self._end_oversized(sender)
            return None
        request = parse(message)
        connection = None
        if isinstance(request, Request) and isinstance(request.command, Pong):
            connection = self.registry.touch(sender.connection_id)
        if connection is None:
            over = self._rate_limited(sender)
            if over is not None:
                return self._refuse_message(sender, *over)
            connection = self.registry.get(sender.connection_id)
        try:
            return self._authorize(request, connection, sender)
        except Exception as error:
            failed("command failed", error, correlation_id=sender.request_id)
            return internal_error(sender.request_id, request.id)

    def _end_oversized(self, sender: Sender) -> None:
        """An oversized frame ends its connection: who sends one will send it again."""
        count(MessagesTooLarge=1)
        refused = Rejection(Code.PAYLOAD_TOO_LARGE, "The frame is too large.")
        self.disconnector.disconnect(
            sender.connection_id, CloseReason.PAYLOAD_TOO_LARGE, refused=refused
        )

    def _rate_limited(self, sender: Sender) -> tuple[Code, RateLimited] | None:
        """Which allowance a frame is over, if any; the user's is spent first."""
        code, over = Code.MESSAGE_RATE_LIMIT_EXCEEDED, None
        if sender.user_id is not None:
            over = self.rate_limiter.acquire_for_user(sender.user_id, self.user_rate)
        if over is None:
            code = Code.IP_RATE_LIMIT_EXCEEDED
            over = self.rate_limiter.acquire_for_ip(sender.ip_hash, self.ip_rate)
        return None if over is None else (code, over)

    def _refuse_message(self, sender: Sender, code: Code, over: RateLimited) -> str | None:
        count(MessagesRateLimited=1)
        refused = Rejection(code, "Too many frames; this one was dropped.", over.retry_after_ms)
        if not over.is_abuse:
            return messages.error(refused)
        count(AbuseCloses=1)
        self.disconnector.disconnect(
            sender.connection_id,
            CloseReason.RATE_LIMIT_EXCEEDED,
            refused=refused,
            retry_after_ms=over.retry_after_ms,
        )
        return None

    def _authorize(
        self, request: Request | Malformed, connection: Connection | None, sender: Sender
    ) -> str | None:
        """Obey, unless the connection is closed or its token has expired."""
        if connection is None or connection.closed:
            self.disconnector.gateway.close(sender.connection_id)
            return None
        now_ms = self.system.now_ms()
        if now_ms - connection.last_seen_ms >= LAST_SEEN_WRITE_SECONDS * 1_000:
            self.registry.touch(connection.id)
        if isinstance(request, Request) and isinstance(request.command, Refresh):
            return self._refresh(request.command, request, connection)
        expires_at_ms = connection.identity.expires_at_ms
        if expires_at_ms is not None and now_ms >= expires_at_ms:
            return self._expired(connection, request.id, now_ms)
        if isinstance(request, Malformed):
            count(MessagesMalformed=1)
            return messages.error(request.rejection, request.id)
        return self._execute(request, connection, sender)

    def _expired(self, connection: Connection, message_id: str | None, now_ms: int) -> str | None:
        """Told once that the token has expired, the client has its grace for a `refresh`."""
        action = token_action(
            connection.identity.expires_at_ms, connection.expiry_notified_at_ms, now_ms=now_ms
        )
        if action is IdleAction.END_EXPIRED:
            self.disconnector.disconnect(connection.id, CloseReason.TOKEN_EXPIRED)
            return None
        if action is IdleAction.TELL_EXPIRY:
            self.registry.note_expiry_notified(connection.id)
        return messages.error(TOKEN_EXPIRED, message_id)

    def _refresh(self, command: Refresh, request: Request, connection: Connection) -> str | None:
        verified = self.verify(command.token)
        if isinstance(verified, BadToken) or verified.user_id != connection.identity.user_id:
            refused = Rejection(Code.FORBIDDEN, "A valid token of the same user is required.")
            return messages.error(refused, request.id)
        if not self.registry.renew(connection.id, verified):
            return None
        return _reply("refreshed", {"expires_at": verified.expires_at_ms}, request.id)

    def _execute(self, request: Request, connection: Connection, sender: Sender) -> str | None:
        command = request.command
        match command:
            case Refresh():
                return None
            case Pong():
                self._is_old(connection, self.system.now_ms())
                return None
            case Ping():
                now_ms = self.system.now_ms()
                if self._is_old(connection, now_ms):
                    return None
                return messages.pong(command.timestamp, now_ms=now_ms, message_id=request.id)
            case Subscribe():
                return self._subscribe(command, request, connection)
            case Unsubscribe():
                return self._unsubscribe(command, request, connection)
        outcome = self.match_commands.execute(
            command,
            connection.identity,
            command_id=sender.request_id,
            received_at_ms=sender.received_at_ms,
        )
        return _reply("accepted", outcome, request.id)

    def _is_old(self, connection: Connection, now_ms: int) -> bool:
        """End a connection that is near API Gateway's cut, on a frame that asks for nothing.

        The sweep ends the quiet ones; this is for those that never are.
        """
        if now_ms < drain_at_ms(connection.id, connection.connected_at_ms):
            return False
        retry_after_ms = reconnect_delay_ms(1, connects_per_second=1, jitter=self.system.random())
        self.disconnector.disconnect(
            connection.id, CloseReason.MAX_DURATION, retry_after_ms=retry_after_ms
        )
        return True

    def _subscribe(
        self, command: Subscribe, request: Request, connection: Connection
    ) -> str | None:
        room = _room(command)
        subscribed = self.subscriptions.enter(connection, room)
        if isinstance(subscribed, ConnectionClosed):
            return None
        if isinstance(subscribed, Rejection):
            return messages.error(subscribed, request.id)
        recovery = self.subscriptions.recover(room, command.since, subscribed.view)
        return _reply("subscribed", subscribed.data() | recovery, request.id)

    def _unsubscribe(self, command: Unsubscribe, request: Request, connection: Connection) -> str:
        room = _room(command)
        self.memberships.leave(connection, room)
        data = {"match_id": room.match_id, "tournament_id": room.tournament_id}
        return _reply("unsubscribed", data, request.id)


def _room(command: Subscribe | Unsubscribe) -> Room:
    room = room_of(command.match_id, command.tournament_id)
    assert room is not None  # the parser demands exactly one id
    return room


def _reply(kind: str, outcome: dict[str, Any] | Rejection, message_id: str | None) -> str:
    if isinstance(outcome, Rejection):
        return messages.error(outcome, message_id)
    return messages.message(kind, message_id=message_id, data=outcome)
