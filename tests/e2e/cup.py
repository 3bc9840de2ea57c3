"""A tournament of one test's own, and the people at it."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from websockets.sync.client import connect

from scorecast_client.publisher import Publisher
from scorecast_client.stack import Stack
from tests.e2e.client import RECEIVE_SECONDS_MAX, Client, Received
from tests.e2e.deployed import unique

KICK_OFF: Final = datetime(2026, 6, 11, 19, tzinfo=UTC)
LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True)
class Pairing:
    """A registered match, and the user ids of the two who play it."""

    id: str
    first: str
    second: str


class Cup:
    def __init__(
        self, stack: Stack, publisher: Publisher, *, sockets: ExitStack, received: list[Received]
    ) -> None:
        self.id = unique("cup")
        self.organizer = unique("organizer")
        self._stack = stack
        self._publisher = publisher
        self._sockets = sockets
        self._received = received
        publisher.put_tournament(self.id, name="A cup", organizers=[self.organizer])

    def new_match(self) -> Pairing:
        pairing = Pairing(unique("match"), unique("first"), unique("second"))
        self._publisher.put_match(
            pairing.id,
            tournament_id=self.id,
            participants=[(pairing.first, "The first"), (pairing.second, "The second")],
            scheduled_at=KICK_OFF,
        )
        return pairing

    def snapshot(self, match: Pairing) -> dict[str, Any]:
        """The match as the HTTP API returns it."""
        return self._publisher.match(match.id)

    def shown(self, match: Pairing) -> dict[str, Any]:
        """The match as a room is shown it: the HTTP API shows officials the reporter, too."""
        return {name: value for name, value in self.snapshot(match).items() if name != "updated_by"}

    def token(self, user_id: str, *, minutes: float = 60, **claims: Any) -> str:
        return self._stack.signer.token(user_id, now=datetime.now(UTC), minutes=minutes, **claims)

    def open(self, token: str | None, *, address: str = LOOPBACK, **query: str) -> Client:
        """Through the handshake, and no further. The query names a room."""
        named = query | ({"token": token} if token else {})
        opening = connect(
            f"{self._stack.ws_url}?{urlencode(named)}",
            proxy=None,
            open_timeout=RECEIVE_SECONDS_MAX,
            max_queue=None,
            source_address=(address, 0),
        )
        return Client(self._sockets.enter_context(opening), self._received)

    def enter(self, token: str, *, address: str = LOOPBACK, **query: str) -> Client:
        """Through the handshake, and welcomed."""
        client = self.open(token, address=address, **query)
        client.established = client.receive("connection_established")
        return client

    def official(self) -> Client:
        """The organizer, in no room."""
        return self.enter(self.token(self.organizer))

    def fan(self, match: Pairing) -> Client:
        """A spectator of one match."""
        return self.enter(self.token(unique("fan")), match_id=match.id)

    def follower(self) -> Client:
        """A spectator of the whole tournament."""
        return self.enter(self.token(unique("follower")), tournament_id=self.id)


def kick_off(official: Client, match: Pairing, *subscriptions: Client) -> None:
    """Start a match, and have everyone who watches know it."""
    official.command("match_start", match.id)
    for client in subscriptions:
        assert client.receive("match_started")["match_id"] == match.id
