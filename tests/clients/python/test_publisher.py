import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from scorecast_client import Publisher, PublishError
from tests.clients.python.fake_scorecast import FakeScorecast


def published(work: Callable[[Publisher], None]) -> FakeScorecast:
    """Run blocking work against the fake service; returns what it then holds."""

    async def run() -> FakeScorecast:
        async with FakeScorecast() as fake:
            with Publisher(fake.stack.http_url, token="t") as publisher:
                await asyncio.to_thread(work, publisher)
        return fake

    return asyncio.run(run())


def test_a_match_is_registered_with_its_participants_and_time() -> None:
    def work(publisher: Publisher) -> None:
        publisher.put_tournament("cup", name="Cup", organizers=["ann"])
        publisher.put_match(
            "m1",
            tournament_id="cup",
            participants=[("a", "Team A"), ("b", "Team B")],
            scheduled_at=datetime(2026, 6, 11, 19, tzinfo=UTC),
        )
        assert publisher.match("m1")["tournament_id"] == "cup"
        assert publisher.tournament("cup")["organizers"] == ["ann"]

    match = published(work).matches["m1"]
    assert match["participants"] == [{"id": "a", "name": "Team A"}, {"id": "b", "name": "Team B"}]
    assert match["scheduled_at"] == "2026-06-11T19:00:00+00:00"


def test_a_problem_becomes_an_error_with_its_code() -> None:
    def work(publisher: Publisher) -> None:
        with pytest.raises(PublishError, match="GET /matches/m1 was answered 404: No m1") as caught:
            publisher.match("m1")
        assert (caught.value.status, caught.value.code) == (404, "not_found")

    published(work)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense"])
def test_an_address_that_does_not_answer_is_an_error_without_a_status(url: str) -> None:
    with Publisher(url, token="t") as publisher:
        with pytest.raises(PublishError, match="does not answer") as failure:
            publisher.match("m1")
    assert (failure.value.status, failure.value.code) == (None, None)
