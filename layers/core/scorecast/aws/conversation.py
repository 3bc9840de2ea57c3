"""One frame in, at most one answer out."""

from dataclasses import dataclass
from typing import Any

from scorecast import protocol
from scorecast.allowance import OverLimit, Rate
from scorecast.aws.allowances import Allowances
from scorecast.aws.clock import Clock
from scorecast.aws.last_resort import internal_error
from scorecast.aws.memberships import Memberships
from scorecast.aws.registry import Registry
from scorecast.aws.reporting import Reporting
from scorecast.aws.telemetry import count, log
from scorecast.aws.watching import Watching
from scorecast.commands import Ping, Pong, Refresh, Subscribe, Unsubscribe
from scorecast.errors import Code, Refused
from scorecast.identity import Identity
from scorecast.protocol import Malformed, Request
from scorecast.rooms import ConnectionClosed, Room, room_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who sent a frame, as API Gateway tells with every frame."""

    connection_id: str
    identity: Identity
    ip_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    allowances: Allowances
    registry: Registry
    memberships: Memberships
    watching: Watching
    reporting: Reporting
    clock: Clock
    user_rate: Rate
    ip_rate: Rate

    def answer(
        self, frame: str, speaker: Speaker, *, request_id: str, received_at_ms: int
    ) -> str | None:
        """The answer to one frame; None if it wants none.

        The allowance is spent first, so that a refused frame costs the writes that refuse it.
        """
        over = self._over_limit(speaker)
        if over is not None:
            count(FramesRefusedByRate=1)
            return protocol.error(over)
        request = protocol.parse(frame)
        if isinstance(request, Malformed):
            count(FramesMalformed=1)
            return protocol.error(request.refused, request.id)
        try:
            return self._obey(request, speaker, request_id, received_at_ms)
        except Exception:
            log().exception("command failed", extra={"correlation_id": request_id})
            return internal_error(request_id, request.id)

    def _over_limit(self, speaker: Speaker) -> Refused | None:
        user_id = speaker.identity.user_id
        over = self.allowances.spend_of_user(user_id, self.user_rate) if user_id else None
        if over is not None:
            return _too_fast(Code.MESSAGE_RATE_LIMIT_EXCEEDED, over)
        over = self.allowances.spend_of_ip(speaker.ip_hash, self.ip_rate)
        return _too_fast(Code.IP_RATE_LIMIT_EXCEEDED, over) if over is not None else None

    def _obey(
        self, request: Request, speaker: Speaker, request_id: str, received_at_ms: int
    ) -> str | None:
        command = request.command
        match command:
            case Pong():
                return None
            case Ping():
                now_ms = self.clock.now_ms()
                return protocol.pong(command.timestamp, now_ms=now_ms, frame_id=request.id)
            case Subscribe():
                return self._subscribe(command, request, speaker)
            case Unsubscribe():
                return self._unsubscribe(command, request, speaker)
            case Refresh():
                refused = Refused(Code.FORBIDDEN, "Tokens are not refreshed on this connection.")
                return protocol.error(refused, request.id)
        outcome = self.reporting.obey(
            command, speaker.identity, command_id=request_id, received_at_ms=received_at_ms
        )
        return _reply("accepted", outcome, request.id)

    def _subscribe(self, command: Subscribe, request: Request, speaker: Speaker) -> str | None:
        room = _room(command)
        connection = self.registry.get(speaker.connection_id)
        if connection is None or connection.closed:
            return None
        entered = self.watching.enter(connection, room)
        if isinstance(entered, ConnectionClosed):
            return None
        if isinstance(entered, Refused):
            return protocol.error(entered, request.id)
        if command.since is not None:
            entered = entered | self.watching.recover(room, command.since, entered)
        return _reply("subscribed", entered, request.id)

    def _unsubscribe(self, command: Unsubscribe, request: Request, speaker: Speaker) -> str:
        room = _room(command)
        connection = self.registry.get(speaker.connection_id)
        if connection is not None:
            self.memberships.leave(connection, room)
        data = {"match_id": room.match_id, "tournament_id": room.tournament_id}
        return _reply("unsubscribed", data, request.id)


def _room(command: Subscribe | Unsubscribe) -> Room:
    room = room_of(command.match_id, command.tournament_id)
    assert room is not None  # the parser demands exactly one id
    return room


def _too_fast(code: Code, over: OverLimit) -> Refused:
    return Refused(code, "Too many frames; this one was dropped.", over.retry_after_ms)


def _reply(kind: str, outcome: dict[str, Any] | Refused, frame_id: str | None) -> str:
    if isinstance(outcome, Refused):
        return protocol.error(outcome, frame_id)
    return protocol.frame(kind, frame_id=frame_id, data=outcome)
