from http import HTTPStatus

import pytest

from scorecast.http.cors import headers, is_preflight, preflight

PAGE = "https://a.example.com"
READABLE = {
    "Access-Control-Allow-Origin": PAGE,
    "Access-Control-Expose-Headers": "etag,retry-after",
}


def test_a_page_of_the_list_may_read_the_answer_and_no_other_page() -> None:
    assert headers({"origin": PAGE}, ["https://*.example.com"]) == READABLE
    assert headers({"origin": PAGE}, ["https://example.org"]) == {}


def test_without_a_list_every_page_may_read_the_answer() -> None:
    told = headers({"origin": PAGE}, [])
    assert told["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("allowed", [[], ["https://example.com"]])
def test_a_program_is_told_nothing_of_origins(allowed: list[str]) -> None:
    assert headers({}, allowed) == {}


def test_a_page_that_asks_ahead_is_told_what_it_may_send() -> None:
    answer = preflight({"origin": PAGE}, [PAGE])
    assert (answer.status, answer.body) == (HTTPStatus.NO_CONTENT, "")
    assert answer.headers == READABLE | {
        "Access-Control-Allow-Methods": "GET,PUT,POST,DELETE",
        "Access-Control-Allow-Headers": "authorization,content-type,idempotency-key,if-none-match",
        "Access-Control-Max-Age": "600",
    }


def test_a_strange_page_that_asks_ahead_gets_a_bare_no() -> None:
    assert preflight({"origin": "https://evil.org"}, [PAGE]).headers == {}


def test_asking_ahead_is_options_with_the_method_that_is_meant() -> None:
    meant = {"access-control-request-method": "PUT"}
    assert is_preflight("OPTIONS", meant)
    assert not is_preflight("OPTIONS", {})
    assert not is_preflight("PUT", meant)
