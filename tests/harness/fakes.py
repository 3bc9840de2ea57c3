"""Stand-ins for the seam, each a few lines."""

import itertools
from dataclasses import dataclass, field


@dataclass
class FakeClock:
    """Time that passes only when someone waits."""

    at_ms: float = 1_795_360_000_000
    jitter: float = 0.5
    ids: "itertools.count[int]" = field(default_factory=itertools.count)

    def now_ms(self) -> int:
        return int(self.at_ms)

    def now_us(self) -> int:
        return int(self.at_ms * 1_000)

    def sleep_ms(self, pause_ms: float) -> None:
        self.at_ms += pause_ms

    def random(self) -> float:
        return self.jitter

    def new_id(self) -> str:
        return f"id-{next(self.ids)}"


@dataclass(frozen=True)
class FakeContext:
    """What Lambda passes to a handler about its invocation."""

    aws_request_id: str = "request-1"
    function_name: str = "scorecast"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:scorecast"
    remaining_ms: int = 15_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms
