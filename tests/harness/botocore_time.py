"""botocore's pauses between its retries, in virtual time."""

from typing import Protocol

import botocore.endpoint
import pytest


class Sleeper(Protocol):
    def sleep_ms(self, pause_ms: float) -> None: ...


class _Time:
    """Stands for the module `time`, of which botocore uses nothing else."""

    def __init__(self, system: Sleeper) -> None:
        self._system = system

    def sleep(self, seconds: float) -> None:
        self._system.sleep_ms(seconds * 1_000)


def make_virtual(system: Sleeper, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(botocore.endpoint, "time", _Time(system))
