"""The wire between the service and AWS: every attempt is noted, and any may go wrong.

It sits at botocore's `before-send`, in front of moto, so that botocore's own retries are seen and
a lost reply is lost for botocore too.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from moto.core.botocore_stubber import BotocoreStubber

type Reply = tuple[int, dict[str, Any], str | bytes] | None


class Fault(StrEnum):
    """What may become of one attempt."""

    THROTTLED = "ThrottlingException"
    OVERLOADED = "ProvisionedThroughputExceededException"
    CONFLICT = "TransactionConflictException"
    BROKEN = "InternalServerError"
    UNREACHABLE = "unreachable"
    SILENT = "silent"
    REPLY_LOST = "reply lost"


_STATUS = {Fault.BROKEN: 500}


@dataclass(frozen=True)
class Attempt:
    """One HTTP request, such as `UpdateItem` of DynamoDB."""

    service: str
    operation: str
    body: dict[str, Any]


@dataclass
class Wire:
    attempts: list[Attempt] = field(default_factory=list)
    fault: Callable[[Attempt], Fault | None] = lambda _attempt: None
    around: Callable[[Attempt, Callable[[], Reply]], Reply] = lambda _attempt, send: send()
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _mine: threading.local = field(default_factory=threading.local)

    @contextmanager
    def unnoticed(self) -> Iterator[None]:
        """What this thread sends meanwhile is a test's, not the service's."""
        self._mine.now = True
        try:
            yield
        finally:
            self._mine.now = False

    def pass_on(self, request: Any, send: Callable[[], Reply]) -> Reply:
        if getattr(self._mine, "now", False):
            return send()
        attempt = _attempt(request)
        with self._lock:
            self.attempts.append(attempt)
            fault = self.fault(attempt)
        if fault in (Fault.UNREACHABLE, Fault.SILENT):
            kind = EndpointConnectionError if fault is Fault.UNREACHABLE else ReadTimeoutError
            raise kind(endpoint_url=request.url)
        if fault in (None, Fault.REPLY_LOST):
            reply = self.around(attempt, send)
            if fault is Fault.REPLY_LOST:
                raise ConnectionClosedError(endpoint_url=request.url)
            return reply
        assert fault is not None
        body = {"__type": f"com.amazonaws.dynamodb.v20120810#{fault}", "message": "No."}
        return _STATUS.get(fault, 400), {}, json.dumps(body)

    def count(self, *operations: str) -> int:
        return sum(attempt.operation in operations for attempt in self.attempts)


def _attempt(request: Any) -> Attempt:
    target = request.headers["X-Amz-Target"]
    text = target.decode() if isinstance(target, bytes) else str(target)
    service, _, operation = text.partition(".")
    return Attempt(service.partition("_")[0], operation, json.loads(request.body))


@contextmanager
def tapped(wire: Wire) -> Iterator[Wire]:
    """Everything that this process sends to AWS goes over the wire."""
    process = BotocoreStubber.process_request

    def passed_on(stubber: BotocoreStubber, request: Any) -> Reply:
        return wire.pass_on(request, lambda: process(stubber, request))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotocoreStubber, "process_request", passed_on)
        yield wire
