"""Replies to requests that carry an `Idempotency-Key`, kept for a day.

A reply is stored in the transaction of the change that it reports. So a repeated request either
finds the reply, or makes the change.
"""

import json
from dataclasses import dataclass
from typing import Any

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.match_keys import key_of
from scorecast.aws.dynamodb.table import Table
from scorecast.domain.rooms import Room
from scorecast.protocol.errors import Rejection, invalid
from scorecast.protocol.limits import IDEMPOTENCY_SECONDS
from scorecast.protocol.strict_json import compact
from scorecast.runtime.system import System


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request's key. `digest` differs if another request uses the same key."""

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class StoredReplies:
    table: Table
    system: System

    def find(self, room: Room, request: KeyedRequest | None) -> Any | Rejection | None:
        """The reply to an earlier attempt of a request; None if there was none."""
        if request is None:
            return None
        item = self.table.get(key_of(room)[0], _sk(request))
        if item is None:
            return None
        if item["digest"] != request.digest:
            return invalid({"Idempotency-Key": "has been used for another request"})
        return json.loads(item["reply"])

    def item(self, room: Room, request: KeyedRequest | None, reply: object) -> Item | None:
        """The item to put together with the change, which fails if the key has been used
        meanwhile."""
        if request is None:
            return None
        return {
            "pk": key_of(room)[0],
            "sk": _sk(request),
            "digest": request.digest,
            "reply": compact(reply),
            "expires_at": self.system.now_ms() // 1_000 + IDEMPOTENCY_SECONDS,
        }


def _sk(request: KeyedRequest) -> str:
    return f"I#{request.key}"
