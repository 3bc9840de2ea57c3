"""Who may ask without a token, and what the others learn about theirs."""

import json
from io import StringIO

import pytest

from tests.examples import NOW_MS
from tests.harness.moto_cloud import MotoCloud
from tests.http.caller import Caller
from tests.http.conftest import token

READS = ["/tournaments/t1", "/matches/m1", "/rooms/m1", "/rooms/t1"]
OTHERS = [("POST", "/tickets"), ("PUT", "/matches/m1"), ("DELETE", "/users/u1/connections")]
INVALID = 'Bearer error="invalid_token"'
EXPIRED = token(exp=NOW_MS // 1_000 - 60)


@pytest.fixture
def open_to_all(call: Caller, monkeypatch: pytest.MonkeyPatch) -> Caller:
    monkeypatch.setenv("ALLOW_ANONYMOUS", "true")
    return Caller(None)


def test_an_expired_token_is_called_expired(call: Caller) -> None:
    reply = Caller(EXPIRED)("GET", "/matches/m1")
    assert reply.problem() == (401, "token_expired")
    assert reply.headers["www-authenticate"] == INVALID
    assert "refresh" not in reply.json["detail"]


def test_a_forged_token_is_not_called_expired(call: Caller) -> None:
    reply = Caller(EXPIRED[:-4] + "AAAA")("GET", "/matches/m1")
    assert reply.problem() == (401, "forbidden")
    assert reply.headers["www-authenticate"] == INVALID


@pytest.mark.parametrize(
    ("claims", "claim"),
    [({"iss": "https://other.test"}, "iss"), ({"tournaments": "cup"}, "tournaments")],
)
def test_a_refused_claim_is_named(call: Caller, claims: dict[str, str], claim: str) -> None:
    reply = Caller(token(**claims))("GET", "/matches/m1")
    assert reply.problem() == (401, "forbidden")
    assert f"The token's claim {claim} is missing" in reply.json["detail"]


@pytest.mark.parametrize(
    ("sent", "reason"),
    [(None, "missing"), (EXPIRED, "expired"), (EXPIRED[:-4] + "AAAA", "InvalidSignatureError")],
)
def test_the_log_says_why_and_nothing_of_the_token(
    call: Caller, log_lines: StringIO, sent: str | None, reason: str
) -> None:
    assert Caller(sent)("GET", "/matches/m1").status == 401
    line = json.loads(log_lines.getvalue())
    assert (line["message"], line["reason"]) == ("refused", reason)
    assert EXPIRED.split(".")[1] not in log_lines.getvalue()


@pytest.mark.parametrize("path", READS)
def test_anonymous_spectators_may_read(open_to_all: Caller, path: str) -> None:
    reply = open_to_all("GET", path)
    assert reply.status == 200
    assert reply.json.keys() <= Caller(token())("GET", path).json.keys()
    assert open_to_all("GET", path, if_none_match=reply.headers["etag"]).status == 304


@pytest.mark.parametrize(("method", "path"), OTHERS)
def test_anonymous_clients_may_only_read(open_to_all: Caller, method: str, path: str) -> None:
    reply = open_to_all(method, path, {})
    assert reply.problem() == (401, "forbidden")
    assert reply.headers["www-authenticate"] == "Bearer"


def test_a_bad_token_is_not_the_same_as_none(open_to_all: Caller) -> None:
    assert Caller(EXPIRED)("GET", "/matches/m1").problem() == (401, "token_expired")
    assert Caller("x")("GET", "/matches/m1").problem() == (401, "forbidden")


@pytest.mark.parametrize("path", READS)
def test_otherwise_reading_needs_a_token(call: Caller, served: MotoCloud, path: str) -> None:
    assert served.environment["ALLOW_ANONYMOUS"] == "false"
    assert Caller(None)("GET", path).problem() == (401, "forbidden")
