"""The limits of a stack: the template's parameters, and the quotas of its account."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PARAMETERS: Final[Mapping[str, float]] = {
    "RoomCapacity": 2_000,
    "PostsPerSecondBudget": 8_000,
    "ConnectsPerSecondBudget": 400,
    "CoalesceWindowMs": 100,
    "CoalesceMaxWaitMs": 250,
    "HeartbeatIntervalSeconds": 25,
    "WelcomeConcurrency": 50,
}
"""With the template's defaults; a test compares them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    default: float
    text: str
    is_raised: bool = True
    """Whether AWS raises it on request."""


QUOTAS: Final[Mapping[str, Quota]] = {
    "requests": Quota(
        default=10_000, text="API Gateway: requests a second, posts and messages among them"
    ),
    "connects": Quota(default=500, text="API Gateway: new connections a second"),
    "executions": Quota(default=1_000, text="Lambda: concurrent executions"),
    "table_writes": Quota(
        default=40_000, text="DynamoDB: write units a second of a table or an index"
    ),
    "table_reads": Quota(
        default=40_000, text="DynamoDB: read units a second of a table or an index"
    ),
    "key_writes": Quota(
        default=1_000, text="DynamoDB: write units a second of one key", is_raised=False
    ),
    "key_reads": Quota(
        default=3_000, text="DynamoDB: read units a second of one key", is_raised=False
    ),
    "fifo_group": Quota(
        default=300, text="SQS FIFO: messages a second of one group", is_raised=False
    ),
}
"""Defaults of an account in us-east-1, as of 2026-11."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    parameters: Mapping[str, float]
    quotas: Mapping[str, float]

    def __getitem__(self, name: str) -> float:
        return self.parameters[name] if name in self.parameters else self.quotas[name]

    @property
    def connects_per_second(self) -> float:
        return min(self["ConnectsPerSecondBudget"], self["connects"])

    def changed(self, **values: float) -> "Bounds":
        """With other values of parameters or quotas."""
        return Bounds(
            parameters={name: values.get(name, old) for name, old in self.parameters.items()},
            quotas={name: values.get(name, old) for name, old in self.quotas.items()},
        )


DEFAULTS: Final = Bounds(
    parameters=PARAMETERS, quotas={name: quota.default for name, quota in QUOTAS.items()}
)
