from typing import Any

import pytest

from scorecast.aws.dynamodb.rate_limits import RateLimiter
from scorecast.domain.connections.rate_limit import Rate
from scorecast.wiring import tables
from tests.harness.moto_cloud import MotoCloud
from tests.harness.threads import at_once

RATE = Rate(per_second=10, burst=3)


@pytest.fixture
def rate_limiter(cloud: MotoCloud) -> RateLimiter:
    return RateLimiter(tables.connections_table(cloud.settings), cloud.system)


def _acquire(rate_limiter: RateLimiter, times: int, user: str = "u1") -> list[Any]:
    return [rate_limiter.acquire_for_user(user, RATE) for _ in range(times)]


def test_a_burst_passes_and_the_next_message_gets_a_time_to_wait(rate_limiter: RateLimiter) -> None:
    *passed, refused = _acquire(rate_limiter, 4)
    assert passed == [None] * 3
    assert refused.retry_after_ms == 100


def test_a_refused_message_passes_when_its_time_has_come(
    cloud: MotoCloud, rate_limiter: RateLimiter
) -> None:
    refused = _acquire(rate_limiter, 4)[-1]
    cloud.system.sleep_ms(refused.retry_after_ms - 1)
    assert _acquire(rate_limiter, 1)[0].retry_after_ms == 1
    cloud.system.sleep_ms(1)
    assert _acquire(rate_limiter, 1) == [None]


def test_two_users_have_allowances_of_their_own(rate_limiter: RateLimiter) -> None:
    _acquire(rate_limiter, 4)
    assert _acquire(rate_limiter, 3, user="u2") == [None] * 3


def test_a_user_and_an_ip_of_one_name_have_allowances_of_their_own(
    rate_limiter: RateLimiter,
) -> None:
    _acquire(rate_limiter, 4, user="x")
    assert rate_limiter.acquire_for_ip("x", RATE) is None


def test_a_quiet_bucket_is_full_again(cloud: MotoCloud, rate_limiter: RateLimiter) -> None:
    _acquire(rate_limiter, 4)
    cloud.system.sleep_ms(300)
    assert [refused is None for refused in _acquire(rate_limiter, 4)] == [True, True, True, False]


def test_exactly_the_burst_passes_when_40_messages_come_at_once(
    cloud: MotoCloud, rate_limiter: RateLimiter, switching: None
) -> None:
    rate = Rate(per_second=1, burst=20)
    outcomes = at_once(lambda _: rate_limiter.acquire_for_user("u1", rate), range(40))
    assert outcomes.count(None) == 20


def test_an_allowances_item_has_an_end(cloud: MotoCloud, rate_limiter: RateLimiter) -> None:
    _acquire(rate_limiter, 1)
    item = cloud.items(cloud.connections_table, "U#u1")["U#u1", "A"]
    assert item["expires_at"] > cloud.system.now_ms() // 1_000
