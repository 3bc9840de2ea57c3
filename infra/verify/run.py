"""One verification: its tournament, its users and its open connections."""

import contextlib
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Final, Self
from urllib.parse import urlencode
from uuid import uuid4

import httpx
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from infra.verify.check import Differs, Failed
from infra.verify.socket import SECONDS_MAX, Socket
from infra.verify.target import Target

SCHEDULED_AT: Final = "2030-01-01T12:00:00Z"


class Run:
    def __init__(self, target: Target, *, seconds_max: float = SECONDS_MAX) -> None:
        """Wait so long for each message, and for what settles by itself."""
        self.target = target
        self.seconds_max = seconds_max
        self.id = uuid4().hex[:10]
        self.tournament_id = f"verify-{self.id}"
        self._sockets = ExitStack()
        self._http = httpx.Client(base_url=target.http_url, timeout=30)
        self._admin = target.token(self.user("admin"), role="admin")

    def __enter__(self) -> Self:
        self.call("PUT", f"/tournaments/{self.tournament_id}", json={"name": "Verification"})
        return self

    def __exit__(self, *_: object) -> None:
        self.close_sockets()
        with contextlib.suppress(httpx.HTTPError):  # what cannot be removed is reported by a check
            self.request("POST", f"/tournaments/{self.tournament_id}/archive")
        self._http.close()

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
        return match_id

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """As an admin, unless other headers are given."""
        headers = {"Authorization": f"Bearer {self._admin}"} | options.pop("headers", {})
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
            open_timeout=self.seconds_max,
            max_queue=None,
        )
        return Socket(self._sockets.enter_context(connection), seconds_max=self.seconds_max)

    def enter(self, name: str, **query: str) -> Socket:
        """As a user of this name, welcomed."""
        socket = self.open(token=self.token(name), headers=None, subprotocols=(), **query)
        socket.event("connection_established")
        return socket

    def official(self) -> Socket:
        socket = self.open(token=self._admin)
        socket.event("connection_established")
        return socket

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

    def close_sockets(self) -> None:
        self._sockets.close()
        self._sockets = ExitStack()
