"""The one fault of a schedule: which turn of which invocation it strikes, and how."""

from dataclasses import dataclass
from typing import Final

KINDS: Final = {
    "read": ("crash", "throttle"),
    "write": ("crash", "lost_reply", "throttle", "conflict"),
    "send": ("crash", "lost_reply", "throttle"),
    "post": ("crash", "lost_reply", "throttled", "gone"),
    "ask": ("crash",),
    "close": ("crash", "throttled"),
    "end": ("crash",),
}
"""By what a turn does. A crash strikes before the call: after it is before the next one, and
before the `end`, which is the last turn of all, it is after the last call. A lost reply is that of
a call that was applied; the SDK sends it again, in a turn of its own, if it may. A throttle is
meant to outlast the SDK's tries. A read whose reply is lost is only read again."""


@dataclass(frozen=True, slots=True)
class Placement:
    thread: int
    turn: int
    kind: str

    def __str__(self) -> str:
        return f"{self.kind} at turn {self.turn} of invocation {self.thread}"
