"""K7: what one emission costs as its room grows, by the real handlers over tables in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from infra.cost import DOLLARS, GB_SECOND, INVOCATION, MESSAGE, QUEUE, READ, WRITE
from tests.benchmarks.report import Effort, Report, Target
from tests.benchmarks.virtual_stack import Bill, Posted, VirtualStack, opened

VIEWERS: Final = (10, 100, 1_000, 10_000, 20_000)
SLOPE_GROWTH_MAX: Final = 1.1
"""A cost whose slope grows by more than this from one size to the next grows faster than linear."""

REQUESTS_PER_SECOND: Final = 10_000
REQUESTS_BURST: Final = 5_000
"""API Gateway's default quota of an account, which posts are part of: a bucket and its filling."""

LAMBDA_GB: Final = 1_769 / 1_024

_COSTS: Final = ("read units", "write units", "requests", "Lambda ms", "invocations", "posts")
_COLUMNS: Final = (*_COSTS, "US$ per 1,000 emissions", "ms from claim to last post", "over quota")


def run(_effort: Effort) -> Report:
    with opened() as virtual_stack:
        costs = {viewers: emission(virtual_stack, viewers) for viewers in VIEWERS}
    targets = [
        Target(f"{cost}: slope at 20,000 / slope at 10,000", _bend(costs, cost), SLOPE_GROWTH_MAX)
        for cost in _COSTS
    ]
    posts = [cost["posts"] for cost in costs.values()]
    targets.append(
        Target(
            "posts beyond one per viewer",
            max(abs(sent - viewers) for sent, viewers in zip(posts, VIEWERS, strict=True)),
            0,
        )
    )
    return Report(
        key="K7",
        title="one emission's cost by viewers of the match",
        columns=("viewers", *_COLUMNS),
        rows=[
            (f"{viewers:,}", *(cost[name] for name in _COLUMNS)) for viewers, cost in costs.items()
        ],
        targets=targets,
        samples=costs,
        remarks=[
            "requests are those to DynamoDB and SQS of flush and fanout together; Lambda ms count"
            " the window's wait, which grows with the posting budget's floor.",
            "over quota: posts that API Gateway would answer with 429 under the default quota of"
            f" {REQUESTS_PER_SECOND:,} requests per second and a burst of {REQUESTS_BURST:,}.",
        ],
    )


def emission(virtual_stack: VirtualStack, viewers: int) -> dict[str, float]:
    """The cost of publishing one accepted update to so many viewers, from its flush request on."""
    virtual_stack.seat(viewers)
    virtual_stack.update(viewers)
    virtual_stack.bill = Bill()
    virtual_stack.system.run()
    bill = virtual_stack.bill
    lasted = [took_ms for runs in bill.invocations_ms.values() for took_ms in runs]
    cost = {
        "read units": bill.read_units,
        "write units": float(bill.write_units),
        "requests": bill.calls.total(),
        "Lambda ms": sum(lasted),
        "invocations": len(lasted),
        "posts": sum(each.posts for each in bill.posts),
        "ms from claim to last post": (
            virtual_stack.published[-1].at_us - virtual_stack.claimed_at_us()
        )
        / 1_000,
        "over quota": _over_quota(bill.posts),
    }
    return cost | {"US$ per 1,000 emissions": 1_000 * _dollars(bill, cost)}


def _dollars(bill: Bill, cost: Mapping[str, float]) -> float:
    used = {
        MESSAGE: cost["posts"],
        INVOCATION: cost["invocations"],
        GB_SECOND: cost["Lambda ms"] / 1_000 * LAMBDA_GB,
        WRITE: cost["write units"],
        READ: cost["read units"],
        QUEUE: bill.calls["SendMessage"] + bill.calls["SendMessageBatch"] + cost["invocations"],
    }
    return sum(DOLLARS[item] * amount for item, amount in used.items())


def _over_quota(posted: Sequence[Posted]) -> int:
    """Posts that find the bucket empty, millisecond by millisecond."""
    arriving: Counter[int] = Counter()
    for each in posted:
        lasts_ms = max(1, (each.ended_us - each.begun_us) // 1_000)
        for number in range(each.posts):
            arriving[each.begun_us // 1_000 + number * lasts_ms // each.posts] += 1
    left, over, before_ms = float(REQUESTS_BURST), 0.0, min(arriving)
    for at_ms in sorted(arriving):
        filled = (at_ms - before_ms) * REQUESTS_PER_SECOND / 1_000
        left = min(REQUESTS_BURST, left + filled) - arriving[at_ms]
        over, left, before_ms = over - min(0.0, left), max(0.0, left), at_ms
    return round(over)


def _bend(costs: Mapping[int, Mapping[str, float]], cost: str) -> float:
    """How much steeper a cost is over the last step than over the one before."""
    sizes: Sequence[int] = VIEWERS[-3:]
    before, last = (
        (costs[larger][cost] - costs[smaller][cost]) / (larger - smaller)
        for smaller, larger in pairwise(sizes)
    )
    return last / before if before else float(last > 0) + 1
