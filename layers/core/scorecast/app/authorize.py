"""Who opens a connection, and from where: verify the origin, then the token or the ticket.

Nothing here imports boto3 or Powertools: this runs before every connection, on a cold start too.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from scorecast.aws.jwks import Verifier
from scorecast.aws.secrets_manager import SecretUnavailable
from scorecast.domain.connections.handshake import Handshake, ip_network, origin_is_allowed
from scorecast.domain.connections.identity import (
    HASH_CHARACTERS,
    BadToken,
    Identity,
    pseudonyms,
)
from scorecast.protocol.ids import is_id
from scorecast.runtime.settings import AuthorizerSettings
from scorecast.runtime.telemetry import count, log


@dataclass(frozen=True, slots=True)
class OriginNotAllowed:
    """Pages of this origin may not connect, even with a valid token."""


@dataclass(frozen=True, slots=True)
class Authorization:
    settings: AuthorizerSettings
    verifier: Verifier
    redeem: Callable[[str], Identity | BadToken]

    def authorize(
        self, handshake: Handshake, address: str
    ) -> Identity | BadToken | OriginNotAllowed:
        patterns = self.settings.allowed_origins
        if not patterns:
            warn_of_any_origin()
        required = self.settings.require_origin
        if not origin_is_allowed(handshake.origin, patterns=patterns, required=required):
            count(ConnectionsRefusedByOrigin=1)
            self._log_refusal("origin", address)
            return OriginNotAllowed()
        identity = self._identity(handshake)
        if isinstance(identity, BadToken):
            count(ConnectionsRefusedByToken=1)
            self._log_refusal(identity.reason, address)
        return identity

    def _identity(self, handshake: Handshake) -> Identity | BadToken:
        if handshake.ticket is not None:
            # Tickets are random ids. Anything else is refused without a call to DynamoDB.
            is_possible = is_id(handshake.ticket)
            return self.redeem(handshake.ticket) if is_possible else BadToken("ticket malformed")
        if handshake.token is None and self.settings.allow_anonymous:
            return Identity(user_id=None)
        return self.verifier.verify(handshake.token) if handshake.token else BadToken("missing")

    def _log_refusal(self, reason: str, address: str) -> None:
        """The handshake is refused even if the address for the log line cannot be read."""
        try:
            who = pseudonyms(None, self.ip_hash(address))
        except (ValueError, SecretUnavailable):
            who = {}
        log().info("refused", extra={"reason": reason} | who)

    def ip_hash(self, address: str) -> str:
        return ip_hash(address, self.verifier.secrets.current(self.settings.ip_hash_secret_arn))


def ip_hash(address: str, key: str) -> str:
    """A network's pseudonym: without the key it cannot be reversed by trying all addresses."""
    network = ip_network(address)
    return hmac.new(key.encode(), network.encode(), hashlib.sha256).hexdigest()[:HASH_CHARACTERS]


@cache
def warn_of_any_origin() -> None:
    """Once per process: pages of every site may connect with a token that they hold."""
    log().warning("AllowedOrigins is empty: pages of any origin may connect")
