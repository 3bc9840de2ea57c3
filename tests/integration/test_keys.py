import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from scorecast.aws.jwks import KeySet, KeySetUnavailable, Verifier, WeakSecret
from scorecast.domain.connections.identity import BadToken, Identity
from scorecast.protocol.limits import KEY_SET_PAUSE_SECONDS, KEY_SET_SECONDS_MAX
from scorecast.runtime.settings import ApiSettings, read
from tests.examples import NOW_MS, SECRET
from tests.fakes import FakeClock

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
    is_down: bool = False

    def fetch(self, url: str) -> bytes:
        self.asked += 1
        if self.is_down:
            raise OSError("down")
        return json.dumps({"keys": self.keys}).encode()


@dataclass
class Values:
    """Secrets by their valid values."""

    values: list[str]

    def valid(self, _arn: str) -> list[str]:
        return self.values


@pytest.fixture
def provider() -> Provider:
    return Provider([_jwk("k1")])


@pytest.fixture
def system() -> FakeClock:
    return FakeClock()


@pytest.fixture
def verifier(cloud: Any, provider: Provider, system: FakeClock) -> Verifier:
    return _verifier(cloud, provider, system, "RS256")


def _verifier(
    cloud: Any, provider: Provider, system: FakeClock, algorithm: str, *values: str
) -> Verifier:
    changes = {"JWT_ALGORITHM": algorithm, "JWT_ISSUER": "", "JWT_AUDIENCE": ""}
    changes["JWKS_URL"] = "https://issuer.test/keys"
    settings = read(ApiSettings, cloud.environment | changes)
    secrets: Any = Values(list(values))
    key_set = KeySet("https://issuer.test/keys", system, provider.fetch)
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


def test_a_token_without_a_key_id_is_bad_where_keys_have_ids(verifier: Verifier) -> None:
    assert isinstance(verifier.verify(_token(None, key="k1")), BadToken)


def test_while_the_provider_is_down_a_good_token_is_not_called_bad(
    verifier: Verifier, provider: Provider
) -> None:
    """A 401 would send the client away for good; a failure lets it try again."""
    provider.is_down = True
    for _ in range(2):
        with pytest.raises(OSError):
            verifier.verify(_token("k1"))


def test_a_provider_that_is_up_again_is_asked_again(verifier: Verifier, provider: Provider) -> None:
    provider.is_down = True
    with pytest.raises(OSError):
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
        with pytest.raises((OSError, KeySetUnavailable)):
            verifier.verify(_token(f"unknown{n}", key="k2"))
    assert provider.asked == 2


def test_a_withdrawn_key_is_good_for_an_hour_at_most(
    verifier: Verifier, provider: Provider, system: FakeClock
) -> None:
    verifier.verify(_token("k1"))
    provider.keys = [_jwk("k2")]
    system.sleep_ms(KEY_SET_SECONDS_MAX * 1_000)
    assert isinstance(verifier.verify(_token("k1")), BadToken)


def test_known_keys_outlive_their_hour_while_the_provider_is_down(
    verifier: Verifier, provider: Provider, system: FakeClock
) -> None:
    verifier.verify(_token("k1"))
    provider.is_down = True
    system.sleep_ms(KEY_SET_SECONDS_MAX * 1_000)
    assert isinstance(verifier.verify(_token("k1")), Identity)


def test_a_token_that_is_malformed_asks_nobody(verifier: Verifier, provider: Provider) -> None:
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
