"""What follows when a socket has ended, or was refused. Pure."""

from dataclasses import dataclass
from typing import Final

from scorecast_client.frames import ConnectRefused, Goodbye

UNAUTHORIZED: Final = frozenset({401, 403})
PASSING: Final = frozenset({408, 410, 425, 429})
"""Those of the 4xx that may be answered otherwise next time."""
TOKEN: Final = 4001


@dataclass(frozen=True)
class Again:
    after_seconds: float | None
    """None leaves it to the backoff."""
    newer_token: bool = False
    """Only with another token than the last."""


@dataclass(frozen=True)
class Over:
    """Coming back makes no sense."""


Ending = Again | Over


def after_goodbye(goodbye: Goodbye | None, *, renewable: bool) -> Ending:
    if goodbye is None:
        return Again(None)
    after_seconds = goodbye.retry_after_ms / 1000 if goodbye.retry_after_ms else None
    if goodbye.code == TOKEN:
        return Again(after_seconds, newer_token=True) if renewable else Over()
    return Again(after_seconds) if goodbye.reconnect else Over()


def after_refusal(refused: ConnectRefused, *, renewable: bool) -> Ending:
    """`renewable`: whether the token may have become another one."""
    if refused.status in UNAUTHORIZED:
        return Again(None, newer_token=True) if renewable else Over()
    if refused.status is not None and 400 <= refused.status < 500:
        return Again(None) if refused.status in PASSING else Over()
    return after_goodbye(refused.goodbye, renewable=renewable)
