"""The server's time decides, and no interval is measured by a clock that can be set."""

import asyncio
import time
from dataclasses import replace as changed

import pytest

from scorecast_client import AsyncPublisher, Connection, Publisher, Retries
from scorecast_client.revisions import AHEAD_MS_MAX, Revisions
from scorecast_client.server_clock import STEP_BACK_MS, WINDOW_SECONDS, ServerClock, date_ms
from tests.clients.python.fake_scorecast import FakeScorecast
from tests.clients.python.peer import QUICK, Json, Peer
from tests.clients.python.test_session import against, received_by

HOUR_SECONDS = 3600


class Monotonic:
    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def clock_at(server_ms: float) -> tuple[ServerClock, Monotonic]:
    monotonic = Monotonic()
    clock = ServerClock(monotonic)
    clock.observe(server_ms)
    return clock, monotonic


def test_the_servers_time_goes_on_between_answers() -> None:
    clock, monotonic = clock_at(5_000)
    monotonic.seconds += 2
    assert clock.now_ms() == 7_000
    assert ServerClock().now_ms() is None


def test_of_several_answers_the_one_furthest_ahead_is_the_most_exact() -> None:
    clock, _ = clock_at(5_000)
    for slow in (4_000, 5_900, 5_100):
        clock.observe(slow)
    assert clock.now_ms() == 5_900


def test_a_score_of_another_process_within_the_same_second_is_older() -> None:
    clock, _ = clock_at(5_000)  # as a `Date` has it: the server's clock shows up to 5.999
    clock.observe_match({"updated_at": 5_700})
    assert clock.now_ms() == 5_700
    clock.observe_match({"updated_at": None})
    assert clock.now_ms() == 5_700


def test_a_publisher_numbers_its_first_score_after_the_one_that_is_stored() -> None:
    async def run() -> Json:
        async with FakeScorecast() as fake:
            stored_at_ms = int(time.time()) * 1_000 + 900
            match = {"match_id": "m1", "sequence": 0, "revision": 0, "tournament_id": "t1"}
            fake.matches["m1"] = match | {"updated_at": stored_at_ms}
            await asyncio.to_thread(report, fake.stack.http_url)
            [body] = [body for *_, body in fake.requests if body]
            return body | {"stored_at_ms": stored_at_ms}

    def report(url: str) -> None:
        with Publisher(url, token="t") as publisher:
            publisher.score("m1", (1, 0))

    sent = asyncio.run(run())
    assert sent["client_revision"] >= sent["stored_at_ms"]


def test_a_server_clock_that_was_set_back_is_followed() -> None:
    clock, _ = clock_at(100_000)
    clock.observe(100_000 - STEP_BACK_MS - 1)
    assert clock.now_ms() == 100_000 - STEP_BACK_MS - 1


def test_a_slow_answer_after_a_while_does_not_set_the_time_back() -> None:
    clock, monotonic = clock_at(5_000)
    for windows in (1, 2, 3):
        monotonic.seconds += WINDOW_SECONDS
        exact = 5_000 + windows * WINDOW_SECONDS * 1000
        clock.observe(exact - 900)
        assert clock.now_ms() == exact
        clock.observe(exact)


def test_two_clocks_that_drift_apart_stay_together() -> None:
    clock, monotonic = clock_at(5_000)
    for answered in range(1, 25):
        monotonic.seconds += 60  # while the server counts half a second less
        clock.observe(5_000 + answered * 59_500)
        ahead_ms = (clock.now_ms() or 0) - (5_000 + answered * 59_500)
        assert 0 <= ahead_ms <= 500 * 2 * WINDOW_SECONDS / 60


def test_the_time_of_an_old_answer_is_not_used() -> None:
    clock, monotonic = clock_at(5_000)
    monotonic.seconds += 2 * WINDOW_SECONDS - 1
    assert clock.now_ms() == 5_000 + (2 * WINDOW_SECONDS - 1) * 1000
    monotonic.seconds += 1
    assert clock.now_ms() is None
    clock.observe(700_000)
    monotonic.seconds += 2 * WINDOW_SECONDS
    clock.observe(1_290_000)  # ten seconds less than this clock has counted
    assert clock.now_ms() == 1_290_000


@pytest.mark.parametrize(
    ("header", "ms"),
    [
        ("Thu, 11 Jun 2026 19:00:05 GMT", 1_781_204_405_000),
        (None, None),
        ("soon", None),
        ("Thu, 99 Jun 2026 19:00:05 GMT", None),
    ],
)
def test_a_date_header_is_read_or_ignored(header: str | None, ms: float | None) -> None:
    assert date_ms(header) == ms


