"""Threads that start together, so that what they do meets."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier


def at_once[T, R](work: Callable[[T], R], things: Sequence[T]) -> list[R]:
    """Do the work for all things at the same time, a thread for each; the results in order."""
    barrier = Barrier(len(things))

    def start(thing: T) -> R:
        barrier.wait()
        return work(thing)

    with ThreadPoolExecutor(len(things)) as pool:
        return list(pool.map(start, things))
