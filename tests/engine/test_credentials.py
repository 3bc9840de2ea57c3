"""Session credentials expire: each post is signed with those that are valid then."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, RefreshableCredentials

from scorecast.aws.signed_http import credentials
from scorecast.domain.rooms import match_room
from tests.harness.engine import EngineHarness

M1 = match_room("m1")
_AUTHORIZATION: Final = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(\w+)/\S+, SignedHeaders=(\S+), Signature=(\w+)"
)


def _keys(number: int) -> Credentials:
    return Credentials(f"KEY{number}", f"secret-{number}", f"token-{number}")


@pytest.fixture
def engine(modelled: EngineHarness) -> EngineHarness:
    """c1 watches m1."""
    modelled.register("m1")
    modelled.viewer("c1", M1)
    modelled.pass_ms(3_000)
    modelled.gateway.requests.clear()
    modelled.gateway.bodies.clear()
    return modelled


def _assert_signed_with(engine: EngineHarness, *used: Credentials) -> None:
    """The posts so far, each with these: botocore would have signed them so."""
    signed = zip(engine.gateway.requests, engine.gateway.bodies["c1"], used, strict=True)
    for (method, path, headers), body, keys in signed:
        found = _AUTHORIZATION.fullmatch(headers["Authorization"])
        assert found is not None
        access_key, names, signature = found.groups()
        assert access_key == keys.access_key
        lower = {name.lower(): value for name, value in headers.items()}
        assert lower["x-amz-security-token"] == keys.token
        url = engine.gateway.endpoint.rpartition("/")[0] + path
        kept = {name: lower[name] for name in names.split(";")}
        assert signature == _botocores_signature(method, url, kept, body, keys)


def _botocores_signature(
    method: str, url: str, headers: dict[str, str], body: bytes, keys: Credentials
) -> str:
    request = AWSRequest(method, url, headers=headers, data=body)
    request.context["timestamp"] = headers["x-amz-date"]
    botocore = SigV4Auth(keys, "execute-api", "us-east-1")
    to_sign = botocore.string_to_sign(request, botocore.canonical_request(request))
    return str(botocore.signature(to_sign, request))


def test_a_fan_out_after_a_change_is_signed_with_the_new_credentials(
    engine: EngineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in (1, 2):
        keys = _keys(n)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys.secret_key)
        monkeypatch.setenv("AWS_SESSION_TOKEN", str(keys.token))
        engine.score(n)
        engine.pass_ms(300)
    _assert_signed_with(engine, _keys(1), _keys(2))


class _Session:
    """A session whose credentials last an hour, and are fetched anew shortly before."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
        self.fetched = 0
        first = self._fetch()
        self._credentials = RefreshableCredentials(
            first["access_key"],
            first["secret_key"],
            first["token"],
            datetime.fromisoformat(first["expiry_time"]),
            refresh_using=self._fetch,
            method="test",
            time_fetcher=lambda: self.now,
        )

    def _fetch(self) -> dict[str, Any]:
        self.fetched += 1
        keys = _keys(self.fetched)
        expires_at = self.now + timedelta(hours=1)
        return {
            "access_key": keys.access_key,
            "secret_key": keys.secret_key,
            "token": keys.token,
            "expiry_time": expires_at.isoformat(),
        }

    def get_credentials(self) -> RefreshableCredentials:
        return self._credentials


def test_expiring_session_credentials_are_renewed_in_time(
    engine: EngineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = _Session()
    monkeypatch.setattr(credentials, "_session", lambda: session)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    for n, minutes in enumerate((0, 30, 25, 70), start=1):
        session.now += timedelta(minutes=minutes)
        engine.score(n)
        engine.pass_ms(300)
    _assert_signed_with(engine, _keys(1), _keys(1), _keys(2), _keys(3))


def test_without_credentials_nothing_hangs_and_the_next_score_is_published(
    engine: EngineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(credentials, "_session", lambda: _Without())
        meanwhile.delenv("AWS_ACCESS_KEY_ID")
        assert engine.score(1)["type"] == "accepted"
        engine.pass_ms(300)
    assert engine.gateway.requests == []
    engine.score(2)
    engine.pass_ms(300)
    assert engine.scores("c1") == [2]


class _Without:
    def get_credentials(self) -> None:
        """There are none."""
