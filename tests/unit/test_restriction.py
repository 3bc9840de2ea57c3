import pytest

from scorecast.domain.connections.rate_limit import penalty_ms
from scorecast.domain.connections.restriction import Restriction, restriction
from scorecast.protocol.limits import PENALTY_SECONDS, PENALTY_SECONDS_MAX


def _restriction(
    *, denied_until_ms: int = 0, not_before_ms: int = 0, issued_at_ms: int | None = 1_000
) -> Restriction | None:
    return restriction(
        denied_until_ms=denied_until_ms,
        not_before_ms=not_before_ms,
        issued_at_ms=issued_at_ms,
        now_ms=5_000,
    )


def test_a_client_without_an_entry_comes_in() -> None:
    assert _restriction() is None
    assert _restriction(issued_at_ms=None) is None


@pytest.mark.parametrize(
    ("until_ms", "expected"), [(5_001, Restriction.DENIED), (5_000, None), (0, None)]
)
def test_a_denial_ends_at_its_time(until_ms: int, expected: Restriction | None) -> None:
    assert _restriction(denied_until_ms=until_ms) is expected


@pytest.mark.parametrize(
    ("issued_at_ms", "expected"),
    [(1_999, Restriction.REVOKED), (2_000, None), (None, Restriction.REVOKED)],
)
def test_a_token_that_was_issued_before_the_revocation_is_refused(
    issued_at_ms: int | None, expected: Restriction | None
) -> None:
    assert _restriction(not_before_ms=2_000, issued_at_ms=issued_at_ms) is expected


def test_the_wait_after_an_abuse_doubles_up_to_its_maximum() -> None:
    waits_s = [penalty_ms(times) // 1_000 for times in range(1, 12)]
    assert waits_s[:3] == [PENALTY_SECONDS, 2 * PENALTY_SECONDS, 4 * PENALTY_SECONDS]
    assert waits_s[-1] == penalty_ms(10_000) // 1_000 == PENALTY_SECONDS_MAX
