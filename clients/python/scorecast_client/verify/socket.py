"""One WebSocket connection of a check."""

import itertools
import json
import time
from collections.abc import Callable
from typing import Any, Final

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from scorecast_client.verify.outcome import Failed

Message = dict[str, Any]

SECONDS_MAX: Final = 30
"""How long a check waits for a message; a cold start is well within it."""


class Socket:
    def __init__(self, connection: ClientConnection, *, seconds_max: float = SECONDS_MAX) -> None:
        self.connection = connection
        self.seconds_max = seconds_max
        self._unread: list[Message] = []
        self._ids = itertools.count(1)

    def send(self, command: str, **fields: Any) -> str:
        ident = f"v{next(self._ids)}"
        self.connection.send(json.dumps({"type": command, "id": ident, **fields}))
        return ident

    def ask(self, command: str, **fields: Any) -> Message:
        """Send a command and wait for its reply, which must not be an error."""
        ident = self.send(command, **fields)
        reply = self.take(lambda message: message.get("id") == ident)
        if reply["type"] == "error":
            raise Failed(f"{command} was refused: {reply['code']}: {reply['message']}")
        return reply

    def event(self, kind: str, *, seconds_max: float | None = None) -> Message:
        """The data of the next message of this type."""
        message = self.take(lambda each: each["type"] == kind, seconds_max=seconds_max)
        return dict(message.get("data") or message)

    def take(
        self, wanted: Callable[[Message], bool], *, seconds_max: float | None = None
    ) -> Message:
        for message in self._unread:
            if wanted(message):
                self._unread.remove(message)
                return message
        deadline = time.monotonic() + (seconds_max or self.seconds_max)
        while not wanted(message := self.receive(deadline)):
            self._unread.append(message)
        return message

    def receive(self, deadline: float) -> Message:
        try:
            text = self.connection.recv(timeout=max(0.0, deadline - time.monotonic()))
        except TimeoutError as late:
            raise Failed("the message never came") from late
        if not text:
            raise Failed("an empty message came")
        return dict(json.loads(text))

    def close_code(self) -> int | None:
        """The code with which what was sent closes the connection; None if a ping is answered."""
        try:
            ident = self.send("ping")
            self.take(lambda message: message.get("id") == ident)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        return None

    def close_code_soon(self) -> int:
        """Wait until the server has closed the connection."""
        deadline = time.monotonic() + self.seconds_max
        try:
            while True:
                self._unread.append(self.receive(deadline))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006

    def received(self, *kinds: str) -> list[Message]:
        """The data of the messages of these types that no one has taken, as they came."""
        return [message["data"] for message in self._unread if message["type"] in kinds]

    def goodbye(self) -> Message:
        return self.take(lambda message: message["type"] == "goodbye")
