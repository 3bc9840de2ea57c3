"""One frame in, at most one answer out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from scorecast.app.disconnect import Farewell
from scorecast.app.error_boundary import internal_error
from scorecast.app.report import Reporting
from scorecast.app.subscribe import Watching
from scorecast.aws.dynamodb.connections import Registry
from scorecast.aws.dynamodb.memberships import Memberships
from scorecast.aws.dynamodb.rate_limits import Allowances, Overspent
from scorecast.domain.connections.admission import Connection
from scorecast.domain.connections.identity import BadToken, Identity
from scorecast.domain.connections.idle import Care, care_for_token, drain_at_ms, spread_ms
from scorecast.domain.connections.rate_limit import Rate
from scorecast.domain.rooms import ConnectionClosed, Room, room_of
from scorecast.protocol import messages
from scorecast.protocol.commands import Ping, Pong, Refresh, Subscribe, Unsubscribe
from scorecast.protocol.errors import TOKEN_EXPIRED, Code, Goodbye, Refused
from scorecast.protocol.limits import LIFE_WRITE_SECONDS
from scorecast.protocol.messages import Malformed, Request
from scorecast.runtime.system import Clock
from scorecast.runtime.telemetry import count, failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who sent a frame, and when API Gateway received it. `request_id` names the frame."""

    connection_id: str
    user_id: str | None
    ip_hash: str
    request_id: str
    received_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    allowances: Allowances
    registry: Registry
    memberships: Memberships
    watching: Watching
    reporting: Reporting
    farewell: Farewell
    verify: Callable[[str], Identity | BadToken]
    clock: Clock
    user_rate: Rate
    ip_rate: Rate
    frame_bytes_max: int

    def answer(self, frame: str, speaker: Speaker) -> str | None:
        """The answer to one frame; None if it wants none, or if the connection ends with it.

        The allowance is spent before anything is read, so that a refused frame costs no more
        than the writes that refuse it. A `pong` costs the one write that notes it.
        """
        if len(frame.encode(errors="surrogatepass")) > self.frame_bytes_max:
            self._end_oversized(speaker)
            return None
        request = messages.parse(frame)
        connection = None
        if isinstance(request, Request) and isinstance(request.command, Pong):
            connection = self.registry.touch(speaker.connection_id)
        if connection is None:
            over = self._overspent(speaker)
            if over is not None:
                return self._refuse_frame(speaker, *over)
            connection = self.registry.get(speaker.connection_id)
        try:
            return self._attend(request, connection, speaker)
        except Exception as error:
            failed("command failed", error, correlation_id=speaker.request_id)
            return internal_error(speaker.request_id, request.id)

    def _end_oversized(self, speaker: Speaker) -> None:
        """An oversized frame ends its connection: who sends one will send it again."""
        count(FramesTooLarge=1)
        refused = Refused(Code.PAYLOAD_TOO_LARGE, "The frame is too large.")
        self.farewell.say(speaker.connection_id, Goodbye.PAYLOAD_TOO_LARGE, refused=refused)

    def _overspent(self, speaker: Speaker) -> tuple[Code, Overspent] | None:
        """Which allowance a frame is over, if any; the user's is spent first."""
        code, over = Code.MESSAGE_RATE_LIMIT_EXCEEDED, None
        if speaker.user_id is not None:
            over = self.allowances.spend_of_user(speaker.user_id, self.user_rate)
        if over is None:
            code = Code.IP_RATE_LIMIT_EXCEEDED
            over = self.allowances.spend_of_ip(speaker.ip_hash, self.ip_rate)
        return None if over is None else (code, over)

    def _refuse_frame(self, speaker: Speaker, code: Code, over: Overspent) -> str | None:
        count(FramesOverLimit=1)
        refused = Refused(code, "Too many frames; this one was dropped.", over.retry_after_ms)
        if not over.is_abuse:
            return messages.error(refused)
        count(AbuseCloses=1)
        self.farewell.say(
            speaker.connection_id,
            Goodbye.RATE_LIMIT_EXCEEDED,
            refused=refused,
            retry_after_ms=over.retry_after_ms,
        )
        return None

    def _attend(
        self, request: Request | Malformed, connection: Connection | None, speaker: Speaker
    ) -> str | None:
        """Obey, unless the connection is closed or its token has expired."""
        if connection is None or connection.closed:
            self.farewell.gateway.close(speaker.connection_id)
            return None
        now_ms = self.clock.now_ms()
        if now_ms - connection.last_seen_ms >= LIFE_WRITE_SECONDS * 1_000:
            self.registry.touch(connection.id)
        if isinstance(request, Request) and isinstance(request.command, Refresh):
            return self._refresh(request.command, request, connection)
        expires_at_ms = connection.identity.expires_at_ms
        if expires_at_ms is not None and now_ms >= expires_at_ms:
            return self._expired(connection, request.id, now_ms)
        if isinstance(request, Malformed):
            count(FramesMalformed=1)
            return messages.error(request.refused, request.id)
        return self._obey(request, connection, speaker)

    def _expired(self, connection: Connection, frame_id: str | None, now_ms: int) -> str | None:
        """Told once that the token has expired, the client has its grace for a `refresh`."""
        care = care_for_token(
            connection.identity.expires_at_ms, connection.expiry_told_at_ms, now_ms=now_ms
        )
        if care is Care.END_EXPIRED:
            self.farewell.say(connection.id, Goodbye.TOKEN_EXPIRED)
            return None
        if care is Care.TELL_EXPIRY:
            self.registry.note_expiry_told(connection.id)
        return messages.error(TOKEN_EXPIRED, frame_id)

    def _refresh(self, command: Refresh, request: Request, connection: Connection) -> str | None:
        verified = self.verify(command.token)
        if isinstance(verified, BadToken) or verified.user_id != connection.identity.user_id:
            refused = Refused(Code.FORBIDDEN, "A valid token of the same user is required.")
            return messages.error(refused, request.id)
        if not self.registry.renew(connection.id, verified):
            return None
        return _reply("refreshed", {"expires_at": verified.expires_at_ms}, request.id)

    def _obey(self, request: Request, connection: Connection, speaker: Speaker) -> str | None:
        command = request.command
        match command:
            case Refresh():
                return None
            case Pong():
                self._is_old(connection, self.clock.now_ms())
                return None
            case Ping():
                now_ms = self.clock.now_ms()
                if self._is_old(connection, now_ms):
                    return None
                return messages.pong(command.timestamp, now_ms=now_ms, frame_id=request.id)
            case Subscribe():
                return self._subscribe(command, request, connection)
            case Unsubscribe():
                return self._unsubscribe(command, request, connection)
        outcome = self.reporting.obey(
            command,
            connection.identity,
            command_id=speaker.request_id,
            received_at_ms=speaker.received_at_ms,
        )
        return _reply("accepted", outcome, request.id)

    def _is_old(self, connection: Connection, now_ms: int) -> bool:
        """End a connection that is near API Gateway's cut, on a frame that asks for nothing.

        The sweep ends the quiet ones; this is for those that never are.
        """
        if now_ms < drain_at_ms(connection.id, connection.connected_at_ms):
            return False
        retry_after_ms = spread_ms(1, connects_per_second=1, lot=self.clock.random())
        self.farewell.say(connection.id, Goodbye.MAX_DURATION, retry_after_ms=retry_after_ms)
        return True

    def _subscribe(
        self, command: Subscribe, request: Request, connection: Connection
    ) -> str | None:
        room = _room(command)
        entered = self.watching.enter(connection, room)
        if isinstance(entered, ConnectionClosed):
            return None
        if isinstance(entered, Refused):
            return messages.error(entered, request.id)
        recovery = self.watching.recover(room, command.since, entered.view)
        return _reply("subscribed", entered.data() | recovery, request.id)

    def _unsubscribe(self, command: Unsubscribe, request: Request, connection: Connection) -> str:
        room = _room(command)
        self.memberships.leave(connection, room)
        data = {"match_id": room.match_id, "tournament_id": room.tournament_id}
        return _reply("unsubscribed", data, request.id)


def _room(command: Subscribe | Unsubscribe) -> Room:
    room = room_of(command.match_id, command.tournament_id)
    assert room is not None  # the parser demands exactly one id
    return room


def _reply(kind: str, outcome: dict[str, Any] | Refused, frame_id: str | None) -> str:
    if isinstance(outcome, Refused):
        return messages.error(outcome, frame_id)
    return messages.frame(kind, frame_id=frame_id, data=outcome)
