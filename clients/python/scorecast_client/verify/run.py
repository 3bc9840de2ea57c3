"""One verification: its tournament, its users and its open connections."""

import contextlib
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Self
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from scorecast_client.verify.outcome import Differs, Failed
from scorecast_client.verify.socket import SECONDS_MAX, Socket
from scorecast_client.verify.target import Target

SCHEDULED_AT: Final = "2030-01-01T12:00:00Z"
REQUEST_SECONDS_MAX: Final = 30
BETWEEN_LOOKS_SECONDS: Final = 0.5
SETTLES_WITHIN: Final = 2
"""Times what a message may take: for what no message announces."""
ENDED: Final = frozenset({"completed", "cancelled"})


@dataclass(frozen=True)
class Pace:
    seconds_max: float = SECONDS_MAX
    """For each message, and for what settles by itself."""
    samples: int = 30
    """Of the latency."""


class Run:
    def __init__(self, target: Target, *, pace: Pace | None = None) -> None:
        self.target = target
        self.pace = pace or Pace()
        self.id = uuid4().hex[:10]
        self.tournament_id = f"verify-{self.id}"
        self.silent: Socket | None = None
        """A connection that sends nothing, so that its silence passes during the other checks."""
        self._matches: list[str] = []
        self._is_cleaned_up = False
        self._sockets = ExitStack()
        self._silent_socket = ExitStack()
        self._http = httpx.Client(base_url=target.http_url, timeout=REQUEST_SECONDS_MAX)
        self._admin = target.token(self.user("admin"), role="admin")

    def __enter__(self) -> Self:
        self.call("PUT", f"/tournaments/{self.tournament_id}", json={"name": "Verification"})
        with contextlib.suppress(OSError, WebSocketException, Failed):  # a check will find out
            self.silent = self.enter("silent")
            self._silent_socket = self._sockets.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.close_sockets()
        self._silent_socket.close()
        with contextlib.suppress(httpx.HTTPError, Failed):  # the check of this name reports it
            if not self._is_cleaned_up:
                self.clean_up()
        self._http.close()

    @property
    def authorization(self) -> dict[str, str]:
        """An admin's."""
        return {"Authorization": f"Bearer {self._admin}"}

    def user(self, name: str) -> str:
        return f"verify-{self.id}-{name}"

    def token(self, name: str) -> str:
        return self.target.token(self.user(name))

    def new_match(self, name: str) -> str:
        match_id = f"{self.tournament_id}-{name}"
        participants = [{"id": self.user(each), "name": each} for each in ("first", "second")]
        body = {
            "tournament_id": self.tournament_id,
            "participants": participants,
            "scheduled_at": SCHEDULED_AT,
        }
        self.call("PUT", f"/matches/{match_id}", json=body)
        self._matches.append(match_id)
        return match_id

    def clean_up(self) -> str:
        """End the matches that have begun, take back the others, complete the tournament."""
        self._is_cleaned_up = True
        states = [self._end(match_id) for match_id in self._matches]
        if unended := [state for state in states if state not in ENDED | {"deleted"}]:
            raise Failed(f"matches stay {', '.join(unended)}")
        path = f"/tournaments/{self.tournament_id}"
        body = {"type": "tournament_completed", "data": {}}
        self.call("POST", f"{path}/events", json=body)
        self.request("POST", f"{path}/archive")  # where the service can
        state = self.call("GET", path).get("state")
        if state not in ("completed", "archived"):
            raise Failed(f"the tournament is {state}")
        return f"{len(states)} matches ended, and their tournament is {state}"

    def _end(self, match_id: str) -> str:
        """The state in which it is left."""
        path = f"/matches/{match_id}"
        if self.request("DELETE", path).is_success:
            return "deleted"
        complete = {"type": "match_complete", "winner_id": None}
        cancel = {"type": "match_state_change", "new_state": "cancelled"}
        for body in (complete, cancel):  # a match that never began cannot be completed
            if self.request("POST", f"{path}/events", json=body).is_success:
                break
        found = self.request("GET", path)
        return "deleted" if found.status_code == HTTPStatus.NOT_FOUND else str(_state(found))

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """As an admin, unless other headers are given."""
        headers = self.authorization | options.pop("headers", {})
        return self._http.request(method, path, headers=headers, **options)

    def call(self, method: str, path: str, **options: Any) -> Any:
        response = self.request(method, path, **options)
        if not response.is_success:
            raise Failed(f"{method} {path}: {response.status_code} {response.text[:200]}")
        return response.json()

    def open(
        self,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        subprotocols: Sequence[str] = (),
        **query: str,
    ) -> Socket:
        """Through the handshake."""
        asked = query | ({"token": token} if token else {})
        connection = connect(
            f"{self.target.ws_url}?{urlencode(asked)}",
            additional_headers=headers,
            subprotocols=[Subprotocol(each) for each in subprotocols] or None,
            open_timeout=self.pace.seconds_max,
            max_queue=None,
        )
        return Socket(self._sockets.enter_context(connection), seconds_max=self.pace.seconds_max)

    def enter(self, name: str, **query: str) -> Socket:
        """As a user of this name, welcomed."""
        socket = self.open(token=self.token(name), headers=None, subprotocols=(), **query)
        socket.event("connection_established")
        return socket

    def official(self) -> Socket:
        socket = self.open(token=self._admin)
        socket.event("connection_established")
        return socket

    def score(self, official: Socket, match_id: str, goals: int) -> None:
        scores = {"participant1_score": goals, "participant2_score": 0}
        official.ask("score_update", match_id=match_id, **scores)

    def refusal(self, expected: int, *, emulator: int, **opening: Any) -> str:
        """The status with which a handshake is refused, which must be the expected one."""
        try:
            self.open(**opening)
        except InvalidStatus as refused:
            status = refused.response.status_code
        else:
            raise Failed(f"the handshake succeeded, and {expected} was expected")
        if status == expected:
            return f"status {status}"
        if not self.target.is_aws and status == emulator:
            raise Differs(f"status {status}, and {expected} in AWS")
        raise Failed(f"status {status}, and {expected} was expected")

    def until[Found](self, look: Callable[[], Found | None], otherwise: Found) -> Found:
        """What looking finds, once it finds something; else `otherwise`."""
        deadline = time.monotonic() + SETTLES_WITHIN * self.pace.seconds_max
        while not (found := look()):
            if time.monotonic() > deadline:
                return otherwise
            time.sleep(BETWEEN_LOOKS_SECONDS)
        return found

    def close_sockets(self) -> None:
        self._sockets.close()
        self._sockets = ExitStack()


def _state(response: httpx.Response) -> object:
    return response.json().get("state") if response.is_success else f"status {response.status_code}"
