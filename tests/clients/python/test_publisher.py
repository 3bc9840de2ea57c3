import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from scorecast_client import AsyncPublisher, Publisher, PublishError, Retries
from tests.clients.python.fake_scorecast import FakeScorecast

RETRIES = Retries(attempts=3, base_seconds=0.001, cap_seconds=0.001)
PASSING: list[tuple[int, dict[str, Any]]] = [(503, {}), (429, {"Retry-After": "0"})]


def published(
    work: Callable[[Publisher], None], fake: FakeScorecast | None = None
) -> FakeScorecast:
    """Run blocking work against the fake service; returns what it then holds."""

    async def run() -> FakeScorecast:
        async with fake or FakeScorecast() as served:
            with Publisher(served.stack.http_url, token="t", retries=RETRIES) as publisher:
                await asyncio.to_thread(work, publisher)
        return served

    return asyncio.run(run())


def one_match(publisher: Publisher) -> None:
    publisher.put_match(
        "m1",
        tournament_id="cup",
        participants=[("a", "Team A"), ("b", "Team B")],
        scheduled_at=datetime(2026, 6, 11, 19, tzinfo=UTC),
    )


def test_a_match_is_registered_with_its_participants_and_time() -> None:
    def work(publisher: Publisher) -> None:
        publisher.put_tournament("cup", name="Cup", organizers=["ann"])
        one_match(publisher)
        assert publisher.match("m1")["tournament_id"] == "cup"
        assert publisher.tournament("cup")["organizers"] == ["ann"]

    match = published(work).matches["m1"]
    assert match["participants"] == [{"id": "a", "name": "Team A"}, {"id": "b", "name": "Team B"}]
    assert match["scheduled_at"] == "2026-06-11T19:00:00+00:00"


def test_every_event_has_its_request() -> None:
    def work(publisher: Publisher) -> None:
        publisher.start("m1")
        publisher.change_state("m1", "paused")
        publisher.dispute("m1", "Offside.")
        publisher.complete("m1", winner_id=None, score=(1, 1), details={"note": "late"})
        publisher.complete("m1", winner_id="a", outcome="retired", decided_by="regulation")
        publisher.amend("m1", reason="Offside.", winner_id=None, score=(1, 1))
        publisher.amend("m1", reason="Ruled so.", outcome="awarded")
        publisher.reopen("m1", "live", reason="Too early.")
        publisher.resolve("m1", "d1", "rejected", note="Seen.")
        publisher.tournament_event("cup", "bracket_updated", {"round": 2})
        publisher.ticket()
        assert publisher.disconnect_user("ann")["disconnected"] == 1
        assert publisher.room("m1")["viewers"] == 1

    final = {"winner_id": None, "participant1_score": 1, "participant2_score": 1}
    asked = [(method, path, body) for method, path, _, body in published(work).requests]
    assert asked == [
        ("POST", "/base/matches/m1/events", {"type": "match_start"}),
        ("POST", "/base/matches/m1/events", {"type": "match_state_change", "new_state": "paused"}),
        ("POST", "/base/matches/m1/events", {"type": "dispute_create", "reason": "Offside."}),
        (
            "POST",
            "/base/matches/m1/events",
            {"type": "match_complete", **final, "details": {"note": "late"}},
        ),
        (
            "POST",
            "/base/matches/m1/events",
            {
                "type": "match_complete",
                "winner_id": "a",
                "outcome": "retired",
                "decided_by": "regulation",
            },
        ),
        (
            "POST",
            "/base/matches/m1/events",
            {"type": "match_amend", "reason": "Offside.", **final},
        ),
        (
            "POST",
            "/base/matches/m1/events",
            {"type": "match_amend", "reason": "Ruled so.", "outcome": "awarded"},
        ),
        (
            "POST",
            "/base/matches/m1/events",
            {"type": "match_reopen", "new_state": "live", "reason": "Too early."},
        ),
        (
            "POST",
            "/base/matches/m1/events",
            {
                "type": "dispute_resolve",
                "dispute_id": "d1",
                "resolution": "rejected",
                "note": "Seen.",
            },
        ),
        (
            "POST",
            "/base/tournaments/cup/events",
            {"type": "bracket_updated", "data": {"round": 2}},
        ),
        ("POST", "/base/tickets", None),
        ("DELETE", "/base/users/ann/connections", None),
        ("GET", "/base/rooms/m1", None),
    ]


def with_pages(fake: FakeScorecast) -> FakeScorecast:
    """Of a match's history after revision 1; the second page is empty, which is not the end."""
    pages = {"after=1": (["a", "b"], "2.0"), "cursor=2.0": ([], "3.0"), "cursor=3.0": (["c"], None)}
    for query, (types, cursor) in pages.items():
        entries = [{"type": each, "data": {}} for each in types]
        page = {"status": 200, "entries": entries, "next": cursor}
        fake.problems[f"/base/matches/m1/history?{query}"] = page
    return fake


def test_a_history_is_read_page_by_page() -> None:
    def work(publisher: Publisher) -> None:
        assert [each["type"] for each in publisher.history("m1", after=1)] == ["a", "b", "c"]

    published(work, with_pages(FakeScorecast()))


def test_a_history_is_read_page_by_page_on_asyncio() -> None:
    async def run() -> list[str]:
        async with with_pages(FakeScorecast()) as served:
            async with AsyncPublisher(served.stack.http_url, token="t") as publisher:
                return [each["type"] async for each in publisher.history("m1", after=1)]

    assert asyncio.run(run()) == ["a", "b", "c"]


