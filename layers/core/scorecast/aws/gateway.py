"""API Gateway's @connections: post a message, check whether a connection is open, close one."""

import math
import time
from collections.abc import Iterable, Iterator
from typing import Protocol
from urllib.parse import quote

from scorecast.aws.signed_http.client import NOT_SENT, Request, SignedHttp
from scorecast.aws.signed_http.connection import Reply
from scorecast.domain.delivery import Delivery, of_status
from scorecast.protocol.limits import POST_TIMEOUT_MS


class Gateway(Protocol):
    """The gateway as the handlers use it."""

    def post(self, connection_id: str, message: bytes) -> Delivery:
        """Post one message to one connection."""

    def post_all(
        self,
        connection_ids: Iterable[str],
        message: bytes,
        *,
        time_ms_max: int,
        posts_per_second: float = math.inf,
    ) -> dict[str, Delivery]:
        """Post one message to many connections at once; those without time left are skipped."""

    def is_open(self, connection_id: str) -> bool:
        """Whether the connection is open now. An unknown state counts as open, so that nothing is
        released."""

    def close(self, connection_id: str) -> None:
        """Close the connection, if it still exists. API Gateway does not allow a close code."""


class ApiGateway:
    """The gateway behind a stage's endpoint."""

    def __init__(self, http: SignedHttp, *, posts_in_flight_max: int) -> None:
        self._http = http
        self._posts_in_flight_max = posts_in_flight_max

    def post(self, connection_id: str, message: bytes) -> Delivery:
        return self._one("POST", connection_id, message)

    def is_open(self, connection_id: str) -> bool:
        return self._one("GET", connection_id) is not Delivery.GONE

    def close(self, connection_id: str) -> None:
        self._one("DELETE", connection_id)

    def _one(self, method: str, connection_id: str, message: bytes = b"") -> Delivery:
        request = Request(method, _path(connection_id), message)
        return of_status(self._http.send(request, timeout_ms=POST_TIMEOUT_MS).status)

    def post_all(
        self,
        connection_ids: Iterable[str],
        message: bytes,
        *,
        time_ms_max: int,
        posts_per_second: float = math.inf,
    ) -> dict[str, Delivery]:
        """Post while the ids are still arriving: a room's first page need not wait for its last.

        What failed (5xx, no answer) is tried once more; a message that arrives twice is dropped
        by its sequence.
        """
        deadline_s = time.monotonic() + time_ms_max / 1_000
        outcomes = self._post_until(deadline_s, connection_ids, message, posts_per_second)
        failed = [each for each, got in outcomes.items() if got is Delivery.FAILED]
        again = self._post_until(deadline_s, failed, message, posts_per_second)
        return outcomes | {each: got for each, got in again.items() if got is not Delivery.SKIPPED}

    def _post_until(
        self,
        deadline_s: float,
        connection_ids: Iterable[str],
        message: bytes,
        posts_per_second: float,
    ) -> dict[str, Delivery]:
        ids: dict[str, str] = {}

        def paths() -> Iterator[str]:
            for connection_id in connection_ids:
                path = _path(connection_id)
                ids[path] = connection_id
                yield path

        replies = self._http.send_all(
            Request("POST", "", message),
            paths(),
            in_flight_max=self._posts_in_flight_max,
            timeout_ms=POST_TIMEOUT_MS,
            time_ms_max=(deadline_s - time.monotonic()) * 1_000,
            per_second=posts_per_second,
        )
        return {ids[path]: _delivery(reply) for path, reply in replies.items()}


def _delivery(reply: Reply) -> Delivery:
    return Delivery.SKIPPED if reply.status == NOT_SENT else of_status(reply.status)


def _path(connection_id: str) -> str:
    return f"/@connections/{quote(connection_id, safe='')}"
