"""Which requests may reach the local cloud, decided without one."""

from dataclasses import replace

import pytest

from infra.local.guard import HEALTH, Guard, Request

PORT = 4566
KEY = "AKIA0123456789ABCDEF"
ROLE_KEY = "ASIA0123456789ABCDEF"
HOST = f"127.0.0.1:{PORT}"
GUARD = Guard(port=PORT, access_key_id=KEY, sessions={ROLE_KEY})
SIGNED = Request(path="/", hosts=(HOST,), origins=(), access_key_id=KEY)
HTTP_API = replace(SIGNED, path="/_aws/execute-api/abc/$default/matches/m1", access_key_id="")
SOCKET = replace(SIGNED, path="/_aws/execute-api/abc/live", access_key_id="")
POST_TO_CONNECTION = replace(SIGNED, path="/_aws/execute-api/abc/live/@connections/c1")
RESET = replace(SIGNED, path="/_ministack/reset")


@pytest.mark.parametrize(
    "request_",
    [
        SIGNED,
        replace(SIGNED, hosts=(f"localhost:{PORT}",)),
        replace(SIGNED, access_key_id=ROLE_KEY),
        replace(SIGNED, path=HEALTH, access_key_id=""),
        RESET,
        POST_TO_CONNECTION,
        replace(POST_TO_CONNECTION, access_key_id=ROLE_KEY),
        HTTP_API,
        SOCKET,
        replace(SOCKET, origins=("http://127.0.0.1:8080",)),
        replace(HTTP_API, origins=("http://localhost:5173",)),
        replace(HTTP_API, origins=("http://[::1]:5173",)),
    ],
)
def test_local_programs_and_local_pages_pass(request_: Request) -> None:
    assert GUARD.rejection(request_) is None


@pytest.mark.parametrize("request_", [SIGNED, HTTP_API, SOCKET])
@pytest.mark.parametrize(
    "hosts",
    [
        ("evil.example",),
        (f"evil.example:{PORT}",),
        ("127.0.0.1",),
        ("127.0.0.1:80",),
        (f"0.0.0.0:{PORT}",),
        (f"abc.execute-api.localhost:{PORT}",),
        (HOST, "evil.example"),
        ("",),
        (),
    ],
)
def test_another_name_for_this_machine_is_refused(request_: Request, hosts: tuple[str]) -> None:
    assert GUARD.rejection(replace(request_, hosts=hosts))


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example:8080",
        "http://evil.example/@127.0.0.1",
        "http://evil@localhost.example",
        "file://",
        "null",
        "",
        "chrome-extension://127.0.0.1",
    ],
)
@pytest.mark.parametrize("request_", [SIGNED, HTTP_API, SOCKET, POST_TO_CONNECTION])
def test_a_page_of_another_origin_is_refused(request_: Request, origin: str) -> None:
    assert GUARD.rejection(replace(request_, origins=(origin,)))
    assert GUARD.rejection(replace(request_, origins=("http://127.0.0.1:8080", origin)))


@pytest.mark.parametrize("request_", [SIGNED, RESET, POST_TO_CONNECTION])
def test_a_page_of_this_machine_cannot_call_aws_services(request_: Request) -> None:
    assert GUARD.rejection(replace(request_, origins=("http://127.0.0.1:8080",)))


@pytest.mark.parametrize("key", ["", "test", "000000000000", KEY[:-1], KEY + "0", ROLE_KEY[:-1]])
@pytest.mark.parametrize("request_", [SIGNED, RESET, POST_TO_CONNECTION])
def test_a_request_without_the_key_is_refused(request_: Request, key: str) -> None:
    assert GUARD.rejection(replace(request_, access_key_id=key))


def test_a_function_cannot_reset_the_cloud() -> None:
    assert GUARD.rejection(replace(RESET, access_key_id=ROLE_KEY))


@pytest.mark.parametrize("path", ["/_aws/execute-api", "/restapis/abc/live/_user_request_/x"])
def test_only_the_deployed_apis_are_open_without_a_key(path: str) -> None:
    assert GUARD.rejection(replace(SIGNED, path=path, access_key_id=""))
