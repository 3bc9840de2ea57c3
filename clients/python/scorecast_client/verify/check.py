"""What a check is, and how one is performed."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from scorecast_client.verify.outcome import Differs, Failed, Outcome, Result, Skipped
from scorecast_client.verify.run import Run


@dataclass(frozen=True)
class Check:
    name: str
    fact: str
    """What AWS is documented to do, and a check that passes on AWS confirms."""
    perform: Callable[[Run], str]
    """Returns what was seen."""


class Checks(list[Check]):
    """In the order of definition."""

    def add(
        self, name: str, *, fact: str
    ) -> Callable[[Callable[[Run], str]], Callable[[Run], str]]:
        def register(perform: Callable[[Run], str]) -> Callable[[Run], str]:
            self.append(Check(name, fact, perform))
            return perform

        return register


def perform(check: Check, run: Run) -> Outcome:
    begun = time.monotonic()
    result, seen = _perform(check, run)
    return Outcome(check.name, result, seen, check.fact, round(time.monotonic() - begun, 2))


def _perform(check: Check, run: Run) -> tuple[Result, str]:
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
