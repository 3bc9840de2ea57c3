"""API Gateway's @connections: post a frame, look whether a connection is open, close one."""

import threading
import time
from collections.abc import Iterable
from typing import Protocol
from urllib.parse import quote

from scorecast.aws.signed_http import Exchange, Request, SignedHttp
from scorecast.delivery import Delivery, of_status
from scorecast.limits import POST_TIMEOUT_MS

_SLOT_POLL_S = 0.1


class Gateway(Protocol):
    """What the handlers ask of the gateway."""

    def post(self, connection_id: str, frame: bytes) -> Delivery:
        """Post one frame to one connection."""

    def post_all(
        self, connection_ids: Iterable[str], frame: bytes, *, time_ms_max: int
    ) -> dict[str, Delivery]:
        """Post one frame to many connections, many at once; what time runs out for is skipped."""

    def is_open(self, connection_id: str) -> bool:
        """Whether the connection is open now. Unknown counts as open: nothing is released then."""

    def close(self, connection_id: str) -> None:
        """Close the connection, if it is still there. API Gateway sends no code of ours."""


class ApiGateway:
    """The gateway behind a stage's endpoint."""

    def __init__(self, http: SignedHttp, *, posts_in_flight_max: int) -> None:
        self._http = http
        self._posts_in_flight_max = posts_in_flight_max

    def post(self, connection_id: str, frame: bytes) -> Delivery:
        return self._one("POST", connection_id, frame)

    def is_open(self, connection_id: str) -> bool:
        return self._one("GET", connection_id) is not Delivery.GONE

    def close(self, connection_id: str) -> None:
        self._one("DELETE", connection_id)

    def _one(self, method: str, connection_id: str, frame: bytes = b"") -> Delivery:
        reply = self._http.send(_request(method, connection_id, frame), timeout_ms=POST_TIMEOUT_MS)
        return of_status(reply.status)

    def post_all(
        self, connection_ids: Iterable[str], frame: bytes, *, time_ms_max: int
    ) -> dict[str, Delivery]:
        """Post while the ids are still arriving: a room's first page need not wait for its last.

        What failed (5xx, no answer) is tried once more; a frame that arrives twice is dropped by
        its number.
        """
        deadline_s = time.monotonic() + time_ms_max / 1_000
        outcomes = self._post_until(deadline_s, connection_ids, frame)
        failed = [each for each, got in outcomes.items() if got is Delivery.FAILED]
        return outcomes | self._post_until(deadline_s, failed, frame)

    def _post_until(
        self, deadline_s: float, connection_ids: Iterable[str], frame: bytes
    ) -> dict[str, Delivery]:
        slots = threading.Semaphore(self._posts_in_flight_max)
        under_way: dict[str, Exchange] = {}
        outcomes: dict[str, Delivery] = {}
        for connection_id in connection_ids:
            if not _take_slot(slots, under_way, deadline_s):
                outcomes[connection_id] = Delivery.SKIPPED
                continue
            exchange = self._http.start(_request("POST", connection_id, frame))
            exchange.reply.add_done_callback(lambda _reply: slots.release())
            under_way[connection_id] = exchange
        return outcomes | _settle(under_way, deadline_s)


def _take_slot(
    slots: threading.Semaphore, under_way: dict[str, Exchange], deadline_s: float
) -> bool:
    """A place among the posts in flight; those that hang are given up to make one."""
    while time.monotonic() < deadline_s:
        if slots.acquire(timeout=_SLOT_POLL_S):
            return True
        for exchange in under_way.values():
            if not exchange.reply.done() and exchange.age_ms() > POST_TIMEOUT_MS:
                exchange.give_up()
    return False


def _settle(under_way: dict[str, Exchange], deadline_s: float) -> dict[str, Delivery]:
    outcomes = {}
    for connection_id, exchange in under_way.items():
        try:
            reply = exchange.reply.result(max(0.0, deadline_s - time.monotonic()))
            outcomes[connection_id] = of_status(reply.status)
        except TimeoutError:
            exchange.give_up()
            outcomes[connection_id] = Delivery.FAILED
    return outcomes


def _request(method: str, connection_id: str, frame: bytes) -> Request:
    return Request(method, f"/@connections/{quote(connection_id, safe='')}", frame)
