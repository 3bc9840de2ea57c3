"""The keys that tokens are verified with: a shared secret, or a provider's published set."""

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from scorecast.aws.secrets_manager import Secrets
from scorecast.domain.connections.identity import BadToken, Identity
from scorecast.domain.connections.tokens import SYMMETRIC, Rules, key_id, verify, weak_secret
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


class KeySetUnavailable(Exception):
    """The provider did not answer lately, and nobody knows whether a key is one of its own."""


@dataclass(slots=True)
class KeySet:
    """A JWKS, fetched from the configured URL only: again for an unknown key id, and once an hour.

    An unknown id is anyone's to send, so it makes a fetch at most once a minute. While the
    provider is down the known keys stay good.
    """

    url: str
    system: System
    fetch: Callable[[str], bytes]
    _keys: dict[str | None, Any] = field(default_factory=dict)
    _asked_at_ms: int | None = None
    _is_down: bool = False

    def of(self, kid: str | None) -> list[Any]:
        """The keys of that id. KeySetUnavailable, or what `fetch` raises, if nobody knows."""
        if self._is_due(kid):
            self._ask(kid)
        if kid not in self._keys and self._is_down:
            raise KeySetUnavailable
        return [self._keys[kid]] if kid in self._keys else []

    def _is_due(self, kid: str | None) -> bool:
        if self._asked_at_ms is None or not self._keys:
            return True
        age_ms = self.system.now_ms() - self._asked_at_ms
        is_settled = kid in self._keys and not self._is_down
        return age_ms >= (KEY_SET_SECONDS_MAX if is_settled else KEY_SET_PAUSE_SECONDS) * 1_000

    def _ask(self, kid: str | None) -> None:
        self._asked_at_ms, self._is_down = self.system.now_ms(), True
        try:
            self._keys = _usable_keys(self.fetch(self.url))
            self._is_down = False
        except Exception as error:
            if kid not in self._keys:
                raise
            failed("key set not fetched", error)


@dataclass(slots=True)
class Verifier:
    """Verifies tokens as the settings demand: the same for the socket and for HTTP."""

    settings: TokenSettings
    secrets: Secrets
    key_set: KeySet
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
        )

    def _keys(self, kid: str | None) -> list[Any]:
        if self.settings.jwt_algorithm != SYMMETRIC:
            return self.key_set.of(kid)
        secrets = self.secrets.valid(self.settings.jwt_secret_arn)
        if any(map(weak_secret, secrets)):
            raise WeakSecret("The JWT secret is shorter than 32 bytes.")
        return list(secrets)


def fetch(url: str) -> bytes:
    """The body behind a configured HTTPS URL."""
    with urllib.request.urlopen(url, timeout=KEY_SET_TIMEOUT_SECONDS) as reply:
        body: bytes = reply.read(_BODY_BYTES_MAX)
    return body


_BODY_BYTES_MAX: Final = 1_000_000


def _usable_keys(body: bytes) -> dict[str | None, Any]:
    from jwt import PyJWKSet

    key_set = PyJWKSet.from_dict(json.loads(body))
    return {key.key_id: key.key for key in key_set.keys if key.public_key_use in (None, "sig")}
