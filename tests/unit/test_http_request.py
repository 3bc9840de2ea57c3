import base64
from typing import Any

import pytest

from scorecast.http.request import read
from tests import examples
from tests.unit.http_requests import request as requested


def _body(text: object, **parts: Any) -> str | None:
    return read(examples.event("http") | {"body": text} | parts).body


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def test_a_request_is_what_the_gateway_says() -> None:
    event = examples.event("http")
    context = event["requestContext"]
    request = read(event)
    assert (request.id, request.received_at_ms) == (context["requestId"], context["timeEpoch"])
    assert (request.method, request.path) == (context["http"]["method"], event["rawPath"])


def test_headers_are_known_by_lower_case_names() -> None:
    event = examples.event("http") | {"headers": {"If-None-Match": "*"}}
    assert read(event).headers == {"if-none-match": "*"}


@pytest.mark.parametrize("headers", [None, [], "x"])
def test_a_request_may_have_no_headers(headers: object) -> None:
    assert read(examples.event("http") | {"headers": headers}).headers == {}


@pytest.mark.parametrize("body", [None, ""])
def test_a_request_may_have_no_body(body: object) -> None:
    assert _body(body) == ""


def test_a_body_comes_as_text_or_in_base64() -> None:
    assert _body("{ü}") == "{ü}"
    assert _body(_base64("{ü}".encode()), isBase64Encoded=True) == "{ü}"


@pytest.mark.parametrize("body", ["e30", "e30=\n!", "***", _base64(b"\xff")])
def test_invalid_base64_or_utf_8_is_not_text(body: str) -> None:
    assert _body(body, isBase64Encoded=True) is None


def test_a_lone_surrogate_is_not_text() -> None:
    assert _body("\ud800") is None


@pytest.mark.parametrize(
    ("path", "parts"),
    [("/", [""]), ("/a/b", ["a", "b"]), ("/a/", ["a", ""]), ("/a%20b/%252F", ["a b", "%2F"])],
)
def test_a_path_has_its_parts(path: str, parts: list[str]) -> None:
    assert requested(path=path).segments == parts


@pytest.mark.parametrize(
    "media_type",
    [
        "",
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/json ;a;b",
        "application/merge-patch+json",
    ],
)
def test_a_body_may_be_said_to_be_json(media_type: str) -> None:
    assert requested(content_type=media_type).is_json


def test_a_body_of_which_nothing_is_said_may_be_json() -> None:
    assert requested().is_json


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "text/html+json",
        "application/xml",
        "application/json+xml",
        "json",
        "text/json",
    ],
)
def test_a_body_that_is_said_to_be_another_thing_is_not_json(media_type: str) -> None:
    assert not requested(content_type=media_type).is_json
