"""One message in, at most one reply out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from scorecast.app.disconnect import Disconnector
from scorecast.app.error_boundary import internal_error
from scorecast.app.report import MatchCommands
from scorecast.app.session_checks import Closed, Sender, SessionChecks
from scorecast.app.subscribe import Subscriptions
from scorecast.aws.dynamodb.connections import Connections
from scorecast.aws.dynamodb.memberships import Memberships
from scorecast.aws.dynamodb.restrictions import Restrictions
from scorecast.domain.connections.admission import Connection
from scorecast.domain.connections.identity import BadToken, Identity
from scorecast.domain.rooms import ConnectionClosed, Room, room_of
from scorecast.protocol import messages
from scorecast.protocol.commands import Ping, Pong, Refresh, Subscribe, Unsubscribe
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.parsing import Malformed, Request, parse
from scorecast.protocol.replies import RefreshedData, SubscribedData, UnsubscribedData
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import failed


@dataclass(frozen=True, slots=True)
class Dispatcher:
    session_checks: SessionChecks
    connections: Connections
    restrictions: Restrictions
    memberships: Memberships
    subscriptions: Subscriptions
    match_commands: MatchCommands
    disconnector: Disconnector
    verify: Callable[[str], Identity | BadToken]
    system: System

    def dispatch(self, message: str, sender: Sender) -> str | None:
        """The reply to one message; None if it has none, or if the connection ends with it."""
        if self.session_checks.limit_size(message, sender) is not None:
            return None
        request = parse(message)
        try:
            return self._open(request, sender)
        except Exception as error:
            failed("command failed", error)
            return internal_error(request.id)

    def _open(self, request: Request | Malformed, sender: Sender) -> str | None:
        session = self.session_checks.open_session(request, sender)
        match session:
            case Closed():
                return None
            case Rejection():
                # The client is over its limit: nothing of its message is read, not even the id.
                return messages.error(session)
            case Connection():
                return self._authorize(request, session, sender)

    def _authorize(
        self, request: Request | Malformed, connection: Connection, sender: Sender
    ) -> str | None:
        rejection = self.session_checks.authorize(request, connection)
        if isinstance(rejection, Closed):
            return None
        if rejection is not None:
            return messages.error(rejection, request.id)
        assert isinstance(request, Request)  # a malformed one is rejected
        return self._execute(request, connection, sender)

    def _execute(self, request: Request, connection: Connection, sender: Sender) -> str | None:
        command = request.command
        match command:
            case Pong():
                return None
            case Ping():
                now_ms = self.system.now_ms()
                return messages.pong(command.timestamp, now_ms=now_ms, message_id=request.id)
            case Refresh():
                return self._refresh(command, request, connection)
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
        if isinstance(outcome, Rejection):
            return self._refuse(outcome, request, connection)
        return _reply("accepted", outcome, request.id)

    def _refuse(self, rejection: Rejection, request: Request, connection: Connection) -> str | None:
        """Reject a command; a client of a tournament that has moved is redirected."""
        if rejection.code is not Code.MOVED:
            return messages.error(rejection, request.id)
        self.disconnector.send_after(connection.id, rejection, request.id)
        return None

    def _refresh(self, command: Refresh, request: Request, connection: Connection) -> str | None:
        verified = self.verify(command.token)
        is_bad = isinstance(verified, BadToken) or verified.user_id != connection.identity.user_id
        if isinstance(verified, BadToken) or is_bad or self.restrictions.of_token(verified):
            rejection = Rejection(Code.FORBIDDEN, "A valid token of the same user is required.")
            return messages.error(rejection, request.id)
        if not self.connections.renew(connection.id, verified):
            return None
        # a valid token always expires
        data: RefreshedData = {"expires_at": cast(int, verified.expires_at_ms)}
        return _reply("refreshed", data, request.id)

    def _subscribe(
        self, command: Subscribe, request: Request, connection: Connection
    ) -> str | None:
        room = _room(command)
        subscribed = self.subscriptions.subscribe(connection, room)
        if isinstance(subscribed, ConnectionClosed):
            return None
        if isinstance(subscribed, Rejection):
            return self._refuse(subscribed, request, connection)
        recovery = self.subscriptions.recover(room, command.since, subscribed.state)
        data: SubscribedData = {**subscribed.data(), **recovery}
        return _reply("subscribed", data, request.id)

    def _unsubscribe(self, command: Unsubscribe, request: Request, connection: Connection) -> str:
        room = _room(command)
        self.memberships.leave(connection, room)
        data: UnsubscribedData = {"match_id": room.match_id, "tournament_id": room.tournament_id}
        return _reply("unsubscribed", data, request.id)


def _room(command: Subscribe | Unsubscribe) -> Room:
    room = room_of(command.match_id, command.tournament_id)
    assert room is not None  # the parser demands exactly one id
    return room


def _reply(kind: str, outcome: Mapping[str, object] | Rejection, message_id: str | None) -> str:
    if isinstance(outcome, Rejection):
        return messages.error(outcome, message_id)
    return messages.message(kind, message_id=message_id, data=outcome)
