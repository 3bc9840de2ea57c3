"""Welcome a new connection: wait until it is open, subscribe it to its room, send it the state."""

from dataclasses import dataclass
from typing import Final

from scorecast.app.disconnect import Disconnector
from scorecast.app.subscribe import Subscribed, Subscriptions
from scorecast.aws.dynamodb.connections import Connections
from scorecast.aws.gateway import Gateway
from scorecast.aws.sqs.welcome_queue import WelcomeRequest
from scorecast.domain.connections.admission import Connection
from scorecast.domain.connections.idle import Heartbeat
from scorecast.domain.connections.roles import role_in
from scorecast.domain.delivery import Delivery
from scorecast.domain.rooms import ConnectionClosed, Room, room_of
from scorecast.protocol import messages
from scorecast.protocol.errors import CloseReason, Code, Rejection
from scorecast.protocol.limits import HANDSHAKE_SECONDS_MAX, OPENING_POLL_MS, OPENING_WAIT_MS_MAX
from scorecast.protocol.session import ConnectionData, PlaceData, WelcomeData
from scorecast.runtime.system import System

_CLOSE_REASONS: Final = {
    Code.ROOM_FULL: CloseReason.ROOM_FULL,
    Code.TOURNAMENT_MOVING: CloseReason.SERVER_DRAIN,
}


class NotOpenYet(Exception):
    """The handshake has not ended, or the connection is being closed: SQS must deliver the record
    again."""


@dataclass(frozen=True, slots=True)
class Welcome:
    connections: Connections
    subscriptions: Subscriptions
    gateway: Gateway
    disconnector: Disconnector
    system: System
    heartbeat: Heartbeat

    def send(self, request: WelcomeRequest) -> None:
        """Welcome one connection. A repetition sends a second message and changes nothing."""
        self._await_opening(request.connection_id)
        connection = self.connections.get(request.connection_id)
        if connection is None or connection.closed:
            self.gateway.close(request.connection_id)
            return
        # Join after the connection is open: a score posted during the handshake would be lost, and
        # might not be in the snapshot either.
        room = room_of(request.match_id, request.tournament_id)
        subscribed = self._subscribe(connection, room)
        match subscribed:
            case Rejection():
                self._disconnect(connection, subscribed)
            case ConnectionClosed():
                # The Lambda that released it sends the goodbye and closes it. If that Lambda has
                # died, the redelivery closes it: no other would, and its client would wait for a
                # welcome.
                raise NotOpenYet
            case _:
                data: WelcomeData = {**self._about(connection), **subscribed}
                self._post(connection, messages.message("connection_established", data=data))

    def _disconnect(self, connection: Connection, rejection: Rejection) -> None:
        if rejection.code is Code.MOVED:
            self.disconnector.send_after(connection.id, rejection)
            return
        self.disconnector.disconnect(
            connection.id,
            _CLOSE_REASONS.get(rejection.code, CloseReason.NOT_FOUND),
            rejection=rejection,
            retry_after_ms=rejection.retry_after_ms,
        )

    def _post(self, connection: Connection, message: str) -> None:
        """Post the welcome; if it does not arrive, the record is redelivered."""
        outcome = self.gateway.post(connection.id, message.encode())
        # A retry would fail in the same way, and only repeat the join.
        if outcome in (Delivery.DELIVERED, Delivery.TOO_LARGE):
            return
        # A single 410 proves nothing: there are false ones for live connections.
        is_late = self._is_late(connection)
        if outcome is Delivery.GONE and is_late and not self.gateway.is_open(connection.id):
            return
        raise NotOpenYet

    def _await_opening(self, connection_id: str) -> None:
        """API Gateway opens a connection after `$connect` has ended; posts before that fail."""
        deadline_ms = self.system.now_ms() + OPENING_WAIT_MS_MAX
        while not self.gateway.is_open(connection_id):
            connection = self.connections.get(connection_id)
            if connection is None or connection.closed:
                return
            # An old connection has most likely closed, and its `$disconnect` was lost. Until the
            # sweep finds that out, each redelivery checks once.
            if self._is_late(connection) or self.system.now_ms() > deadline_ms:
                raise NotOpenYet
            self.system.sleep_ms(OPENING_POLL_MS)

    def _is_late(self, connection: Connection) -> bool:
        """Whether its handshake should have ended long ago."""
        age_ms = self.system.now_ms() - connection.connected_at_ms
        return age_ms > HANDSHAKE_SECONDS_MAX * 1_000

    def _subscribe(
        self, connection: Connection, room: Room | None
    ) -> PlaceData | Rejection | ConnectionClosed:
        if room is not None:
            subscribed = self.subscriptions.subscribe(connection, room)
            return {**subscribed.data()} if isinstance(subscribed, Subscribed) else subscribed
        role = role_in(connection.identity)
        return {
            "match_id": None,
            "tournament_id": None,
            "role": role,
            "is_participant": False,
            "snapshot": None,
            "sequence": 0,
            "viewers": 0,
        }

    def _about(self, connection: Connection) -> ConnectionData:
        identity = connection.identity
        return {
            "connection_id": connection.id,
            "user_id": identity.user_id,
            "username": identity.name,
            "heartbeat_interval": self.heartbeat.interval_s,
            "heartbeat_timeout": self.heartbeat.timeout_s,
            "protocol": messages.VERSION,
            "server_time": self.system.now_ms(),
            "expires_at": identity.expires_at_ms,
        }
