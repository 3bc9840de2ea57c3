"""What a check is, and what can come of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scorecast_client.verify.run import Run


class Result(StrEnum):
    OK = "ok"
    DIFFERS = "differs"
    """As the local cloud is known to do it, and AWS is not."""
    SKIPPED = "skipped"
    """The stack's parameters leave nothing to check."""
    FAILED = "FAILED"


class Failed(Exception):
    """What was seen in place of what must be."""


class Differs(Exception):
    """What the local cloud does in place of what AWS is documented to do."""


class Skipped(Exception):
    """Why there is nothing to check."""


@dataclass(frozen=True)
class Check:
    name: str
    fact: str
    """What AWS is documented to do, and a check that passes on AWS confirms."""
    perform: "Callable[[Run], str]"
    """Returns what was seen."""


@dataclass(frozen=True)
class Outcome:
    check: str
    result: Result
    seen: str
    fact: str
    seconds: float


class Checks(list[Check]):
    """In the order of definition."""

    def add(
        self, name: str, *, fact: str
    ) -> "Callable[[Callable[[Run], str]], Callable[[Run], str]]":
        def register(perform: "Callable[[Run], str]") -> "Callable[[Run], str]":
            self.append(Check(name, fact, perform))
            return perform

        return register


def perform(check: Check, run: "Run") -> Outcome:
    begun = time.monotonic()
    result, seen = _perform(check, run)
    return Outcome(check.name, result, seen, check.fact, round(time.monotonic() - begun, 2))


def _perform(check: Check, run: "Run") -> tuple[Result, str]:
    try:
        return Result.OK, check.perform(run)
    except Differs as difference:
        return Result.DIFFERS, str(difference)
    except Skipped as why:
        return Result.SKIPPED, str(why)
    except Failed as failure:
        return Result.FAILED, str(failure)
    except Exception as fault:  # a check that ends in any other way has not passed
        return Result.FAILED, f"{type(fault).__name__}: {fault}"
    finally:
        run.close_sockets()


def require(condition: bool, seen: str) -> None:
    if not condition:
        raise Failed(seen)
