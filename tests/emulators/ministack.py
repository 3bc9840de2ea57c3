"""One MiniStack of its own, without the service: just the process."""

import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from infra.local.aws import LocalAws
from infra.local.ports import HOST
from infra.local.tools import MINISTACK, end_with_the_parent, require

START_SECONDS_MAX: Final = 60
IDLE_SECONDS_MAX: Final = 1.0
"""MiniStack closes a connection that has been idle for some seconds."""

_TARGETS: Final = {"dynamodb": "DynamoDB_20120810", "sqs": "AmazonSQS"}


class Cloud:
    """Speaks AWS's JSON protocol with it, unsigned: a third of what an SDK's client costs."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://{HOST}:{port}"
        self._connection = http.client.HTTPConnection(HOST, port, timeout=30)
        self._used_at_s = time.monotonic()

    def ask(self, service: str, operation: str, request: dict[str, Any]) -> tuple[int, Any]:
        """The status and the body of the answer."""
        if time.monotonic() - self._used_at_s > IDLE_SECONDS_MAX:
            self._connection.close()
        credential = f"test/20260101/us-east-1/{service}/aws4_request"
        headers = {
            "X-Amz-Target": f"{_TARGETS[service]}.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}",
        }
        self._connection.request("POST", "/", json.dumps(request), headers)
        answer = self._connection.getresponse()
        body = answer.read()
        self._used_at_s = time.monotonic()
        return answer.status, json.loads(body or b"{}")

    def close(self) -> None:
        self._connection.close()

    def is_ready(self) -> bool:
        try:
            self._connection.request("GET", "/_localstack/health")
            answer = self._connection.getresponse()
            answer.read()
        except OSError:
            self._connection.close()
            return False
        return answer.status == 200


@contextmanager
def running(scratch: Path) -> Iterator[Cloud]:
    """MiniStack on a free port, until this ends."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    cloud = Cloud(port)
    environ = LocalAws(cloud.endpoint).environ() | {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "TMPDIR": str(scratch),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }
    with (scratch / "ministack.log").open("wb") as log:
        process = subprocess.Popen(
            [require(MINISTACK)],
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_the_parent,
        )
    try:
        _await(cloud, process)
        yield cloud
    finally:
        cloud.close()
        process.kill()
        process.wait()


def _await(cloud: Cloud, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while not cloud.is_ready():
        assert process.poll() is None, "MiniStack ended while it started"
        assert time.monotonic() < deadline, "MiniStack does not answer"
        time.sleep(0.05)
