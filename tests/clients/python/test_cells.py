"""A tournament that moves to another cell: the client goes along with all that it has asked."""

import asyncio
from typing import Any

import pytest

from scorecast_client import AsyncPublisher, Publisher, connect
from scorecast_client.cells import endpoint_of, may_follow
from scorecast_client.errors import RequestRefused
from tests.clients.python.fake_scorecast import FakeScorecast
from tests.clients.python.peer import FRESH, QUICK, Peer, serving, until
from tests.clients.python.test_publisher import RETRIES, one_match


def _endpoint(socket_url: str, http_url: str = "http://127.0.0.1:9") -> dict[str, str]:
    return {"socket_url": socket_url, "http_url": http_url}


def test_a_refused_score_is_repeated_in_the_new_cell() -> None:
    reports: list[dict[str, Any]] = []
    paths: list[str] = []

    async def new(peer: Peer) -> None:
        paths.append(peer.path)
        await peer.welcome()
        await peer.joined(await peer.receive(), 3)
        reports.append(await peer.receive())
        await peer.answer(reports[-1], "accepted", match_id="m1", revision=1)
        await peer.until_closed()

    async def run() -> None:
        async with serving(new) as address:

            async def old(peer: Peer) -> None:
                await peer.welcome(match_id="m1", sequence=3)
                reports.append(await peer.receive())
                moving = {"code": "tournament_moving", "message": "", "retry_after_ms": 1}
                await peer.send("error", id=reports[-1]["id"], **moving)
                reports.append(await peer.receive())
                moved = {"code": "moved", "message": "", "data": {}}
                await peer.send("error", id=reports[-1]["id"], **moved)
                await peer.goodbye("moved", code=4013, endpoint=_endpoint(address))

            async with (
                serving(old) as url,
                connect(url, token=FRESH, match="m1", timings=QUICK) as connection,
            ):
                accepted = await connection.score("m1", (1, 0), update_id="goal-1")
                assert accepted.revision == 1

    asyncio.run(run())
    assert [report["update_id"] for report in reports] == ["goal-1"] * 3
    assert paths == ["/stage"]


def test_a_client_that_comes_late_is_led_to_the_new_cell_with_its_room() -> None:
    paths: list[str] = []

    async def new(peer: Peer) -> None:
        paths.append(peer.path)
        await peer.welcome(match_id="m1", sequence=3)
        await peer.until_closed()

    async def run() -> None:
        async with serving(new) as address:

            async def old(peer: Peer) -> None:
                await peer.goodbye("moved", code=4013, endpoint=_endpoint(address))

            async with (
                serving(old) as url,
                connect(url, token=FRESH, match="m1", timings=QUICK) as connection,
            ):
                await until(lambda: connection.phase == "live")

    asyncio.run(run())
    assert paths == ["/stage?match_id=m1"]


@pytest.mark.parametrize("is_async", [False, True], ids=["blocking", "async"])
def test_a_publisher_goes_on_at_the_new_address(is_async: bool) -> None:
    async def run() -> None:
        async with FakeScorecast() as old, FakeScorecast() as new:
            await asyncio.to_thread(_register, new)
            old.problems["/base/matches/m1"] = {
                "status": 421,
                "code": "moved",
                "detail": "The tournament belongs to another cell.",
                "endpoint": _endpoint(new.stack.ws_url, new.stack.http_url),
            }
            url = old.stack.http_url
            if is_async:
                async with AsyncPublisher(url, token="t", retries=RETRIES) as publisher:
                    assert (await publisher.match("m1"))["match_id"] == "m1"
            else:
                await asyncio.to_thread(_read, url)

    asyncio.run(run())


def _register(fake: FakeScorecast) -> None:
    with Publisher(fake.stack.http_url, token="t", retries=RETRIES) as publisher:
        one_match(publisher)


def _read(url: str) -> None:
    with Publisher(url, token="t", retries=RETRIES) as publisher:
        assert publisher.match("m1")["match_id"] == "m1"


def test_two_cells_that_name_each_other_are_asked_no_more_often_than_any() -> None:
    async def run() -> None:
        async with FakeScorecast() as fake:
            here = _endpoint(fake.stack.ws_url, fake.stack.http_url)
            fake.problems["/base/matches/m1"] = {"status": 421, "code": "moved", "endpoint": here}
            with pytest.raises(RequestRefused, match="421"):
                await asyncio.to_thread(_read, fake.stack.http_url)
            assert len(fake.requests) == RETRIES.attempts

    asyncio.run(run())


@pytest.mark.parametrize(
    ("before", "after", "follows"),
    [
        ("wss://a.test", "wss://b.test", True),
        ("ws://127.0.0.1:1", "ws://127.0.0.1:2", True),
        ("ws://127.0.0.1:1", "wss://b.test", True),
        ("wss://a.test", "ws://b.test", False),
        ("https://a.test", "http://b.test", False),
        ("wss://a.test", "https://[", False),
        ("wss://a.test", "javascript:1", False),
    ],
)
def test_a_token_never_leaves_tls(before: str, after: str, follows: bool) -> None:
    assert may_follow(before, after) is follows


@pytest.mark.parametrize("wrong", [None, 1, [], {}, {"socket_url": "wss://a", "http_url": None}])
def test_what_is_not_an_endpoint_is_none(wrong: object) -> None:
    assert endpoint_of(wrong) is None
