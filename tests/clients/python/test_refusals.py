"""A refused connection says why: which limit, and what is wrong with the token."""

import asyncio
import logging
from dataclasses import replace as changed
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from scorecast_client import ConnectRefused, connect
from scorecast_client.refusals import token_problem
from tests.clients.python.fake_scorecast import SECRET, FakeScorecast, Json
from tests.clients.python.peer import FRESH, QUICK, serving

NOW = datetime(2026, 6, 11, 19, tzinfo=UTC)
LIMIT = "You have 3 of 3 connections open: close one of them."


BRIEF = changed(QUICK, open_seconds=0.5)


def token(**claims: object) -> str:
    return jwt.encode({"sub": "ann", **claims}, SECRET)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("nonsense", "The token is not a JWT."),
        ("a.b.c", "The token is not a JWT."),
        ("a." + "W" * 100_000 + ".c", "The token is not a JWT."),
        (token(), "The token has no claim exp."),
        (token(exp="soon"), "The token has no claim exp."),
        (token(exp=NOW - timedelta(seconds=1)), "The token expired 1 second ago."),
        (token(exp=NOW - timedelta(minutes=5)), "The token expired 5 minutes ago."),
        (token(exp=NOW - timedelta(days=2)), "The token expired 2 days ago."),
        (token(exp=NOW + timedelta(seconds=1)), None),
    ],
)
def test_what_can_be_read_in_a_token_is_said(given: str, problem: str | None) -> None:
    assert token_problem(given, now=NOW) == problem


async def refusal(fake: FakeScorecast, given: str) -> ConnectRefused:
    async with fake:
        url, http_url = fake.stack.ws_url, fake.stack.http_url
        with pytest.raises(ConnectRefused) as failure:
            async with connect(url, token=given, match="m1", http_url=http_url, timings=BRIEF):
                raise AssertionError("a connection was made")
        return failure.value


def refused_with(status: int, problem: Json, given: str = FRESH) -> tuple[ConnectRefused, int]:
    """The refusal, and how often the HTTP API was asked about it."""
    fake = FakeScorecast()
    fake.refuse_handshakes = status
    fake.problems["/base/tickets"] = problem
    found = asyncio.run(refusal(fake, given))
    return found, len(fake.requests)


def test_a_limit_is_named_by_the_http_api() -> None:
    problem = {"status": 429, "code": "connection_limit_exceeded", "detail": LIMIT}
    found, _ = refused_with(403, problem)
    assert LIMIT in str(found)
    assert found.status == 429


def test_a_refusal_of_a_valid_token_is_probably_a_limit() -> None:
    fake = FakeScorecast()
    fake.refuse_handshakes = 403
    found = asyncio.run(refusal(fake, FRESH))
    assert str(found) == (
        "The connection was refused with 403, and the token is valid. "
        "Probably too many connections of this user or this address are open."
    )


def test_a_refused_token_is_explained_at_once_even_where_the_gateway_says_500() -> None:
    sentence = "The token's signature is not valid."
    problem = {"status": 401, "code": "authentication_required", "detail": sentence}
    found, asked = refused_with(500, problem)
    assert sentence in str(found)
    assert (found.status, asked) == (401, 1)


def test_an_expired_token_is_explained_without_the_http_api() -> None:
    async def run() -> None:
        expired = token(exp=datetime.now(UTC) - timedelta(hours=3, minutes=1))
        async with serving(500, 500) as url, connect(url, token=expired, timings=QUICK):
            raise AssertionError("a connection was made")

    with pytest.raises(ConnectRefused, match="The token expired 3 hours ago"):
        asyncio.run(run())


def test_a_proxys_answer_to_the_question_is_not_the_services() -> None:
    found, _ = refused_with(403, {"status": 403})
    assert "the token or the origin is not allowed" in str(found)


def test_in_an_outage_the_http_api_is_not_asked_for_the_reason() -> None:
    found, asked = refused_with(503, {"status": 401, "code": "x", "detail": "No."})
    assert (found.status, asked) == (503, 0)


def test_a_first_connection_that_is_tried_again_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        async def only(peer: object) -> None:
            await peer.welcome()  # type: ignore[attr-defined]

        async with serving(503, only) as url, connect(url, token=FRESH, timings=QUICK):
            pass

    logging.getLogger("scorecast_client").propagate = True  # the command line turns it off
    asyncio.run(run())
    assert "refused the connection with 503: no reason is known. Trying again in" in caplog.text
