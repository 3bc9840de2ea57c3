import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scorecast.aws.signed_http import client
from scorecast.aws.signed_http.client import NOT_SENT, Request, SignedHttp
from scorecast.aws.signed_http.connection import NO_ANSWER, Reply
from scorecast.aws.signed_http.credentials import Credentials, NoCredentials
from tests.harness.connections_api import ConnectionsApi


def _credentials() -> Credentials:
    return Credentials("AKID", "secret")


def _http(url: str) -> SignedHttp:
    return SignedHttp(url, service="execute-api", region="eu-central-1", credentials=_credentials)


def _get(http: SignedHttp, path: str, timeout_ms: float = 5_000) -> Reply:
    return http.send(Request("GET", path), timeout_ms=timeout_ms)


def test_status_and_body_come_back(connections_api: ConnectionsApi) -> None:
    http = _http(connections_api.endpoint)
    assert _get(http, "/@connections/c1") == Reply(200, b"{}")
    gone = http.send(Request("DELETE", "/@connections/c1"), timeout_ms=5_000)
    assert gone == Reply(204)


def test_a_request_that_hangs_is_given_up(connections_api: ConnectionsApi) -> None:
    connections_api.hanging.add("c1")
    started_s = time.monotonic()
    assert _get(_http(connections_api.endpoint), "/@connections/c1", 100) == Reply(NO_ANSWER)
    assert time.monotonic() - started_s < 2


def test_a_reply_that_comes_too_late_is_dropped(connections_api: ConnectionsApi) -> None:
    connections_api.hanging.add("late")
    connections_api.statuses["late"] = 410
    http = _http(connections_api.endpoint)
    _get(http, "/@connections/late", timeout_ms=100)
    connections_api.letting_go.set()
    assert [_get(http, "/@connections/c1").status for _ in range(5)] == [200] * 5


def test_missing_credentials_are_no_answer_and_raise_nothing() -> None:
    def none() -> Credentials:
        raise NoCredentials

    http = SignedHttp(
        "http://127.0.0.1:1", service="execute-api", region="eu-central-1", credentials=none
    )
    assert _get(http, "/").status == NO_ANSWER


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://nowhere.invalid"])
def test_an_unreachable_endpoint_gives_no_answer(url: str) -> None:
    assert _get(_http(url), "/").status == NO_ANSWER


def test_many_paths_are_sent_to_and_their_replies_kept_apart(
    connections_api: ConnectionsApi,
) -> None:
    connections_api.statuses |= {"c7": 410, "c11": 500}
    paths = [f"/@connections/c{n}" for n in range(40)]
    replies = _http(connections_api.endpoint).send_all(
        Request("POST", "", b"frame"), paths, in_flight_max=5, timeout_ms=5_000, time_ms_max=5_000
    )
    assert {path: reply.status for path, reply in replies.items()} == dict.fromkeys(paths, 200) | {
        "/@connections/c7": 410,
        "/@connections/c11": 500,
    }
    assert connections_api.in_flight_max <= 5


def test_what_time_runs_out_for_counts_as_not_sent(connections_api: ConnectionsApi) -> None:
    replies = _http(connections_api.endpoint).send_all(
        Request("POST", "", b"frame"), ["/x"], in_flight_max=5, timeout_ms=5_000, time_ms_max=0
    )
    assert replies == {"/x": Reply(NOT_SENT)}
    assert connections_api.requests == []


def test_paths_that_break_off_leave_no_request_behind(connections_api: ConnectionsApi) -> None:
    connections_api.hanging.add("c1")

    def paths() -> Iterator[str]:
        yield "/@connections/c1"
        raise LookupError

    http = _http(connections_api.endpoint)
    with pytest.raises(LookupError):
        http.send_all(
            Request("POST", ""), paths(), in_flight_max=5, timeout_ms=5_000, time_ms_max=5_000
        )
    connections_api.letting_go.set()
    assert _get(http, "/@connections/c2").status == 200


