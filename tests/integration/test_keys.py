import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt import PyJWKClientError, PyJWTError

from scorecast.aws import jwks
from scorecast.aws.jwks import InsecureKeySet, KeySet, KeySetUnavailable, Verifier, WeakSecret
from scorecast.domain.connections.identity import BadToken, Identity
from scorecast.protocol.limits import KEY_SET_PAUSE_SECONDS, KEY_SET_SECONDS_MAX
from scorecast.runtime.settings import ApiSettings, read
from tests.examples import NOW_MS, SECRET
from tests.harness.fakes import FakeClock

CLAIMS = {"sub": "u1", "exp": NOW_MS // 1_000 + 2 * KEY_SET_SECONDS_MAX}


@cache
def _key(kid: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _jwk(kid: str, **changes: Any) -> dict[str, Any]:
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(_key(kid).public_key(), as_dict=True)
    return jwk | {"kid": kid, "use": "sig", "alg": "RS256"} | changes


@dataclass
class Provider:
    """An identity provider: its published keys, and how often it was asked."""

    keys: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    status: int = 200
    url: str = ""

    @property
    def is_down(self) -> bool:
        return self.status == 503

    @is_down.setter
    def is_down(self, is_down: bool) -> None:
        self.status = 503 if is_down else 200


@contextmanager
def _serving(provider: Provider) -> Iterator[Provider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked += 1
            body = json.dumps({"keys": provider.keys}).encode()
            self.send_response(provider.status if self.path == "/keys" else 200)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        provider.url = f"http://127.0.0.1:{server.server_port}/keys"
        yield provider
        server.shutdown()
        thread.join()


@dataclass
class Values:
    """Secrets by their valid values."""

    values: list[str]

    def valid(self, _arn: str) -> list[str]:
        return self.values


@pytest.fixture
def provider() -> Iterator[Provider]:
    with _serving(Provider([_jwk("k1")])) as provider:
        yield provider


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The clock of PyJWT's client, too: it reads none but the machine's."""
    system = FakeClock()
    for module in (jwks, jwt.jwks_client, jwt.jwk_set_cache, jwt.api_jwk):
        clock = SimpleNamespace(monotonic=lambda: system.at_ms / 1_000)
        monkeypatch.setattr(module, "time", clock)
    return system


@pytest.fixture
def verifier(cloud: Any, provider: Provider, system: FakeClock) -> Verifier:
    return _verifier(cloud, provider, system, "RS256")


def _verifier(
    cloud: Any, provider: Provider, system: FakeClock, algorithm: str, *values: str
) -> Verifier:
    changes = {"JWT_ALGORITHM": algorithm, "JWT_ISSUER": "", "JWT_AUDIENCE": ""}
    changes["JWKS_URL"] = provider.url
    settings = read(ApiSettings, cloud.environment | changes)
    secrets: Any = Values(list(values))
    key_set = None if values else KeySet(provider.url, algorithm, may_be_http=True)
    return Verifier(settings, secrets, key_set, system)


def _token(kid: str | None, key: str | None = None) -> str:
    headers = {} if kid is None else {"kid": kid}
    return jwt.encode(CLAIMS, _key(key or kid or ""), algorithm="RS256", headers=headers)


def test_a_token_of_a_published_key_is_good(verifier: Verifier) -> None:
    assert isinstance(verifier.verify(_token("k1")), Identity)


def test_a_token_of_another_key_under_a_published_name_is_bad(verifier: Verifier) -> None:
    assert isinstance(verifier.verify(_token("k1", key="k2")), BadToken)


def test_the_set_is_fetched_once_for_many_tokens(verifier: Verifier, provider: Provider) -> None:
    for _ in range(5):
        verifier.verify(_token("k1"))
    assert provider.asked == 1


def test_unknown_key_ids_fetch_the_set_at_most_once_a_minute(
    verifier: Verifier, provider: Provider, system: FakeClock
) -> None:
    for n in range(20):
        assert isinstance(verifier.verify(_token(f"unknown{n}", key="k2")), BadToken)
    assert provider.asked == 1
    system.sleep_ms(KEY_SET_PAUSE_SECONDS * 1_000)
    verifier.verify(_token("unknown", key="k2"))
    assert provider.asked == 2


def test_a_new_key_is_found_once_the_pause_is_over(
    verifier: Verifier, provider: Provider, system: FakeClock
) -> None:
    verifier.verify(_token("k1"))
    provider.keys.append(_jwk("k2"))
    system.sleep_ms(KEY_SET_PAUSE_SECONDS * 1_000)
    assert isinstance(verifier.verify(_token("k2")), Identity)


def test_a_key_for_encryption_signs_nothing(verifier: Verifier, provider: Provider) -> None:
    provider.keys = [_jwk("k1"), _jwk("k2", use="enc")]
    assert isinstance(verifier.verify(_token("k2")), BadToken)


@pytest.mark.parametrize(
    ("changes", "is_good"),
    [
        ({"use": None, "key_ops": ["verify"]}, True),
        ({"key_ops": ["encrypt"]}, False),
        ({"key_ops": []}, False),
        ({"alg": "RS512"}, False),
        ({"alg": "PS256"}, False),
    ],
    ids=str,
)
def test_what_a_key_says_it_is_for_is_heeded(
    verifier: Verifier, provider: Provider, changes: dict[str, Any], is_good: bool
) -> None:
    jwk = _jwk("k2", **changes)
    provider.keys = [_jwk("k1"), {name: value for name, value in jwk.items() if value is not None}]
    assert isinstance(verifier.verify(_token("k2")), Identity) is is_good


def test_a_redirect_is_not_followed(verifier: Verifier, provider: Provider) -> None:
    provider.status = 302
    with pytest.raises(PyJWKClientError):
        verifier.verify(_token("k1"))
    assert provider.asked == 1


def test_keys_come_over_https_outside_the_local_cloud(provider: Provider) -> None:
    with pytest.raises(InsecureKeySet):
        KeySet(provider.url, "RS256")


def test_a_provider_that_publishes_no_set_is_a_failure(
    verifier: Verifier, provider: Provider
) -> None:
    provider.keys = []
    with pytest.raises(PyJWTError):
        verifier.verify(_token("k1"))


def test_a_token_without_a_key_id_is_bad_where_keys_have_ids(verifier: Verifier) -> None:
    assert isinstance(verifier.verify(_token(None, key="k1")), BadToken)


def test_while_the_provider_is_down_a_good_token_is_not_called_bad(
    verifier: Verifier, provider: Provider
) -> None:
    """A 401 would send the client away for good; a failure lets it try again."""
    provider.is_down = True
    for _ in range(2):
        with pytest.raises(PyJWKClientError):
            verifier.verify(_token("k1"))


def test_a_provider_that_is_up_again_is_asked_again(verifier: Verifier, provider: Provider) -> None:
    provider.is_down = True
    with pytest.raises(PyJWKClientError):
        verifier.verify(_token("k1"))
    provider.is_down = False
    assert isinstance(verifier.verify(_token("k1")), Identity)


def test_known_keys_stay_good_while_the_provider_is_down(
    verifier: Verifier, provider: Provider
) -> None:
    verifier.verify(_token("k1"))
    provider.is_down = True
    assert isinstance(verifier.verify(_token("k1")), Identity)


def test_unknown_key_ids_do_not_wait_for_a_provider_that_is_down(
    verifier: Verifier, provider: Provider, system: FakeClock
) -> None:
    verifier.verify(_token("k1"))
    system.sleep_ms(KEY_SET_PAUSE_SECONDS * 1_000)
    provider.is_down = True
    for n in range(5):
        with pytest.raises(KeySetUnavailable):
            verifier.verify(_token(f"unknown{n}", key="k2"))
    assert provider.asked == 2


def test_a_withdrawn_key_is_good_for_an_hour_at_most(
    verifier: Verifier, provider: Provider, system: FakeClock
) -> None:
    verifier.verify(_token("k1"))
    provider.keys = [_jwk("k2")]
    system.sleep_ms(KEY_SET_SECONDS_MAX * 1_000 + 1)
    assert isinstance(verifier.verify(_token("k1")), BadToken)


def test_known_keys_outlive_their_hour_while_the_provider_is_down(
    verifier: Verifier, provider: Provider, system: FakeClock
) -> None:
    verifier.verify(_token("k1"))
    provider.is_down = True
    system.sleep_ms(KEY_SET_SECONDS_MAX * 1_000 + 1)
    assert isinstance(verifier.verify(_token("k1")), Identity)


def test_a_malformed_token_causes_no_request(verifier: Verifier, provider: Provider) -> None:
    assert isinstance(verifier.verify("a.b.c"), BadToken)
    assert provider.asked == 0


def test_both_secrets_of_a_rotation_verify(
    cloud: Any, provider: Provider, system: FakeClock
) -> None:
    verifier = _verifier(cloud, provider, system, "HS256", "n" * 32, SECRET)
    token = jwt.encode(CLAIMS, SECRET, algorithm="HS256")
    assert isinstance(verifier.verify(token), Identity)


def test_a_weak_secret_is_a_failure_and_is_not_quoted(
    cloud: Any, provider: Provider, system: FakeClock
) -> None:
    verifier = _verifier(cloud, provider, system, "HS256", "n" * 31)
    with pytest.raises(WeakSecret) as failure:
        verifier.verify(jwt.encode(CLAIMS, SECRET, algorithm="HS256"))
    assert "nnn" not in str(failure.value)