def test_revisions_are_strictly_increasing_and_never_far_ahead_of_the_server() -> None:
    clock, monotonic = clock_at(5_000)
    revisions = Revisions(clock)
    burst = [revisions.next() for _ in range(AHEAD_MS_MAX + 100)]
    numbers = [number for number in burst if number is not None]
    assert max(numbers) <= 5_000 + AHEAD_MS_MAX + 1
    assert numbers[:AHEAD_MS_MAX] == list(range(5_000, 5_000 + AHEAD_MS_MAX))

    monotonic.seconds += 60
    assert revisions.next() == 65_000


def test_after_the_servers_clock_was_set_back_revisions_are_accepted_again() -> None:
    clock, _ = clock_at(10_000_000)
    revisions = Revisions(clock)
    assert revisions.next() == 10_000_000
    clock.observe(5_000_000)
    assert revisions.next() == 5_000_000


def test_without_the_servers_time_a_score_has_no_revision() -> None:
    assert Revisions(ServerClock()).next() is None


def revisions_of(fake: FakeScorecast) -> list[int]:
    bodies = [body for method, path, _, body in fake.requests if path.endswith("/score")]
    return [body["client_revision"] for body in bodies if body]


def within(revision: int, ahead_seconds: float) -> bool:
    """Whether it is the server's time, which `Date` has to the second."""
    server_ms = (time.time() + ahead_seconds) * 1000
    return server_ms - 5_000 < revision <= server_ms


@pytest.mark.parametrize("ahead_seconds", [-HOUR_SECONDS, HOUR_SECONDS])
def test_a_publisher_on_a_machine_with_a_wrong_clock_reports_by_the_servers(
    ahead_seconds: float,
) -> None:
    async def run() -> FakeScorecast:
        async with FakeScorecast() as fake:
            fake.clock_ahead_seconds = ahead_seconds
            fake.matches["m1"] = {"match_id": "m1", "revision": 0, "sequence": 0}
            with Publisher(fake.stack.http_url, token="t") as publisher:
                await asyncio.to_thread(publisher.score, "m1", (1, 0))
            async with AsyncPublisher(fake.stack.http_url, token="t") as awaited:
                await asyncio.gather(*(awaited.score("m1", (n, 0)) for n in range(3)))
            return fake

    revisions = revisions_of(asyncio.run(run()))
    assert len(revisions) == 4
    assert all(within(revision, ahead_seconds) for revision in revisions)
    assert len(set(revisions[1:])) == 3


def test_scores_that_are_awaited_together_are_numbered_in_their_order() -> None:
    async def run() -> FakeScorecast:
        async with FakeScorecast() as fake:
            fake.matches["m1"] = {"match_id": "m1", "revision": 0, "sequence": 0}
            fake.answer_next.append((503, {}))  # the first one learns the time last
            retries, url = Retries(base_seconds=0.1), fake.stack.http_url
            async with AsyncPublisher(url, token="t", retries=retries) as publisher:
                await asyncio.gather(*(publisher.score("m1", (n, 0)) for n in range(8)))
            return fake

    bodies = [body for *_, body in asyncio.run(run()).requests if body]
    ordered = sorted(bodies, key=lambda body: int(body["client_revision"]))
    assert [body["participant1_score"] for body in ordered] == list(range(8))


def test_a_dead_server_is_noticed_though_the_machines_clock_is_set_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def silent(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=0)
        # an hour back, then silence
        monkeypatch.setattr(time, "time", lambda: 0.0)
        monkeypatch.setattr(time, "time_ns", lambda: 0)
        assert (await peer.receive())["type"] == "ping"
        await peer.until_closed()

    async def second(peer: Peer) -> None:
        await peer.goodbye("disconnected_by_server", code=4003, reconnect=False)

    async def test(connection: Connection) -> None:
        await received_by(connection)
        assert connection.goodbye is not None  # of the second socket

    timings = changed(QUICK, quiet_seconds=0.05, pong_seconds=0.1)
    against(silent, second, test=test, timings=timings)


def test_a_score_on_the_socket_is_numbered_by_the_newest_server_time() -> None:
    seen: list[Json] = []

    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=0)  # its server_time is 0
        await peer.score("m1", 1, server_time=7_000_000)
        ping = await peer.receive()
        await peer.send("pong", id=ping["id"], server_time=8_000_000)
        seen.append(await peer.receive())
        await peer.answer(seen[0], "accepted", match_id="m1", revision=1)

    async def test(connection: Connection) -> None:
        await connection.ping()
        await connection.score("m1", (1, 0))

    against(only, test=test)
    assert 8_000_000 <= seen[0]["client_revision"] < 8_010_000