def test_requests_keep_a_pace(connections_api: ConnectionsApi) -> None:
    paths = [f"/@connections/c{number}" for number in range(11)]
    begun_s = time.monotonic()
    replies = _http(connections_api.endpoint).send_all(
        Request("POST", "", b"{}"),
        paths,
        in_flight_max=8,
        timeout_ms=5_000,
        time_ms_max=5_000,
        per_second=50,
    )
    assert time.monotonic() - begun_s >= 0.2
    assert {reply.status for reply in replies.values()} == {200}


def test_rounds_share_a_bounded_number_of_places(
    connections_api: ConnectionsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "REQUESTS_IN_FLIGHT_MAX", 3)
    http = _http(connections_api.endpoint)
    paths = {name: [f"/@connections/{name}{number}" for number in range(6)] for name in "hi"}
    connections_api.hanging.update(f"{name}{number}" for name in "hi" for number in range(6))

    def send(name: str) -> None:
        http.send_all(
            Request("POST", "", b"{}"),
            paths[name],
            in_flight_max=6,
            timeout_ms=8_000,
            time_ms_max=8_000,
        )

    threads = [threading.Thread(target=send, args=(name,)) for name in "hi"]
    for thread in threads:
        thread.start()
    connections_api.wait_until_in_flight(3)
    connections_api.letting_go.set()
    for thread in threads:
        thread.join()
    assert connections_api.in_flight_max == 3
    assert len(connections_api.bodies) == 12


def test_threads_share_an_endpoint(connections_api: ConnectionsApi) -> None:
    http = _http(connections_api.endpoint)
    replies: list[int] = []

    def send(n: int) -> None:
        replies.extend(_get(http, f"/@connections/c{n}").status for _ in range(20))

    threads = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replies == [200] * 80


@contextmanager
def _peer(*connections: list[bytes]) -> Iterator[str]:
    """A server of one connection after the other: each gives its answers and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for answers in connections:
                connection, _ = server.accept()
                with connection:
                    for answer in answers:
                        connection.recv(65_536)
                        for part in answer.split(b"|"):
                            connection.sendall(part)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join()


def _answer(head: bytes, body: bytes = b"") -> bytes:
    return b"HTTP/1.1 " + head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body


_OK = _answer(b"200 OK\nContent-Length: 2", b"{}")


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (_OK, Reply(200, b"{}")),
        (_answer(b"200 OK\ncontent-LENGTH:2", b"{}"), Reply(200, b"{}")),
        (_answer(b"204 No Content"), Reply(204)),
        (_answer(b"200 OK\nContent-Length: 0"), Reply(200)),
        (_answer(b"200 OK\nTransfer-Encoding: chunked", b"1\r\n{\r\n1;x\r\n}\r\n0\r\n\r\n"),
         Reply(200, b"{}")),
        (b"HTT|P/1.1 20|0 OK\r\nContent-Len|gth: 2\r\n\r|\n{|}", Reply(200, b"{}")),
        (_answer(b"410 Gone\nContent-Length: 2\nConnection: close", b"{}"), Reply(410, b"{}")),
    ],
)  # fmt: skip
def test_an_answer_is_read_however_it_comes(answer: bytes, reply: Reply) -> None:
    with _peer([answer]) as url:
        assert _get(_http(url), "/") == reply


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        _answer(b"200 OK\nContent-Length: 9", b"{}"),
        _answer(b"200 OK"),
        _answer(b"200 OK\nTransfer-Encoding: chunked", b"zz\r\n{}\r\n"),
    ],
)
def test_a_broken_response_counts_as_no_answer(answer: bytes) -> None:
    with _peer([answer]) as url:
        assert _get(_http(url), "/").status == NO_ANSWER


def test_a_kept_connection_that_was_closed_meanwhile_costs_no_request() -> None:
    """A Lambda that was frozen finds its connections closed by the gateway."""
    with _peer([_OK], [_OK]) as url:
        http = _http(url)
        assert [_get(http, "/").status for _ in range(2)] == [200, 200]


def test_a_connection_that_the_peer_ends_is_not_used_again() -> None:
    last = _answer(b"200 OK\nContent-Length: 2\nConnection: close", b"{}")
    with _peer([last], [_OK]) as url:
        http = _http(url)
        assert [_get(http, "/").status for _ in range(2)] == [200, 200]
