from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.harness.moto_cloud import MotoCloud
from tests.http.caller import Caller, Reply
from tests.http.conftest import token

type Allow = Callable[[str], Caller]


@pytest.fixture
def allow(served: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> Allow:
    """The API as deployed with these origins; requests come without a token."""

    def deployed(origins: str) -> Caller:
        monkeypatch.setenv("ALLOWED_ORIGINS", origins)
        return Caller(None)

    return deployed


def _preflight(call: Caller, origin: str, method: str = "PUT") -> Reply:
    return call("OPTIONS", "/matches/m1", origin=origin, access_control_request_method=method)


def _cors(reply: Reply) -> dict[str, str]:
    return {k: v for k, v in reply.headers.items() if k.startswith("access-control-")}


def test_a_page_of_an_allowed_origin_may_send_what_the_api_heeds(allow: Allow) -> None:
    reply = _preflight(allow("https://a.test,https://*.b.test"), "https://a.test")
    assert (reply.status, reply.body) == (204, "")
    assert reply.headers["access-control-allow-origin"] == "https://a.test"
    methods = set(reply.headers["access-control-allow-methods"].split(","))
    assert methods == {"GET", "PUT", "POST", "DELETE"}
    named = set(reply.headers["access-control-allow-headers"].split(","))
    conditions = {"if-match", "if-none-match"}
    assert named == {"authorization", "content-type", "idempotency-key"} | conditions
    assert int(reply.headers["access-control-max-age"]) > 0


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/matches/m1", 401), ("GET", "/docs", 200), ("PUT", "/nothing", 404)],
)
def test_it_may_read_every_answer(allow: Allow, method: str, path: str, status: int) -> None:
    reply = allow("https://a.test")(method, path, origin="https://a.test")
    assert reply.status == status
    assert reply.headers["access-control-allow-origin"] == "https://a.test"
    assert set(reply.headers["access-control-expose-headers"].split(",")) == {"etag", "retry-after"}
    assert "Origin" in reply.headers["vary"]


def test_it_may_read_that_something_went_wrong(
    allow: Allow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATCHES_TABLE", "none")
    call = replace(allow("https://a.test"), token=token())
    reply = call("GET", "/matches/m1", origin="https://a.test")
    assert reply.problem() == (500, "internal_error")
    assert reply.headers["access-control-allow-origin"] == "https://a.test"


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "http://a.test",
        "https://a.test.evil.test",
        "https://a.test:444",
        "null",
    ],
)
def test_a_page_of_another_origin_is_sent_nothing(allow: Allow, origin: str) -> None:
    call = allow("https://a.test")
    assert _cors(_preflight(call, origin)) == {}
    assert _cors(call("GET", "/docs", origin=origin)) == {}


def test_the_origins_are_those_of_the_socket_sub_domains_too(allow: Allow) -> None:
    call = allow("https://*.b.test")
    for origin, allowed in (("https://x.b.test", True), ("https://b.test", False)):
        assert bool(_cors(_preflight(call, origin))) is allowed


def test_without_a_list_every_page_may_come(allow: Allow) -> None:
    reply = allow("")("GET", "/docs", origin="https://anyone.test")
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in reply.headers


def test_a_program_has_no_origin_and_needs_no_leave(allow: Allow) -> None:
    assert _cors(allow("")("GET", "/docs")) == {}


def test_options_of_its_own_are_no_method_of_ours(allow: Allow) -> None:
    assert allow("")("OPTIONS", "/matches/m1").problem()[0] == 405
