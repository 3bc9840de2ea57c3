"""K5: CPU of one handled event in a warm Lambda, against a bare boto3 handler's same calls.

AWS is answered by botocore's own `before-send` hook with replies recorded once, so what is measured
is our code, botocore's, and nothing behind them. Posts go to a server in another process.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from statistics import median
from typing import Any, Final

from tests.benchmarks.endpoint import slow_serving
from tests.benchmarks.report import Effort, Report, Target
from tests.benchmarks.worker import Contender, Measured, alternate_workers, column, environment
from tests.harness.fakes import FakeContext

TIMES_BARE: Final = 1.15
EVENTS: Final = 200
CASES: Final = ("ping", "accept", "connect", "flush of 1")

type Handler = Callable[[dict[str, Any], Any], Any]


def run(effort: Effort) -> Report:
    makers = {
        f"{case}, {who}": (f"tests.benchmarks.handlers:{who}", case)
        for case in CASES
        for who in ("scorecast", "bare")
    }
    with slow_serving(delay_ms=0) as endpoint:
        samples = alternate_workers(
            {name: (*maker, endpoint.url) for name, maker in makers.items()},
            dict.fromkeys(makers, effort.of(EVENTS)),
            runs=effort.runs,
            environ=environment(SSL_CERT_FILE=str(endpoint.certificate)),
        )
    cpu_us = {name: median(column(each, "cpu_us")) for name, each in samples.items()}
    ratios = {case: cpu_us[f"{case}, scorecast"] / cpu_us[f"{case}, bare"] for case in CASES}
    return Report(
        key="K5",
        title="CPU per handled event, warm, AWS answered by a stub",
        columns=("event", "AWS calls", "scorecast µs", "bare boto3 µs", "ratio"),
        rows=[
            (
                case,
                int(samples[f"{case}, bare"][0]["calls"]),
                cpu_us[f"{case}, scorecast"],
                cpu_us[f"{case}, bare"],
                ratios[case],
            )
            for case in CASES
        ],
        targets=[Target(f"{case}, times bare", ratios[case], TIMES_BARE) for case in CASES],
        samples=samples,
    )


class _Body:
    """What botocore reads a reply's body from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> Iterator[bytes]:
        yield self._content


class _Stub:
    """Answers in AWS's place: at first from the stack's tables, afterwards from the record."""

    def __init__(self, virtual_stack: Any) -> None:
        self._virtual_stack = virtual_stack
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self._replies: list[bytes] = []
        self._next = 0
        self._is_recording = True

    def attach(self, client: Any) -> Any:
        client.meta.events.register("before-send", self._answer)
        return client

    def replay(self) -> None:
        self._is_recording, self._next = False, 0

    def _answer(self, request: Any, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        if self._is_recording:
            self._record(request)
        reply = self._replies[self._next % len(self._replies)]
        self._next += 1
        headers = {"content-type": "application/x-amz-json-1.0"}
        return AWSResponse(request.url, 200, headers, _Body(reply))  # type: ignore[arg-type]

    def _record(self, request: Any) -> None:
        target = request.headers["X-Amz-Target"]
        service, operation = (target.decode() if isinstance(target, bytes) else target).split(".")
        asked = json.loads(request.body)
        is_dynamodb = service.startswith("DynamoDB")
        reply = (
            self._virtual_stack.call_dynamodb(operation, asked)
            if is_dynamodb
            else {"MessageId": "1"}
        )
        self.calls.append(("dynamodb" if is_dynamodb else "sqs", operation, asked))
        self._replies.append(json.dumps(reply).encode())


def scorecast(case: str, url: str) -> Contender:
    handler, event, _ = _prepared(case, url)
    return _measured(lambda: handler(event, FakeContext()), calls=0)


def bare(case: str, url: str) -> Contender:
    """Parses the event, makes the calls that our handler makes, answers; nothing else."""
    import os

    import boto3
    from botocore import xform_name

    from scorecast.wiring import clients as sdk

    _, event, stub = _prepared(case, url)
    clients = {
        "dynamodb": sdk.dynamodb(3),
        "sqs": sdk.sqs(),
        "gateway": boto3.client(
            "apigatewaymanagementapi", endpoint_url=url, verify=os.environ["SSL_CERT_FILE"]
        ),
    }
    calls = [
        (getattr(clients[service], xform_name(operation)), asked)
        for service, operation, asked in stub.calls
    ]
    if case == "flush of 1":
        post = {"ConnectionId": "viewer-000000=", "Data": b'{"type":"score_updated"}'}
        calls.append((clients["gateway"].post_to_connection, post))

    def handle() -> dict[str, Any]:
        json.loads(event["body"] if "body" in event else json.dumps(event))
        for call, asked in calls:
            call(**asked)
        return {"statusCode": 200, "body": json.dumps({"type": "accepted", "data": {}})}

    return _measured(handle, calls=len(calls))


def _measured(handle: Callable[[], object], *, calls: int) -> Contender:
    def measure(count: int) -> Measured:
        started_s = time.process_time()
        for _ in range(count):
            handle()
        return {"cpu_us": (time.process_time() - started_s) / count * 1e6, "calls": calls}

    return measure


_lasting: Final = ExitStack()
"""Keeps the stack open for as long as the process lives."""


def _prepared(case: str, url: str) -> tuple[Handler, dict[str, Any], _Stub]:
    """A warm handler, its event, and the stub, which has recorded what that event asks of AWS."""
    from scorecast.wiring import clients
    from tests.benchmarks import virtual_stack as venues
    from tests.harness import wired

    names = ("gateway", "pool", "dynamodb", "sqs")
    real = {name: getattr(wired.place(name), name) for name in names}
    virtual_stack = _lasting.enter_context(
        venues.opened(GATEWAY_ENDPOINT=url, POWERTOOLS_METRICS_DISABLED="false")
    )
    virtual_stack.seat(1)
    handler, event = _event(case, virtual_stack)
    stub = _Stub(virtual_stack)
    venues.put(real)
    for client in (*map(clients.dynamodb, (1, 2, 3)), clients.sqs(), clients.sqs(1)):
        stub.attach(client)
    handler(event, FakeContext())
    assert stub.calls, "the handler asks nothing of AWS: it has failed before"
    stub.replay()
    return handler, event, stub


def _event(case: str, virtual_stack: Any) -> tuple[Handler, dict[str, Any]]:
    import connect
    import flush
    import message

    from tests import examples

    if case == "connect":
        return connect.handler, examples.event("connect")
    if case == "flush of 1":
        virtual_stack.update(1)
        virtual_stack.system.skip_ms(300)
        return flush.handler, {"Records": [virtual_stack.next_record("flush")]}
    ping = {"type": "ping", "id": "1", "timestamp": 1}
    return message.handler, virtual_stack.event(
        virtual_stack.score(1) if case == "accept" else ping, "request-1"
    )
