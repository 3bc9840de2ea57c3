"""One socket of a test: what it says, and every frame that it receives, in order."""

import itertools
import json
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

Frame = dict[str, Any]

RECEIVE_SECONDS_MAX: Final = 60
"""How long a test waits for a frame. A function that starts cold on a busy machine needs some."""
BESIDE_THE_POINT: Final = frozenset({"ping", "viewers", "match_registered"})
"""Frames that may come at any time."""


@dataclass(frozen=True)
class Received:
    """A text frame as it came, and the number of the client that received it."""

    client: int
    text: str


class Client:
    """Keeps answers and other frames apart, and each of the two in its order."""

    _numbers = itertools.count(1)

    def __init__(self, socket: ClientConnection, received: list[Received]) -> None:
        self.established: Frame = {}
        """The data of `connection_established`, for a client that was let in."""
        self._socket = socket
        self._received = received
        self._number = next(self._numbers)
        self._ids = itertools.count(1)
        self._unread: deque[Frame] = deque()

    @property
    def connection_id(self) -> str:
        return str(self.established["connection_id"])

    def send_text(self, text: str) -> None:
        self._socket.send(text)

    def send(self, command: str, **fields: Any) -> str:
        """Send a command without waiting; `answer` takes the id that this returns."""
        ident = f"{command}-{next(self._ids)}"
        self.send_text(json.dumps({"type": command, "id": ident, **fields}))
        return ident

    def send_score(self, match_id: str, first: int, second: int) -> str:
        scores = {"participant1_score": first, "participant2_score": second}
        return self.send("score_update", match_id=match_id, **scores)

    def answer(self, ident: str) -> Frame:
        return self._take(lambda message: message.get("id") == ident)

    def ask(self, command: str, **fields: Any) -> Frame:
        return self.answer(self.send(command, **fields))

    def command(self, command: str, match_id: str, **fields: Any) -> Frame:
        """Have a command to a match accepted; returns the data of the answer."""
        return accepted(self.ask(command, match_id=match_id, **fields))

    def report(self, match_id: str, first: int, second: int) -> Frame:
        """Have a score accepted; returns the data of the answer."""
        return accepted(self.answer(self.send_score(match_id, first, second)))

    def next_frame(self, *, seconds_max: float = RECEIVE_SECONDS_MAX) -> Frame:
        """The next frame that answers nothing that was sent with an id."""
        return self._take(_answers_nothing, seconds_max=seconds_max)

    def receive(self, kind: str) -> Frame:
        """The next frame, which must be of this type; returns its data."""
        message = self.next_frame()
        assert message["type"] == kind, message
        return dict(message["data"])

    def received_within(self, seconds: float) -> Frame | None:
        try:
            return self.next_frame(seconds_max=seconds)
        except TimeoutError:
            return None

    def refusal(self) -> Frame:
        """The next frame, which must be an error."""
        message = self.next_frame()
        assert message["type"] == "error", message
        return message

    def close_code(self) -> int:
        """Wait for the server to close, with nothing more to say."""
        with pytest.raises(ConnectionClosed) as closed:
            self._take(_answers_nothing)
        assert closed.value.rcvd is not None
        return int(closed.value.rcvd.code)

    def close(self) -> None:
        self._socket.close()

    def _take(
        self, wanted: Callable[[Frame], bool], *, seconds_max: float = RECEIVE_SECONDS_MAX
    ) -> Frame:
        for message in self._unread:
            if wanted(message):
                self._unread.remove(message)
                return message
        deadline = time.monotonic() + seconds_max
        while not wanted(message := self._receive(deadline)):
            self._unread.append(message)
        return message

    def _receive(self, deadline: float) -> Frame:
        text = self._socket.recv(timeout=max(0.0, deadline - time.monotonic()))
        assert isinstance(text, str)
        self._received.append(Received(self._number, text))
        message = json.loads(text)
        assert isinstance(message, dict) and isinstance(message.get("type"), str), text
        return message


def accepted(answer: Frame) -> Frame:
    assert answer["type"] == "accepted", answer
    return dict(answer["data"])


def _answers_nothing(message: Frame) -> bool:
    return "id" not in message and message["type"] not in BESIDE_THE_POINT
