"""What the handlers ask of DynamoDB, taken down while they run in the simulator."""

from copy import deepcopy
from itertools import islice
from typing import Any, Final

from tests.emulators.operations import Asked
from tests.simulation import seams
from tests.simulation.dynamodb import DynamoDB, Request
from tests.simulation.profiles import PROFILES
from tests.simulation.run import run_seed

NAMES: Final = ("everything", "rooms", "sweep", "completion", "admission", "scores", "shards")
EACH: Final = 600
PAGE: Final = 3
SEEDS_MAX: Final = 200


def product_requests() -> list[Asked]:
    """Of every profile some hundreds, in the order in which they came."""
    asked: list[Asked] = []
    with seams.installed():
        for name in NAMES:
            asked += islice(_of_profile(name), EACH)
    return asked


def _of_profile(name: str) -> list[Asked]:
    asked: list[Asked] = []
    original = DynamoDB.apply
    seed = 0

    def apply(self: DynamoDB, operation: str, request: Request, now_us: int) -> Any:
        if "ExclusiveStartKey" not in request:
            asked.append((operation, _of_its_own(request, f"{name}-{seed}")))
        return original(self, operation, request, now_us)

    DynamoDB.apply = apply  # type: ignore[method-assign]
    try:
        while len(asked) < EACH and seed < SEEDS_MAX:
            run_seed(PROFILES[name], seed)
            seed += 1
    finally:
        DynamoDB.apply = original  # type: ignore[method-assign]
    return asked


def _of_its_own(request: Request, run: str) -> Request:
    """Tokens of runs differ, and queries have pages; their next is not compared."""
    kept = deepcopy(request)
    if "KeyConditionExpression" in kept:
        kept["Limit"] = PAGE
    if "ClientRequestToken" in kept:
        kept["ClientRequestToken"] = f"{run}-{kept['ClientRequestToken']}"[-36:]
    return kept
