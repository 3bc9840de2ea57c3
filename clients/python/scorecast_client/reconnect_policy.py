"""The reaction to a WebSocket that has closed or was refused. Pure."""

from dataclasses import dataclass
from typing import Final

from scorecast_client.errors import AddressError, ConnectRefused, NoNewerToken
from scorecast_client.messages import Goodbye

PASSING: Final = frozenset({408, 410, 425, 429})
"""Those of the 4xx that may be answered differently next time."""
TOKEN: Final = 4001
EVICTED: Final = "connection_limit_exceeded"
"""Reconnecting would evict another connection of the same user, which would then do the same."""
ROOM_FULL: Final = "room_full"
REFUSALS_MAX: Final = 5
"""One 403 or 404 may be a proxy's. So many in a row are the service's."""
FIRST_REFUSALS_MAX: Final = 2
"""At the first connection, when the caller waits for the reason."""


@dataclass(frozen=True)
class Retry:
    after_seconds: float | None
    """None leaves it to the backoff."""
    newer_token: bool = False
    """Only with another token than the last."""


@dataclass(frozen=True)
class GiveUp:
    """Do not reconnect."""


Decision = Retry | GiveUp


def after_goodbye(goodbye: Goodbye | None, *, renewable: bool) -> Decision:
    """`renewable`: whether the token may have become another one."""
    if goodbye is None:
        return Retry(None)
    after_seconds = goodbye.retry_after_ms / 1000 if goodbye.retry_after_ms else None
    if goodbye.code == TOKEN:
        return Retry(after_seconds, newer_token=True) if renewable else GiveUp()
    if goodbye.reason == EVICTED or not goodbye.reconnect:
        return GiveUp()
    return Retry(after_seconds)


def after_refusal(
    refused: ConnectRefused, *, renewable: bool, refusals: int, refusals_max: int
) -> Decision:
    """`refusals`: how many that `counts` came in a row, this one included."""
    if isinstance(refused, (AddressError, NoNewerToken)) or refusals >= refusals_max:
        return GiveUp()
    if _is_final(refused.status):
        return Retry(None)
    return after_goodbye(refused.goodbye, renewable=renewable)


def is_room_full(refused: ConnectRefused) -> bool:
    return refused.goodbye is not None and refused.goodbye.reason == ROOM_FULL


def counts(refused: ConnectRefused) -> bool:
    """Whether repetitions of this refusal mean that a retry cannot succeed."""
    return _is_final(refused.status) or bool(refused.goodbye and refused.goodbye.code == TOKEN)


def _is_final(status: int | None) -> bool:
    return status is not None and 400 <= status < 500 and status not in PASSING
