"""Who is kept out: denied users and addresses, and users whose older tokens are revoked.

One item per user and per address, under the hash that the log shows. It has no end by itself.
"""

from dataclasses import dataclass
from typing import Final

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Update
from scorecast.domain.connections.identity import Identity, user_hash
from scorecast.domain.connections.restriction import Restriction, restriction
from scorecast.runtime.system import System

_SK: Final = "D"


@dataclass(frozen=True, slots=True)
class Restrictions:
    table: Table
    system: System

    def of(self, identity: Identity, ip_hash: str) -> Restriction | None:
        """The restriction of this token's holder, or of this address; None if there is none."""
        keys = [(_pk(ip_hash), _SK)]
        if identity.user_id is not None:
            keys.append((_pk(user_hash(identity.user_id)), _SK))
        return self._strictest(self.table.get_all(keys), identity)

    def of_token(self, identity: Identity) -> Restriction | None:
        """The same for a token only, if the address has been checked before."""
        assert identity.user_id is not None
        item = self.table.get(_pk(user_hash(identity.user_id)), _SK)
        return self._strictest([item] if item else [], identity)

    def _strictest(self, items: list[Item], identity: Identity) -> Restriction | None:
        return restriction(
            denied_until_ms=max((item.get("denied_until_ms", 0) for item in items), default=0),
            not_before_ms=max((item.get("not_before_ms", 0) for item in items), default=0),
            issued_at_ms=identity.issued_at_ms,
            now_ms=self.system.now_ms(),
        )

    def revoke(self, user_id: str) -> None:
        """Revoke all tokens of a user that were issued until now."""
        self._set(user_hash(user_id), "not_before_ms", self.system.now_ms())

    def deny(self, holder_hash: str, *, until_ms: int) -> None:
        """Deny a user or an address until then; 0 ends the denial."""
        self._set(holder_hash, "denied_until_ms", until_ms)

    def _set(self, holder_hash: str, attribute: str, value_ms: int) -> None:
        self.table.update(
            Update(
                _pk(holder_hash),
                _SK,
                expression="SET #attribute = :value",
                names={"#attribute": attribute},
                values={":value": value_ms},
            )
        )


def _pk(holder_hash: str) -> str:
    return f"D#{holder_hash}"
