"""Parts of every function: its settings, the clock, and threads."""

from functools import cache
from typing import TYPE_CHECKING

from scorecast.protocol.limits import BATCH_RECORDS_MAX
from scorecast.runtime import settings as of
from scorecast.runtime.system import HostSystem, System

if TYPE_CHECKING:
    from concurrent.futures import Executor


@cache
def settings[T](function: type[T]) -> T:
    return of.read(function)


@cache
def system() -> System:
    return HostSystem()


@cache
def pool() -> "Executor":
    """Threads for the groups of a batch, which mostly wait for AWS."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(max_workers=BATCH_RECORDS_MAX)
