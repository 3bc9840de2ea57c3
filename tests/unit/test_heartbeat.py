from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecast.domain.connections.idle import (
    Heartbeat,
    IdleAction,
    IdleConnection,
    SweepRecord,
    drain_at_ms,
    idle_action,
    reconnect_delay_ms,
    remembered,
    shard_of,
    sweep_record,
    token_action,
    was_pinged,
)
from scorecast.protocol.limits import PINGS_MISSED_MAX, SWEEPS_REMEMBERED
from tests.examples import NOW_MS

HEARTBEAT = Heartbeat(interval_s=25, timeout_s=50)
HOUR_MS = 60 * 60 * 1_000


def _care(silent_s: float, sweeps: Sequence[SweepRecord] = (), **changes: Any) -> IdleAction:
    idle = IdleConnection(
        connection_id="c1",
        last_seen_ms=int(NOW_MS - silent_s * 1_000),
        connected_at_ms=NOW_MS - HOUR_MS,
        **changes,
    )
    return idle_action(idle, sweeps, at_ms=NOW_MS, heartbeat=HEARTBEAT)


def _swept(ago_s: float, pinged_silent_s: float) -> SweepRecord:
    """A sweep some time ago that reached everyone silent for as long as given, as of now."""
    return SweepRecord(int(NOW_MS - ago_s * 1_000), int(NOW_MS - pinged_silent_s * 1_000))


def test_a_quiet_connection_is_pinged() -> None:
    assert _care(25) is IdleAction.PING


def test_a_pinged_connection_is_not_pinged_again() -> None:
    assert _care(35, [_swept(10, 35)]) is IdleAction.NOTHING


def test_silence_after_a_ping_ends_a_connection_at_the_time_out() -> None:
    sweeps = [_swept(25, 50)]
    assert _care(50, sweeps) is IdleAction.END_SILENT
    assert _care(49.999, sweeps) is not IdleAction.END_SILENT


def test_a_connection_that_was_never_pinged_is_not_ended() -> None:
    assert _care(600) is IdleAction.PING


def test_a_connection_whose_ping_had_no_time_to_be_answered_is_not_ended() -> None:
    assert _care(600, [_swept(24.999, 600)]) is IdleAction.NOTHING
    assert _care(600, [_swept(25, 600)]) is IdleAction.END_SILENT


def test_a_connection_that_was_pinged_early_is_not_ended_before_the_time_out() -> None:
    assert _care(49.999, [_swept(30, 40)]) is IdleAction.NOTHING
    assert _care(50, [_swept(30, 40)]) is IdleAction.END_SILENT


def test_an_expired_token_ends_the_connection_after_a_warning() -> None:
    assert token_action(NOW_MS + 1, None, now_ms=NOW_MS) is IdleAction.NOTHING
    assert token_action(NOW_MS, None, now_ms=NOW_MS) is IdleAction.NOTIFY_EXPIRY
    assert token_action(NOW_MS, NOW_MS, now_ms=NOW_MS + 24_999) is IdleAction.NOTHING
    assert token_action(NOW_MS, NOW_MS, now_ms=NOW_MS + 25_000) is IdleAction.END_EXPIRED


def test_an_anonymous_connection_has_no_token_to_expire() -> None:
    assert token_action(None, None, now_ms=NOW_MS) is IdleAction.NOTHING


def test_an_expired_token_comes_before_a_ping() -> None:
    assert _care(25, token_expires_at_ms=NOW_MS - 1) is IdleAction.NOTIFY_EXPIRY


def test_an_announced_expiry_ends_an_active_connection() -> None:
    over_ms, published_ms = NOW_MS - 30_000, NOW_MS - 25_000
    action = _care(25, token_expires_at_ms=over_ms, expiry_notified_at_ms=published_ms)
    assert action is IdleAction.END_EXPIRED


