"""Rate limits: one number per bucket, advanced by conditional writes.

A user's buckets are its own, over all of its connections and whatever its address. The buckets of
an address govern only clients without a user, so no client can use up the limit of another at the
same address.
"""

from dataclasses import dataclass, field
from typing import Final

from scorecast.aws.dynamodb.connection_items import ip_pk, user_pk
from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.outcomes import ConditionNotMet, Written
from scorecast.aws.dynamodb.table import Contention, Table
from scorecast.aws.dynamodb.writes import Update
from scorecast.domain.connections.rate_limit import (
    FULL_READ_RATE,
    HANDSHAKE_RATE,
    PAGE_READ_RATE,
    SUBSCRIPTION_RATE,
    OverLimit,
    Rate,
    acquire,
    penalty_ms,
)
from scorecast.protocol.limits import (
    ABUSE_REFUSALS_MAX,
    ABUSE_WINDOW_SECONDS,
    CONTENTION_MS_MAX,
    PENALTY_MEMORY_SECONDS,
    RATE_LIMIT_ATTEMPTS_MAX,
    RATE_LIMIT_ROW_SECONDS,
    REFUSALS_REMEMBERED_MAX,
    RESERVE_BURST,
    RESERVE_PER_SECOND,
    STALE_CHECK_SECONDS,
)
from scorecast.runtime.system import System

RATES_SK: Final = "A"
_MESSAGES: Final = "arrival_us"
_RESERVE: Final = "reserve_us"
_HANDSHAKES: Final = "handshake_us"
_SUBSCRIPTIONS: Final = "subscription_us"
_FULL_READS: Final = "full_read_us"
_PAGE_READS: Final = "page_read_us"
_RESERVE_RATE: Final = Rate(RESERVE_PER_SECOND, RESERVE_BURST)
_NOT_BLOCKED: Final = " AND (attribute_not_exists(blocked_until_ms) OR blocked_until_ms <= :now_ms)"


class BucketContention(Contention):
    """Concurrent requests kept changing the same bucket."""


@dataclass(frozen=True, slots=True)
class RateLimited:
    """The message is dropped, or the handshake refused."""

    retry_after_ms: int


