"""Allowances: one number per user and per IP, spent by conditional writes."""

from dataclasses import dataclass

from scorecast.allowance import OverLimit, Rate, spend
from scorecast.aws.clock import Clock
from scorecast.aws.dynamodb import ConditionNotMet, Contention, Table, Update, Written
from scorecast.limits import ALLOWANCE_ROW_SECONDS, CONTENTION_ATTEMPTS_MAX


@dataclass(frozen=True, slots=True)
class Allowances:
    table: Table
    clock: Clock

    def spend_of_user(self, user_id: str, rate: Rate) -> OverLimit | None:
        """Spend one frame of a user's, over all connections; None if it passes."""
        return self._spend(f"U#{user_id}", rate)

    def spend_of_ip(self, ip_hash: str, rate: Rate) -> OverLimit | None:
        return self._spend(f"I#{ip_hash}", rate)

    def _spend(self, pk: str, rate: Rate) -> OverLimit | None:
        """The first write guesses that the bucket is full and tells what it holds if it is not.

        So a quiet client's frame costs one write, a refusal costs one, a burst's frame two.
        """
        arrival_us: int | None = None
        for _ in range(CONTENTION_ATTEMPTS_MAX):
            decision = spend(arrival_us, now_us=self.clock.now_us(), rate=rate)
            if isinstance(decision, OverLimit):
                return decision
            outcome = self._write(pk, decision.arrival_us, expected_us=arrival_us)
            if isinstance(outcome, Written):
                return None
            arrival_us = outcome.item["arrival_us"] if outcome.item else None
        raise Contention(pk)

    def _write(
        self, pk: str, arrival_us: int, *, expected_us: int | None
    ) -> Written | ConditionNotMet:
        now_us = self.clock.now_us()
        full = "attribute_not_exists(arrival_us) OR arrival_us <= :expected"
        return self.table.update(
            Update(
                pk,
                "A",
                expression="SET arrival_us = :arrival, expires_at = :expires_at",
                condition=full if expected_us is None else "arrival_us = :expected",
                values={
                    ":arrival": arrival_us,
                    ":expected": now_us if expected_us is None else expected_us,
                    ":expires_at": now_us // 1_000_000 + ALLOWANCE_ROW_SECONDS,
                },
            )
        )
