"""What a cell makes of another one's answer."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from scorecast.aws.cell_directory import CellDirectory
from scorecast.protocol.limits import CELL_ANSWER_BYTES_MAX

ANSWER: dict[str, Any] = {
    "tournament_id": "t1",
    "state": "moved",
    "endpoint": {"socket_url": "wss://live-2.test", "http_url": "https://api-2.test"},
    "move": 3,
}


@dataclass
class OtherCell:
    """Answers every request alike, and notes what was asked."""

    url: str
    status: int = 200
    location: str = ""
    body: bytes = json.dumps(ANSWER).encode()
    asked: str = ""


@pytest.fixture
def other_cell() -> Iterator[OtherCell]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cell.asked = self.path
            self.send_response(cell.status)
            if cell.location:
                self.send_header("location", cell.location)
            self.end_headers()
            self.wfile.write(cell.body)

        def log_message(self, *_: Any) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    cell = OtherCell(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield cell
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_cell_is_asked_where_a_tournament_lives(other_cell: OtherCell) -> None:
    found = CellDirectory(may_be_http=True).endpoint(other_cell.url, "t1")
    assert (found, other_cell.asked) == (ANSWER, "/tournaments/t1/endpoint")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        json.dumps(ANSWER | {"move": "3"}).encode(),
        json.dumps(ANSWER | {"state": "gone"}).encode(),
        json.dumps({**ANSWER, "endpoint": None}).encode(),
        json.dumps(ANSWER | {"more": CELL_ANSWER_BYTES_MAX * "x"}).encode(),
    ],
)
def test_anything_else_says_nothing(other_cell: OtherCell, body: bytes) -> None:
    other_cell.body = body
    assert CellDirectory(may_be_http=True).endpoint(other_cell.url, "t1") is None


@pytest.mark.parametrize("status", [302, 404, 429, 500])
def test_only_an_answer_of_200_counts(other_cell: OtherCell, status: int) -> None:
    other_cell.status, other_cell.location = status, f"{other_cell.url}/elsewhere"
    assert CellDirectory(may_be_http=True).endpoint(other_cell.url, "t1") is None
    assert other_cell.asked == "/tournaments/t1/endpoint"


def test_a_cell_that_is_gone_says_nothing() -> None:
    assert CellDirectory(may_be_http=True).endpoint("http://127.0.0.1:1", "t1") is None


def test_in_aws_no_cell_is_asked_without_tls(other_cell: OtherCell) -> None:
    assert CellDirectory().endpoint(other_cell.url, "t1") is None
    assert other_cell.asked == ""
