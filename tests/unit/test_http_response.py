from http import HTTPStatus

import pytest

from scorecast.http.response import Response, json_response


def test_a_response_may_not_be_stored_unless_it_says_so() -> None:
    assert json_response({"match_id": "m1"}).event() == {
        "statusCode": 200,
        "headers": {
            "cache-control": "no-store",
            "vary": "Authorization, Origin",
            "x-content-type-options": "nosniff",
            "content-type": "application/json",
        },
        "body": '{"match_id":"m1"}',
        "isBase64Encoded": False,
    }


def test_the_headers_of_a_response_win_over_the_defaults() -> None:
    response = Response(headers={"cache-control": "own", "etag": '"a"'})
    sent = response.with_headers({"etag": '"b"', "x-request-id": "r"}).event()["headers"]
    assert (sent["cache-control"], sent["etag"], sent["x-request-id"]) == ("own", '"b"', "r")


def test_bytes_are_sent_as_base64() -> None:
    event = Response(body=b"\x1f\x8b").event()
    assert (event["body"], event["isBase64Encoded"]) == ("H4s=", True)


@pytest.mark.parametrize("status", [HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED])
def test_a_response_without_a_body_has_no_content_type(status: HTTPStatus) -> None:
    assert "content-type" not in Response(status=status).event()["headers"]
