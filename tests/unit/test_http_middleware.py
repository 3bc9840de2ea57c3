from http import HTTPStatus

import pytest
from botocore.exceptions import ClientError

from scorecast.aws.dynamodb.table import Contention
from scorecast.http.middleware import cors_headers, error_response, is_preflight, with_cors
from scorecast.http.request import Request
from scorecast.http.response import Response
from tests.unit.http_requests import request

PAGE = "https://a.example.com"
READABLE = {
    "Access-Control-Allow-Origin": PAGE,
    "Access-Control-Expose-Headers": "etag,retry-after",
}


def _preflight(origin: str) -> Response:
    def handle(_request: Request) -> Response:
        raise AssertionError("a preflight reaches no route")

    asked = request(method="OPTIONS", origin=origin, access_control_request_method="PUT")
    return with_cors(handle, lambda: [PAGE])(asked)


def test_a_page_of_the_list_may_read_the_answer_and_no_other_page() -> None:
    assert cors_headers({"origin": PAGE}, ["https://*.example.com"]) == READABLE
    assert cors_headers({"origin": PAGE}, ["https://example.org"]) == {}


def test_without_a_list_every_page_may_read_the_answer() -> None:
    published = cors_headers({"origin": PAGE}, [])
    assert published["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("allowed", [[], ["https://example.com"]])
def test_a_program_gets_no_header_of_origins(allowed: list[str]) -> None:
    assert cors_headers({}, allowed) == {}


def test_a_page_that_asks_ahead_learns_what_it_may_send() -> None:
    answer = _preflight(PAGE)
    assert (answer.status, answer.body) == (HTTPStatus.NO_CONTENT, "")
    assert answer.headers == READABLE | {
        "access-control-allow-methods": "GET,PUT,POST,DELETE",
        "access-control-allow-headers": (
            "authorization,content-type,idempotency-key,if-match,if-none-match"
        ),
        "access-control-max-age": "600",
    }


def test_a_strange_page_that_asks_ahead_gets_a_bare_no() -> None:
    assert _preflight("https://evil.org").headers == {}


def test_asking_ahead_is_options_with_the_method_that_is_meant() -> None:
    meant = {"access_control_request_method": "PUT"}
    assert is_preflight(request(method="OPTIONS", **meant))
    assert not is_preflight(request(method="OPTIONS"))
    assert not is_preflight(request(method="PUT", **meant))


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Contention("matches"), 503),
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "UpdateItem"), 503),
        (ClientError({"Error": {"Code": "ValidationException"}}, "UpdateItem"), 500),
        (KeyError("score"), 500),
    ],
)
def test_a_busy_table_is_distinguished_from_a_fault(error: Exception, status: int) -> None:
    assert error_response(error).status == status