@dataclass(frozen=True, slots=True)
class RateLimiter:
    table: Table
    system: System
    refused_until_ms: dict[tuple[str, str], int] = field(
        default_factory=dict, hash=False, compare=False
    )
    """Until when buckets refuse, cached, so that a flood of refusals makes no AWS calls."""

    def acquire_for_user(self, user_id: str, rate: Rate) -> RateLimited | None:
        """Acquire one message for a user, over all connections; None if it passes."""
        return self._acquire(user_pk(user_id), _MESSAGES, rate)

    def acquire_for_ip(self, ip_hash: str, rate: Rate) -> RateLimited | None:
        """Acquire one message for an address, over its connections that have no user."""
        return self._acquire(ip_pk(ip_hash), _MESSAGES, rate)

    def acquire_reserve(self, user_id: str) -> RateLimited | None:
        """Acquire one report for a user whose limit is used up by other messages."""
        return self._acquire(user_pk(user_id), _RESERVE, _RESERVE_RATE)

    def acquire_subscription(self, user_id: str | None, ip_hash: str) -> RateLimited | None:
        """Acquire one subscription for a user, or for an address that shows no user."""
        return self._acquire(_pk(user_id, ip_hash), _SUBSCRIPTIONS, SUBSCRIPTION_RATE)

    def acquire_full_read(self, user_id: str | None, ip_hash: str) -> RateLimited | None:
        """Acquire one read of a whole tournament, in the same way."""
        return self._acquire(_pk(user_id, ip_hash), _FULL_READS, FULL_READ_RATE)

    def acquire_page_read(self, user_id: str | None, ip_hash: str) -> RateLimited | None:
        """Acquire one read of a page of a list, or of a structure, in the same way."""
        return self._acquire(_pk(user_id, ip_hash), _PAGE_READS, PAGE_READ_RATE)

    def acquire_handshake(self, user_id: str | None, ip_hash: str) -> RateLimited | None:
        """Acquire one handshake for a user, or for an address that shows no user.

        Refused while the wait after an abuse lasts.
        """
        try:
            return self._acquire(_pk(user_id, ip_hash), _HANDSHAKES, HANDSHAKE_RATE)
        except BucketContention:  # too many at once are too many
            return RateLimited(HANDSHAKE_RATE.interval_us // 1_000)

    def _acquire(self, pk: str, bucket: str, rate: Rate) -> RateLimited | None:
        """A bucket refills only with time, so the refusal is valid until then."""
        remembered_ms = self.refused_until_ms.get((pk, bucket), 0) - self.system.now_ms()
        if remembered_ms > 0:
            return RateLimited(remembered_ms)
        limited = self._acquire_stored(pk, bucket, rate)
        if limited is not None:
            if len(self.refused_until_ms) >= REFUSALS_REMEMBERED_MAX:
                self.refused_until_ms.clear()
            self.refused_until_ms[pk, bucket] = self.system.now_ms() + limited.retry_after_ms
        return limited

    def _acquire_stored(self, pk: str, bucket: str, rate: Rate) -> RateLimited | None:
        """The first write guesses that the bucket is full, and returns it if it is not.

        So a message of a quiet client costs one write, a message in a burst two, and a dropped
        message one.
        """
        stored: Item = {}
        begun_us = self.system.now_us()
        for attempt in range(RATE_LIMIT_ATTEMPTS_MAX):
            now_us = self.system.now_us()
            if now_us - begun_us > CONTENTION_MS_MAX * 1_000:
                break
            if bucket == _HANDSHAKES and stored.get("blocked_until_ms", 0) * 1_000 > now_us:
                return RateLimited(stored["blocked_until_ms"] - now_us // 1_000)
            decision = acquire(stored.get(bucket), now_us=now_us, rate=rate)
            if isinstance(decision, OverLimit):
                return RateLimited(decision.retry_after_ms)
            outcome = self._write(pk, bucket, decision.arrival_us, stored.get(bucket), now_us)
            if isinstance(outcome, Written):
                return None
            stored = outcome.item or {}
            if attempt > 0:
                self.table.pause(attempt - 1)
        raise BucketContention(pk)

    def _write(
        self, pk: str, bucket: str, arrival_us: int, expected_us: int | None, now_us: int
    ) -> Written | ConditionNotMet:
        # Without a known value, the bucket must be full. With one, it must be unchanged: two
        # messages at once cannot both take the last place.
        condition = "(attribute_not_exists(#bucket) OR #bucket <= :expected)"
        if expected_us is not None:
            condition = "#bucket = :expected"
        values = {
            ":arrival": arrival_us,
            ":expected": now_us if expected_us is None else expected_us,
            ":expires_at": now_us // 1_000_000 + RATE_LIMIT_ROW_SECONDS,
        }
        if bucket == _HANDSHAKES:
            condition, values = condition + _NOT_BLOCKED, values | {":now_ms": now_us // 1_000}
        return self.table.update(
            Update(
                pk,
                RATES_SK,
                expression="SET #bucket = :arrival, expires_at = :expires_at",
                condition=condition,
                names={"#bucket": bucket},
                values=values,
            )
        )

    def count_refusal(self, connection_id: str) -> bool:
        """Count a message that was dropped; True if the connection has had too many.

        Per connection, so that a flood closes only the connection that causes it, and not another
        tab.
        """
        now_s = self.system.now_ms() // 1_000
        window = now_s // ABUSE_WINDOW_SECONDS
        outcome = self.table.update(
            Update(
                f"{RATES_SK}#{connection_id}",
                f"{RATES_SK}#{window}",
                expression="SET expires_at = :expires_at ADD refusals :one",
                values={":one": 1, ":expires_at": now_s + RATE_LIMIT_ROW_SECONDS},
            )
        )
        return isinstance(outcome, Written) and outcome.item["refusals"] > ABUSE_REFUSALS_MAX

    def acquire_stale_check(self, user_id: str | None, ip_hash: str) -> bool:
        """Acquire the next check for stale holders of a user's or an address's slots; False if the
        last one was too recent."""
        now_ms = self.system.now_ms()
        outcome = self.table.update(
            Update(
                _pk(user_id, ip_hash),
                RATES_SK,
                expression="SET stale_checked_at_ms = :now, expires_at = :expires_at",
                # Of several newcomers at a full limit, one checks the holders.
                condition="attribute_not_exists(stale_checked_at_ms)"
                " OR stale_checked_at_ms <= :before",
                values={
                    ":now": now_ms,
                    ":before": now_ms - STALE_CHECK_SECONDS * 1_000,
                    ":expires_at": now_ms // 1_000 + RATE_LIMIT_ROW_SECONDS,
                },
            )
        )
        return isinstance(outcome, Written)

    def penalize(self, user_id: str | None, ip_hash: str) -> int:
        """Make a user, or an address that shows no user, wait before its next handshake.

        Returns how long, in ms: twice as long as the last time, if that was not long ago.
        """
        pk, now_ms = _pk(user_id, ip_hash), self.system.now_ms()
        # The wait doubles only if the last abuse was recent; otherwise the count starts again.
        again = self._penalty(pk, "penalties + :one", "penalized_at_ms > :long_ago", now_ms)
        outcome = self.table.update(again)
        if isinstance(outcome, ConditionNotMet):
            outcome = self.table.update(self._penalty(pk, ":one", "", now_ms))
        assert isinstance(outcome, Written)
        wait_ms = penalty_ms(outcome.item["penalties"])
        self.table.update(
            Update(
                pk,
                RATES_SK,
                expression="SET blocked_until_ms = :until",
                # Of two penalties at once, the longer wait stays.
                condition="attribute_not_exists(blocked_until_ms) OR blocked_until_ms < :until",
                values={":until": now_ms + wait_ms},
            )
        )
        return wait_ms

    def _penalty(self, pk: str, penalties: str, condition: str, now_ms: int) -> Update:
        long_ago_ms = now_ms - PENALTY_MEMORY_SECONDS * 1_000
        values = {
            ":one": 1,
            ":now": now_ms,
            ":expires_at": now_ms // 1_000 + RATE_LIMIT_ROW_SECONDS,
        }
        return Update(
            pk,
            RATES_SK,
            expression=f"SET penalties = {penalties}, penalized_at_ms = :now,"
            " expires_at = :expires_at",
            condition=condition,
            values=values | ({":long_ago": long_ago_ms} if condition else {}),
        )


def _pk(user_id: str | None, ip_hash: str) -> str:
    return ip_pk(ip_hash) if user_id is None else user_pk(user_id)
