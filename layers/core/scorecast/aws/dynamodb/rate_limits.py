"""Rate limits: one number per user and per address, advanced by conditional writes."""

from dataclasses import dataclass

from scorecast.aws.dynamodb.table import ConditionNotMet, Contention, Item, Table, Update, Written
from scorecast.domain.connections.rate_limit import OverLimit, Rate, acquire
from scorecast.protocol.limits import (
    ABUSE_BURST,
    ABUSE_PER_SECOND,
    RATE_LIMIT_ATTEMPTS_MAX,
    RATE_LIMIT_ROW_SECONDS,
)
from scorecast.runtime.system import System

_ABUSE = Rate(ABUSE_PER_SECOND, ABUSE_BURST)


@dataclass(frozen=True, slots=True)
class RateLimited:
    """The message is dropped. `is_abuse` if that has happened again and again."""

    retry_after_ms: int
    is_abuse: bool


@dataclass(frozen=True, slots=True)
class RateLimiter:
    table: Table
    system: System

    def acquire_for_user(self, user_id: str, rate: Rate) -> RateLimited | None:
        """Acquire one message for a user, over all connections; None if it passes."""
        return self._acquire(f"U#{user_id}", rate)

    def acquire_for_ip(self, ip_hash: str, rate: Rate) -> RateLimited | None:
        return self._acquire(f"I#{ip_hash}", rate)

    def _acquire(self, pk: str, rate: Rate) -> RateLimited | None:
        """The first write guesses that the bucket is full, and returns it if it is not.

        So a quiet client's message costs one write, a burst's two, and so does a refusal, which
        is counted against the client.
        """
        stored: Item = {}
        for attempt in range(RATE_LIMIT_ATTEMPTS_MAX):
            now_us = self.system.now_us()
            decision = acquire(stored.get("arrival_us"), now_us=now_us, rate=rate)
            if isinstance(decision, OverLimit):
                is_abuse = self._count_refusal(pk, stored, now_us)
                return RateLimited(decision.retry_after_ms, is_abuse)
            expected_us = stored.get("arrival_us")
            outcome = self._write(pk, "arrival_us", decision.arrival_us, expected_us, now_us)
            if isinstance(outcome, Written):
                return None
            stored = outcome.item or {}
            if attempt > 0:
                self.table.pause(attempt - 1)
        raise Contention(pk)

    def _count_refusal(self, pk: str, stored: Item, now_us: int) -> bool:
        """Count a refusal in a bucket of its own; True if there are too many.

        One that races another is not counted.
        """
        decision = acquire(stored.get("refused_us"), now_us=now_us, rate=_ABUSE)
        if isinstance(decision, OverLimit):
            return True
        self._write(pk, "refused_us", decision.arrival_us, stored.get("refused_us"), now_us)
        return False

    def _write(
        self, pk: str, bucket: str, arrival_us: int, expected_us: int | None, now_us: int
    ) -> Written | ConditionNotMet:
        full = "attribute_not_exists(#bucket) OR #bucket <= :expected"
        return self.table.update(
            Update(
                pk,
                "A",
                expression="SET #bucket = :arrival, expires_at = :expires_at",
                condition=full if expected_us is None else "#bucket = :expected",
                names={"#bucket": bucket},
                values={
                    ":arrival": arrival_us,
                    ":expected": now_us if expected_us is None else expected_us,
                    ":expires_at": now_us // 1_000_000 + RATE_LIMIT_ROW_SECONDS,
                },
            )
        )
