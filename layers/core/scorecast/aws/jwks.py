"""The keys that tokens are verified with: a shared secret, or a provider's published set."""

import time
from dataclasses import dataclass
from typing import Any

from jwt import PyJWK, PyJWKClient, PyJWKClientError, PyJWTError

from scorecast.aws.secrets_manager import Secrets
from scorecast.domain.connections.identity import BadToken, Identity
from scorecast.domain.connections.tokens import Rules, key_id, verify, weak_secret
from scorecast.protocol.limits import (
    KEY_SET_PAUSE_SECONDS,
    KEY_SET_SECONDS_MAX,
    KEY_SET_TIMEOUT_SECONDS,
)
from scorecast.runtime.settings import TokenSettings
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import failed


class WeakSecret(Exception):
    """The configured secret is shorter than its algorithm needs."""


class InsecureKeySet(Exception):
    """The configured URL is not https: anyone on the network path could publish their own keys."""


class KeySetUnavailable(Exception):
    """The provider has not answered recently, so an unknown key may be one of its own."""


class KeySet(PyJWKClient):
    """A provider's keys, from the configured URL only, cached for an hour.

    PyJWT's client caches them, refuses redirects, and fetches again for an unknown key id at most
    once a minute: anyone can send such an id. This class keeps known keys valid during an outage.
    """

    def __init__(self, url: str, algorithm: str, *, may_be_http: bool = False) -> None:
        if not (may_be_http or url.startswith("https://")):
            raise InsecureKeySet
        super().__init__(
            url,
            lifespan=KEY_SET_SECONDS_MAX,
            timeout=KEY_SET_TIMEOUT_SECONDS,
            cooldown_duration=KEY_SET_PAUSE_SECONDS,
        )
        self._algorithm = algorithm
        self._known: Any = None
        self._is_down = False

    def of(self, kid: str | None) -> list[Any]:
        """The key of that id, if it may verify. Raises if the provider cannot be asked."""
        try:
            key = self.get_signing_key(kid or "")
        except PyJWKClientError:
            if self._known is None:
                raise
            if self._is_down:
                raise KeySetUnavailable from None
            return []
        return [key.key] if self._may_verify(key) else []

    def _may_verify(self, key: PyJWK) -> bool:
        """Check the key's own `key_ops` and `alg` (RFC 7517 §4.3, §4.4); `use` was checked
        before."""
        operations = key._jwk_data.get("key_ops", ["verify"])
        return key.algorithm_name == self._algorithm and "verify" in operations

    def fetch_data(self) -> Any:
        try:
            self._known, self._is_down = super().fetch_data(), False
        except (PyJWTError, ValueError) as error:
            if self._known is None:
                raise
            failed("key set not fetched", error)
            self._is_down, self._last_successful_fetch = True, time.monotonic()
        assert self.jwk_set_cache is not None
        # While the provider is down, ask again after the cooldown and not with every token.
        self.jwk_set_cache.lifespan = (
            KEY_SET_PAUSE_SECONDS if self._is_down else KEY_SET_SECONDS_MAX
        )
        return self._known


@dataclass(slots=True)
class Verifier:
    """Verifies tokens according to the settings, in the same way for the WebSocket and for HTTP."""

    settings: TokenSettings
    secrets: Secrets
    key_set: KeySet | None
    """None if a shared secret is configured."""
    system: System

    def verify(self, token: str) -> Identity | BadToken:
        kid = key_id(token)
        if isinstance(kid, BadToken):
            return kid
        now_s = self.system.now_ms() / 1_000
        return verify(token, keys=self._keys(kid), rules=self._rules(), now_s=now_s)

    def _rules(self) -> Rules:
        return Rules(
            self.settings.jwt_algorithm,
            issuer=self.settings.jwt_issuer,
            audience=self.settings.jwt_audience,
            user_claim=self.settings.jwt_user_claim,
            role_claim=self.settings.jwt_role_claim,
        )

    def _keys(self, kid: str | None) -> list[Any]:
        if self.key_set is not None:
            return self.key_set.of(kid)
        secrets = self.secrets.valid(self.settings.jwt_secret_arn)
        if any(map(weak_secret, secrets)):
            raise WeakSecret("The JWT secret is shorter than 32 bytes.")
        return list(secrets)