def test_a_score_is_sent_again_under_its_key_with_its_revision() -> None:
    fake = FakeScorecast()

    def work(publisher: Publisher) -> None:
        one_match(publisher)
        fake.answer_next += [(0, {}), (502, {})]
        assert publisher.score("m1", (1, 0), details={"minute": 3})["revision"] == 1
        publisher.score("m1", (2, 0), idempotency_key="goal-2")

    requests = published(work, fake).requests
    scores = [(headers, body) for method, path, headers, body in requests if "score" in path]
    first, second, third, other = scores
    assert first[1] == second[1] == third[1]
    assert len({headers["idempotency-key"] for headers, _ in scores[:3]}) == 1
    assert other[0]["idempotency-key"] == "goal-2"
    assert other[1] is not None and first[1] is not None
    assert other[1]["client_revision"] > first[1]["client_revision"]


def test_an_event_whose_fate_is_unknown_is_not_sent_again() -> None:
    for status in (0, 500):
        fake = FakeScorecast()
        fake.answer_next.append((status, {}))

        def work(publisher: Publisher) -> None:
            with pytest.raises(PublishError):
                publisher.start("m1")

        assert len(published(work, fake).requests) == 1


def test_attempts_are_bounded() -> None:
    fake = FakeScorecast()
    fake.answer_next += [(503, {})] * 9

    def work(publisher: Publisher) -> None:
        with pytest.raises(PublishError, match="503") as failure:
            publisher.match("m1")
        assert failure.value.status == 503

    assert len(published(work, fake).requests) == RETRIES.attempts


def test_a_server_that_asks_for_a_long_pause_is_not_waited_for() -> None:
    fake = FakeScorecast()
    fake.answer_next.append((429, {"Retry-After": "3600"}))

    def work(publisher: Publisher) -> None:
        with pytest.raises(PublishError, match="429"):
            publisher.match("m1")

    assert len(published(work, fake).requests) == 1


def test_a_problem_becomes_an_error_with_its_code() -> None:
    def work(publisher: Publisher) -> None:
        with pytest.raises(PublishError, match="GET /matches/m1 was answered 404: No m1") as caught:
            publisher.match("m1")
        assert (caught.value.status, caught.value.code) == (404, "not_found")
        assert caught.value.message == "No m1 here."

    published(work)


def test_a_strange_id_stays_one_part_of_the_path() -> None:
    def work(publisher: Publisher) -> None:
        publisher.start("../tickets?x=1#y")

    path = published(work).requests[0][1]
    assert path == "/base/matches/..%2Ftickets%3Fx%3D1%23y/events"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense", "http://[", "http://a:b"])
def test_an_address_that_does_not_answer_is_an_error_without_a_status(url: str) -> None:
    with pytest.raises(PublishError, match=r"does not answer|not an address") as failure:
        with Publisher(url, token="t", retries=RETRIES) as publisher:
            publisher.match("m1")
    assert (failure.value.status, failure.value.code) == (None, None)


@pytest.mark.parametrize("details", [{"x": float("nan")}, {"x": object()}])
def test_details_that_are_not_json_are_refused_before_a_score_is_sent(
    details: dict[str, object],
) -> None:
    def work(publisher: Publisher) -> None:
        with pytest.raises(PublishError, match="cannot be sent"):
            publisher.score("m1", (1, 0), details=details)

    assert [method for method, *_ in published(work).requests] == ["GET"]


def run_async(work: Callable[[AsyncPublisher], Awaitable[None]], fake: FakeScorecast) -> None:
    async def run() -> None:
        async with fake:
            url = fake.stack.http_url
            async with AsyncPublisher(url, token=lambda: "made", retries=RETRIES) as publisher:
                await work(publisher)

    asyncio.run(run())


def test_the_async_publisher_asks_and_insists_alike() -> None:
    fake = FakeScorecast()
    fake.answer_next += PASSING

    async def work(publisher: AsyncPublisher) -> None:
        await publisher.put_tournament("cup", name="Cup", organizers=[])
        assert (await publisher.tournament("cup"))["name"] == "Cup"
        with pytest.raises(PublishError) as failure:
            await publisher.match("m1")
        assert failure.value.code == "not_found"

    run_async(work, fake)
    assert [method for method, *_ in fake.requests] == ["PUT", "PUT", "PUT", "GET", "GET"]
    assert {headers["authorization"] for _, _, headers, _ in fake.requests} == {"Bearer made"}


def test_M8_what_stands_beside_a_score_is_sent_where_it_is_given() -> None:
    """a match of any sport, with a participant who is not known yet, and a score of it"""
    stands: dict[str, Any] = {
        "periods": [{"name": "Set 1", "participant1_score": 6, "participant2_score": 4}],
        "clock": {"running": True, "elapsed_ms": 5},
        "shootout": {},
        "corrects": 7,
    }
    chess = {"scale": 1}

    def work(publisher: Publisher) -> None:
        publisher.put_match(
            "m1",
            tournament_id="cup",
            participants=[("a", "Ann"), {"placeholder": "Winner of QF1"}],
            scheduled_at=None,
            scoring=chess,
        )
        publisher.score("m1", (5, 0), **stands)

    registered, *_, scored = [body for *_, body in published(work).requests]
    assert registered == {
        "tournament_id": "cup",
        "participants": [{"id": "a", "name": "Ann"}, {"placeholder": "Winner of QF1"}],
        "scheduled_at": None,
        "scoring": chess,
    }
    assert scored is not None and stands.items() <= scored.items()
