"""What strikes a mover at one of its calls of AWS."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import ReadTimeoutError

from tests.simulation.calls import Calls, Faults
from tests.simulation.dynamodb import DynamoDB, Reply, Request, client_error
from tests.simulation.scheduler import Scheduler
from tests.simulation.sqs import Queues

KINDS: Final = ("dies", "loses", "hangs", "throttled")
SLOW: Final = "slow"
"""Each call takes a second from then on."""
NOTHING: Final = "nothing"
LEASE_OVER_US: Final = 33_000_000
"""Longer than a lease: the cell that the tournament leaves has given the move up by then."""


@dataclass
class Strike:
    """`at` counts the calls of the mover of this name, from 1."""

    mover: str
    at: int
    kind: str
    happens: Callable[[], None] = lambda: None
    """Called when the strike begins, and whatever it is."""
    calls: int = 0
    begun_us: int | None = None


class StruckCalls(Calls):
    """No other fault strikes."""

    def __init__(
        self,
        scheduler: Scheduler,
        dynamodb: DynamoDB,
        queues: Queues,
        trace: Callable[[str, str, str], None] | None,
    ) -> None:
        super().__init__(scheduler, dynamodb, queues, Faults(0, 0), trace)
        self.strike: Strike | None = None

    def call(self, service: str, operation: str, request: Request, attempts_max: int) -> Reply:
        strike, task = self.strike, self._scheduler.current
        if strike is None or task is None or not task.invocation.name.startswith(strike.mover):
            return super().call(service, operation, request, attempts_max)
        strike.calls += 1
        if strike.calls == strike.at:
            strike.begun_us = self._scheduler.now_us
            strike.happens()
        if not self._is_struck(strike):
            return super().call(service, operation, request, attempts_max)
        return self._struck_by(strike, service, operation, request, attempts_max)

    def _is_struck(self, strike: Strike) -> bool:
        if strike.begun_us is None:
            return False
        if strike.calls == strike.at or strike.kind == SLOW:
            return True
        until_us = strike.begun_us + LEASE_OVER_US
        return strike.kind == "throttled" and self._scheduler.now_us < until_us

    def _struck_by(
        self, strike: Strike, service: str, operation: str, request: Request, attempts_max: int
    ) -> Reply:
        match strike.kind:
            case "dies":
                self._scheduler.crash()
            case "throttled":
                self._scheduler.sleep(500_000)
                code = "ProvisionedThroughputExceededException"
                raise client_error(code if service == "dynamodb" else "RequestThrottled", operation)
            case "hangs":
                # sent late: the process was stopped, or the request was long on its way
                self._scheduler.sleep(LEASE_OVER_US)
            case "slow":
                self._scheduler.sleep(1_000_000)
        reply = super().call(service, operation, request, attempts_max)
        if strike.kind == "loses":
            raise ReadTimeoutError(endpoint_url="https://aws.invalid")
        return reply