@given(st.text(max_size=20))
def test_an_old_connection_is_ended_between_20_and_5_minutes_before_the_cut(name: str) -> None:
    minutes = (drain_at_ms(name, NOW_MS) - NOW_MS) / 60_000
    assert 100 <= minutes <= 115


def test_connections_of_one_age_do_not_end_together() -> None:
    ends = {drain_at_ms(f"c{n}", NOW_MS) for n in range(1_000)}
    assert len(ends) > 500


def test_an_old_connection_is_asked_to_reconnect() -> None:
    idle = IdleConnection(
        connection_id="c1", last_seen_ms=NOW_MS - 30_000, connected_at_ms=NOW_MS - 2 * HOUR_MS
    )
    assert idle_action(idle, [], at_ms=NOW_MS, heartbeat=HEARTBEAT) is IdleAction.END_OLD


def test_an_old_connection_is_ended_at_its_time_and_not_before() -> None:
    idle = IdleConnection(connection_id="c1", last_seen_ms=NOW_MS, connected_at_ms=NOW_MS)
    end_ms = drain_at_ms("c1", NOW_MS)
    assert idle_action(idle, [], at_ms=end_ms - 1, heartbeat=HEARTBEAT) is IdleAction.PING
    assert idle_action(idle, [], at_ms=end_ms, heartbeat=HEARTBEAT) is IdleAction.END_OLD


def _idle(last_seen_ms: int, connection_id: str = "c1") -> IdleConnection:
    return IdleConnection(connection_id=connection_id, last_seen_ms=last_seen_ms, connected_at_ms=0)


def test_only_sweeps_until_then_count_as_pings() -> None:
    sweeps = [SweepRecord(10, 5), SweepRecord(20, 15), SweepRecord(30, 12)]
    pinged = [was_pinged(_idle(15), sweeps, by_ms=at_ms) for at_ms in (9, 19, 20, 30)]
    assert pinged == [False, False, True, True]
    assert not was_pinged(_idle(16), sweeps, by_ms=30)


def test_a_connection_that_a_sweep_missed_is_not_pinged() -> None:
    record = sweep_record([_idle(5, "deaf")], sent_at_ms=20, reached_ms=15)
    assert not was_pinged(_idle(5, "deaf"), [record], by_ms=20)
    assert was_pinged(_idle(5), [record], by_ms=20)


def test_many_missed_pings_count_only_up_to_the_first() -> None:
    missed = [_idle(5 + n, f"c{n}") for n in range(PINGS_MISSED_MAX + 1)]
    assert sweep_record(missed, sent_at_ms=20, reached_ms=15) == SweepRecord(20, 4)
    assert len(sweep_record(missed[1:], sent_at_ms=20, reached_ms=15).missed) == PINGS_MISSED_MAX


def test_the_latest_sweeps_are_remembered() -> None:
    sweeps: list[SweepRecord] = []
    for n in range(SWEEPS_REMEMBERED + 3):
        sweeps = remembered(sweeps, SweepRecord(n, n))
    assert [sweep.sent_at_ms for sweep in sweeps] == list(range(3, SWEEPS_REMEMBERED + 3))


@pytest.mark.parametrize("clients", [1, 400, 40_000])
def test_returning_clients_come_no_faster_than_the_account_takes_them(clients: int) -> None:
    last = reconnect_delay_ms(clients, connects_per_second=400, jitter=0.999_999)
    assert clients <= 400 * (last / 1_000) + 1
    assert reconnect_delay_ms(clients, connects_per_second=400, jitter=0) > 0


def test_each_returning_client_has_its_time_by_lot_from_half_a_second_on() -> None:
    times_ms = [
        reconnect_delay_ms(40_000, connects_per_second=400, jitter=jitter)
        for jitter in (0, 0.25, 0.5)
    ]
    assert times_ms == [500, 25_500, 50_500]


@given(st.text(max_size=20), st.integers(1, 16))
def test_a_connection_has_one_of_the_shards(name: str, shards: int) -> None:
    assert shard_of(name, shards) in range(shards)
