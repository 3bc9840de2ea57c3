"""Row R16 and invariant I9: whatever reaches a handler, the client never sees our insides."""

import copy
import json
from collections.abc import Callable
from typing import Any

import api
import authorizer
import connect
import disconnect
import message
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import examples
from tests.harness.fake_api import FakeApi

type Event = dict[str, Any]

HANDLERS: dict[str, Callable[[Event, Any], Event]] = {
    "connect": connect.handler,
    "disconnect": disconnect.handler,
    "message": message.handler,
}
INSIDES = ("Traceback", "Error", "Exception", "botocore", "scorecast.", '.py"', "/opt/", "line ")
ODD_VALUES: list[Any] = [
    None,
    "",
    0,
    -1,
    2**70,
    1.5,
    True,
    [],
    [None],
    {},
    {"": None},
    "\ud800",
    "é" * 99,
]


def assert_clear(response: Any) -> None:
    """A status that says what happened, and for our own fault what to search the log for."""
    assert isinstance(response, dict)
    assert response["statusCode"] in (200, 400, 410, 429, 500, 503)
    body = response.get("body", "")
    assert isinstance(body, str) and len(body) < 32_000
    assert not any(word in body for word in INSIDES), body
    if response["statusCode"] >= 500:
        assert json.loads(body)["data"]["correlation_id"]


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part of an event."""
    if not isinstance(value, dict):
        return [path]
    return [path, *(way for key, child in value.items() for way in paths(child, (*path, key)))]


def without(event: Event, path: tuple[Any, ...]) -> Event:
    changed = copy.deepcopy(event)
    parent = changed
    for key in path[:-1]:
        parent = parent[key]
    del parent[path[-1]]
    return changed


def replaced(event: Event, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = without(event, path)
    parent = changed
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = value
    return changed


@pytest.mark.parametrize("function", HANDLERS)
def test_R16_an_event_without_any_of_its_parts(fake_api: FakeApi, function: str) -> None:
    """a malformed event of API Gateway: handled, never a stack trace to the client"""
    whole = examples.event(function)

    for path in paths(whole)[1:]:
        assert_clear(HANDLERS[function](without(whole, path), fake_api.cloud.context))


@pytest.mark.parametrize("value", ODD_VALUES, ids=repr)
@pytest.mark.parametrize("function", HANDLERS)
def test_R16_an_event_with_something_else_in_any_of_its_parts(
    fake_api: FakeApi, function: str, value: Any
) -> None:
    """a malformed event of API Gateway: handled, never a stack trace to the client"""
    whole = examples.event(function)
    read = [path for path in paths(whole) if not path or path[0] != "multiValueHeaders"]

    for path in read:
        assert_clear(HANDLERS[function](replaced(whole, path, value), fake_api.cloud.context))


@pytest.mark.parametrize("value", [*ODD_VALUES, "absent"], ids=repr)
def test_R16_the_authorizer_refuses_malformed_events(fake_api: FakeApi, value: Any) -> None:
    """a malformed event of API Gateway: handled, never a stack trace to the client

    It has no body of its own: whatever it raises becomes API Gateway's plain 401 or 500.
    """
    whole = examples.event("authorizer")

    for path in paths(whole)[1:]:
        event = without(whole, path) if value == "absent" else replaced(whole, path, value)
        with pytest.raises(authorizer.Unauthorized):
            authorizer.handler(event, fake_api.cloud.context)


def test_R16_a_malformed_event_takes_no_place(fake_api: FakeApi) -> None:
    """a malformed event of API Gateway: handled, never a stack trace to the client"""
    whole = examples.event("connect")
    for path in (("requestContext", "connectionId"), ("requestContext", "authorizer", "ip_hash")):
        assert connect.handler(without(whole, path), fake_api.cloud.context)["statusCode"] == 500

    assert fake_api.cloud.items(fake_api.cloud.connections_table) == {}


@pytest.mark.parametrize(
    "event",
    [
        examples.event("http") | {"headers": None},
        examples.event("http") | {"headers": {}},
        {k: v for k, v in examples.event("http").items() if k != "headers"},
        examples.event("http") | {"isBase64Encoded": True, "body": "!"},
    ],
    ids=["null headers", "no headers", "without headers", "bad base64"],
)
def test_R16_a_malformed_event_of_the_http_api(fake_api: FakeApi, event: Any) -> None:
    """a malformed event of API Gateway: handled, never a stack trace to the client"""
    answer = api.handler(event, fake_api.cloud.context)
    assert answer["statusCode"] == 401
    assert "Traceback" not in answer["body"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(
            st.text(max_size=9) | st.sampled_from(["type", "id", "match_id"]), children
        )
    ),
    max_leaves=8,
)
frames = st.one_of(
    st.text(max_size=60),
    anything.map(lambda value: json.dumps(value)),
    st.builds(
        lambda kind, fields: json.dumps({**fields, "type": kind}),
        st.sampled_from(
            "ping pong subscribe unsubscribe refresh score_update match_start match_complete"
            " match_state_change match_amend match_reopen dispute_create dispute_resolve".split()
        ),
        st.fixed_dictionaries(
            {},
            optional={
                name: anything | st.just("m1")
                for name in "id match_id token since timestamp reason new_state details".split()
            },
        ),
    ),
)


@given(message=frames)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_I9_no_message_ends_in_a_stack_trace(fake_api: FakeApi, message: str) -> None:
    """no input, whatever it is, ends in a stack trace, a hang or a 5xx"""
    fake_api.wait(5)  # the allowance is not what is tested here
    socket = fake_api.connect("u1", connection_id="c")

    answered = socket.respond(message)

    assert answered["statusCode"] == 200
    if "body" in answered:
        answer = json.loads(answered["body"])
        assert answer.get("code") != "internal_error", message
        assert not any(word in answered["body"] for word in ("Traceback", "botocore"))
