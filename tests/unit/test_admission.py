import pytest

from scorecast.domain.connections.admission import (
    Counters,
    Expected,
    Limits,
    Slot,
    expected_limit,
    oldest,
    suspects,
)
from scorecast.protocol.limits import (
    HANDSHAKE_BURST,
    HANDSHAKE_SECONDS_MAX,
    STALE_CHECK_SECONDS,
)

NOW_MS = 1_000_000
GRACE_MS = HANDSHAKE_SECONDS_MAX * 1_000


def _held(*connections: tuple[str, int]) -> list[Slot]:
    return [Slot("U#u1", "U", connection_id, at_ms) for connection_id, at_ms in connections]


def _ids(slots: list[Slot]) -> list[str]:
    return [slot.connection_id for slot in slots]


def test_suspects_are_those_whose_handshake_must_be_over() -> None:
    held = _held(("old", NOW_MS - GRACE_MS), ("young", NOW_MS - GRACE_MS + 1))
    assert _ids(suspects(held, newcomer="new", now_ms=NOW_MS)) == ["old"]


def test_suspects_come_oldest_first() -> None:
    held = _held(("a", 20), ("c", 10), ("b", 30))
    assert _ids(suspects(held, newcomer="new", now_ms=NOW_MS)) == ["c", "a", "b"]


def test_a_newcomer_does_not_suspect_itself() -> None:
    assert suspects(_held(("new", 0)), newcomer="new", now_ms=NOW_MS) == []


def test_a_connection_from_a_fast_clock_is_not_suspected() -> None:
    assert suspects(_held(("ahead", NOW_MS + 5_000)), newcomer="new", now_ms=NOW_MS) == []


def test_the_oldest_has_been_there_longest_whatever_its_id() -> None:
    held = _held(("a", 20), ("c", 10), ("b", 30))
    assert oldest(held, newcomer="new") == held[1]


def test_a_newcomer_is_not_the_oldest() -> None:
    held = _held(("new", 0), ("a", 20))
    assert oldest(held, newcomer="new") == held[1]
    assert oldest(_held(("new", 0)), newcomer="new") is None


LIMITS = Limits(per_user=3, per_ip=10)
LATELY_MS = NOW_MS - 1_000
LONG_AGO_MS = NOW_MS - STALE_CHECK_SECONDS * 1_000
LEFT_MS = STALE_CHECK_SECONDS * 1_000 - 1_000


def _expected(counters: Counters, *, replaces_oldest: bool = False) -> Expected | None:
    return expected_limit(counters, LIMITS, replaces_oldest=replaces_oldest, now_ms=NOW_MS)


@pytest.mark.parametrize(
    ("counters", "expected"),
    [
        (Counters(), None),
        (Counters(user_connections=2, user_checked_at_ms=LATELY_MS), None),
        (Counters(user_connections=3, user_checked_at_ms=LATELY_MS), Expected("user", LEFT_MS)),
        (Counters(user_connections=3, user_checked_at_ms=LONG_AGO_MS), None),
        (Counters(ip_connections=9, ip_checked_at_ms=LATELY_MS), None),
        (Counters(ip_connections=10, ip_checked_at_ms=LATELY_MS), Expected("ip", LEFT_MS)),
        (Counters(ip_connections=10, ip_checked_at_ms=LONG_AGO_MS), None),
        (Counters(blocked_until_ms=NOW_MS), None),
        (Counters(blocked_until_ms=NOW_MS + 5), Expected("rate", 5)),
        (Counters(handshake_us=(NOW_MS + (HANDSHAKE_BURST - 1) * 1_000) * 1_000), None),
        (
            Counters(handshake_us=(NOW_MS + HANDSHAKE_BURST * 1_000) * 1_000),
            Expected("rate", 1_000),
        ),
    ],
    ids=str,
)
def test_the_limit_that_a_handshake_would_meet(
    counters: Counters, expected: Expected | None
) -> None:
    assert _expected(counters) == expected


def test_a_user_whose_oldest_is_replaced_meets_no_limit() -> None:
    full = Counters(user_connections=3, user_checked_at_ms=LATELY_MS)
    assert _expected(full, replaces_oldest=True) is None
