"""Reads and tickets spend the rate limit of their sender, and of nobody else."""

from dataclasses import replace

import pytest

from scorecast.protocol.limits import (
    FULL_READ_BURST,
    FULL_READ_SECONDS,
    PAGE_READ_BURST,
    PAGE_READS_PER_SECOND,
    RESERVE_BURST,
)
from tests.harness.moto_cloud import MotoCloud
from tests.http.caller import Caller, Reply
from tests.http.conftest import EDGE_SECRET, token
from tests.http.server import http_event

BURST = 5
IP_BURST = 7
READS = ["/matches/m1", "/tournaments/t1", "/rooms/m1"]
PAGES = ["/tournaments", "/tournaments/t1/matches", "/matches", "/tournaments/t1/structure"]
LIMITED = [*(("GET", path) for path in READS), ("HEAD", READS[0]), ("POST", "/tickets")]
SCORE = {"participant1_score": 1, "participant2_score": 0}


@pytest.fixture
def limited(call: Caller, served: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """Requests of a spectator's, which may send five at once and ten a second."""
    monkeypatch.setenv("MESSAGE_BURST_PER_USER", str(BURST))
    monkeypatch.setenv("MESSAGE_BURST_PER_IP", str(IP_BURST))
    monkeypatch.setenv("ALLOW_ANONYMOUS", "true")
    return Caller(token(sub="sp", role=None))


def _statuses(call: Caller, method: str, path: str, number: int) -> list[int]:
    return [call(method, path).status for _ in range(number)]


def _from(address: str, path: str = "/matches/m1") -> Reply:
    event = http_event("GET", path, {}, b"")
    event["requestContext"]["http"]["sourceIp"] = address
    return Caller(None).send(event)


@pytest.mark.parametrize(
    ("method", "path"),
    [*(("GET", path) for path in READS), ("HEAD", READS[0]), ("POST", "/tickets")],
)
def test_a_request_over_the_users_limit_is_refused(limited: Caller, method: str, path: str) -> None:
    assert _statuses(limited, method, path, BURST + 1) == [200] * BURST + [429]


def test_the_refusal_says_when_to_come_again(limited: Caller, served: MotoCloud) -> None:
    _statuses(limited, "GET", "/matches/m1", BURST)
    refused = limited("GET", "/matches/m1")
    assert refused.problem() == (429, "message_rate_limit_exceeded")
    served.system.sleep_ms(int(refused.headers["retry-after"]) * 1_000)
    assert limited("GET", "/matches/m1").status == 200


def test_a_limit_is_not_evaded_by_a_tag(limited: Caller) -> None:
    tag = limited("GET", "/matches/m1").headers["etag"]
    replies = [limited("GET", "/matches/m1", if_none_match=tag).status for _ in range(BURST)]
    assert replies == [304] * (BURST - 1) + [429]


@pytest.mark.parametrize("caller", [Caller(token(sub="sp", role=None)), Caller(None)])
def test_whole_tournaments_have_a_rate_of_their_own(
    limited: Caller, served: MotoCloud, monkeypatch: pytest.MonkeyPatch, caller: Caller
) -> None:
    for name in ("MESSAGE_BURST_PER_USER", "MESSAGE_BURST_PER_IP"):
        monkeypatch.setenv(name, str(3 * FULL_READ_BURST))
    tag = caller("GET", "/tournaments/t1").headers["etag"]
    assert _statuses(caller, "GET", "/tournaments/t1", FULL_READ_BURST) == [
        *[200] * (FULL_READ_BURST - 1),
        429,
    ]
    assert caller("GET", "/tournaments/t1", if_none_match=tag).status == 304
    assert caller("GET", "/matches/m1").status == 200
    served.system.sleep_ms(1_000 * FULL_READ_SECONDS)
    assert _statuses(caller, "GET", "/tournaments/t1", 2) == [200, 429]


@pytest.mark.parametrize("caller", [Caller(token(sub="sp", role=None)), Caller(None)])
def test_pages_of_lists_and_structures_have_a_rate_of_their_own(
    limited: Caller, served: MotoCloud, monkeypatch: pytest.MonkeyPatch, caller: Caller
) -> None:
    for name in ("MESSAGE_BURST_PER_USER", "MESSAGE_BURST_PER_IP"):
        monkeypatch.setenv(name, str(3 * PAGE_READ_BURST))
    _statuses(caller, "GET", "/tournaments", PAGE_READ_BURST - len(PAGES))
    assert [caller("GET", path).status for path in PAGES] == [200] * len(PAGES)
    assert [caller("GET", path).status for path in PAGES] == [429] * len(PAGES)
    assert caller("GET", "/matches/m1").status == 200
    served.system.sleep_ms(1_000 // PAGE_READS_PER_SECOND)
    assert _statuses(caller, "GET", PAGES[0], 2) == [200, 429]


def test_what_a_spectator_reports_spends_its_limit(limited: Caller) -> None:
    replies = [limited("PUT", "/matches/m1/score", SCORE) for _ in range(BURST + RESERVE_BURST + 1)]
    assert [reply.status for reply in replies] == [403] * (BURST + RESERVE_BURST) + [429]
    assert replies[-1].problem() == (429, "message_rate_limit_exceeded")


@pytest.mark.parametrize("claim", [{"tournaments": ["t1"]}, {"matches": ["m1"]}])
def test_what_an_official_by_claim_reports_is_not_limited(
    limited: Caller, claim: dict[str, list[str]]
) -> None:
    official = replace(limited, token=token(sub="official", role=None, **claim))
    number = BURST + RESERVE_BURST + 1
    replies = [official("PUT", "/matches/m1/score", SCORE) for _ in range(number)]
    assert [reply.status for reply in replies] == [200] * number


def test_reads_of_one_user_take_nothing_from_another(limited: Caller) -> None:
    _statuses(limited, "GET", "/matches/m1", BURST + 1)
    assert replace(limited, token=token(sub="other", role=None))("GET", "/matches/m1").status == 200


def test_anonymous_reads_spend_the_limit_of_their_address(limited: Caller) -> None:
    replies = [_from("192.0.2.1") for _ in range(IP_BURST + 1)]
    assert [reply.status for reply in replies] == [200] * IP_BURST + [429]
    assert replies[-1].problem() == (429, "ip_rate_limit_exceeded")
    assert _from("192.0.2.2").status == 200
    assert limited("GET", "/matches/m1").status == 200


def _through_cloudfront(viewer: str, secret: str = EDGE_SECRET) -> Reply:
    """All come from one address of CloudFront's."""
    headers = {"x-scorecast-edge": secret, "x-forwarded-for": f"{viewer}, 192.0.2.9"}
    event = http_event("GET", "/matches/m1", headers, b"")
    event["requestContext"]["http"]["sourceIp"] = "192.0.2.9"
    return Caller(None).send(event)


def test_viewers_behind_cloudfront_do_not_share_a_limit(limited: Caller) -> None:
    statuses = [_through_cloudfront("203.0.113.1").status for _ in range(IP_BURST + 1)]
    assert statuses == [200] * IP_BURST + [429]
    assert _through_cloudfront("203.0.113.2").status == 200


def test_an_address_cannot_be_made_up_without_the_edges_secret(limited: Caller) -> None:
    statuses = [_through_cloudfront(f"203.0.113.{n}", "guess").status for n in range(IP_BURST + 1)]
    assert statuses == [200] * IP_BURST + [429]


def test_scores_are_reported_whatever_was_read(limited: Caller) -> None:
    """One whom the tournament lists has a reserve of reports."""
    organizer = replace(limited, token=token(sub="or", role=None))
    _statuses(organizer, "GET", "/matches/m1", BURST + 1)
    assert organizer("PUT", "/matches/m1/score", SCORE).status == 200


@pytest.mark.parametrize("role", ["admin", "service"])
def test_a_back_end_of_the_operator_reads_for_many(limited: Caller, role: str) -> None:
    back_end = replace(limited, token=token(role=role))
    assert _statuses(back_end, "GET", "/matches/m1", 3 * BURST) == [200] * 3 * BURST


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_the_documents_cost_nothing(limited: Caller, path: str) -> None:
    assert _statuses(Caller(None), "GET", path, BURST + 1) == [200] * (BURST + 1)
