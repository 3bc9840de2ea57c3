"""Time, pauses, randomness and new ids: replaceable in tests, like AWS."""

import random
import time
import uuid
from typing import Protocol


class System(Protocol):
    def now_ms(self) -> int: ...

    def now_us(self) -> int: ...

    def sleep_ms(self, pause_ms: float) -> None: ...

    def random(self) -> float:
        """At least 0 and below 1."""

    def new_id(self) -> str:
        """A globally unique id."""


class HostSystem:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def now_us(self) -> int:
        return time.time_ns() // 1_000

    def sleep_ms(self, pause_ms: float) -> None:
        time.sleep(pause_ms / 1_000)

    def random(self) -> float:
        return random.random()

    def new_id(self) -> str:
        return uuid.uuid4().hex
