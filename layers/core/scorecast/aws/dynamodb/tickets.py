"""Single-use connection tickets, so that no long-lived token appears in a URL.

A ticket is a random name for an identity. Only its hash is stored, and it is redeemed by a delete
that returns the deleted item: of two handshakes with one ticket, only one finds it.
"""

import hashlib
from dataclasses import dataclass

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Put
from scorecast.domain.connections.identity import BadToken, Identity, from_context, to_context
from scorecast.protocol.limits import TICKET_SECONDS
from scorecast.runtime.system import System

_SK = "K"


@dataclass(frozen=True, slots=True)
class Tickets:
    table: Table
    system: System

    def issue(self, identity: Identity, ticket: str) -> int:
        """Store a new ticket for a holder; when it expires, in milliseconds.

        `ticket` must be unguessable. It is never valid for longer than its token.
        """
        expires_at_ms = self.system.now_ms() + TICKET_SECONDS * 1_000
        if identity.expires_at_ms is not None:
            expires_at_ms = min(expires_at_ms, identity.expires_at_ms)
        item: Item = {
            "pk": _pk(ticket),
            "sk": _SK,
            "identity": to_context(identity),
            "valid_until_ms": expires_at_ms,
            "expires_at": expires_at_ms // 1_000,
        }
        self.table.put(Put(item))
        return expires_at_ms

    def redeem(self, ticket: str) -> Identity | BadToken:
        """The holder of a ticket, once. A retry after a lost reply does not find it: the client
        requests another."""
        pk = _pk(ticket)
        # A read first: anyone can send made-up tickets, and a delete costs five times as much.
        item = self.table.get(pk, _SK) and self.table.take(pk, _SK)
        if item is None or item["valid_until_ms"] <= self.system.now_ms():
            return BadToken("ticket unknown, used or expired")
        return from_context(item["identity"])


def _pk(ticket: str) -> str:
    return f"K#{hashlib.sha256(ticket.encode()).hexdigest()}"
