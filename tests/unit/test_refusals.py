"""What malformed input is answered: which `id`, which words, and in how many bytes."""

import json
from typing import Any

import pytest

from scorecast.http import problems
from scorecast.protocol import messages
from scorecast.protocol.errors import Code, Rejection, invalid
from scorecast.protocol.limits import REFUSAL_BYTES_MAX
from scorecast.protocol.parsing import Malformed, parse

FRAMES = [
    ("{", Code.INVALID_JSON, "The message is not JSON in UTF-8."),
    ("[]", Code.INVALID_SCHEMA, "A message is a JSON object."),
    ("{}", Code.INVALID_SCHEMA, "type is missing or not a string."),
    ('{"type":"goal"}', Code.UNSUPPORTED_MESSAGE_TYPE, "There is no command of this type."),
    (
        '{"type":"subscribe"}',
        Code.INVALID_SCHEMA,
        "match_id or tournament_id is needed, and not both.",
    ),
    (
        '{"type":"match_complete","match_id":"m1","winner_id":null,"participant1_score":1}',
        Code.INVALID_SCHEMA,
        "participant1_score and participant2_score come together or not at all.",
    ),
]


@pytest.mark.parametrize(("text", "code", "sentence"), FRAMES)
def test_a_malformed_message_is_refused_with_a_sentence(
    text: str, code: Code, sentence: str
) -> None:
    malformed = parse(text)
    assert isinstance(malformed, Malformed)
    assert (malformed.rejection.code, malformed.rejection.message) == (code, sentence)


@pytest.mark.parametrize(
    "fields", [{}, {"type": "goal"}, {"type": "subscribe"}, {"type": "ping", "colour": "red"}]
)
def test_a_good_id_comes_back_whatever_else_is_wrong(fields: dict[str, Any]) -> None:
    malformed = parse(json.dumps(fields | {"id": "7"}))
    assert isinstance(malformed, Malformed)
    assert malformed.id == "7"


def _problem(characters: int) -> str:
    errors = {"a": "is wrong", "b": "x" * characters}
    rejection = Rejection(Code.INVALID_SCHEMA, "a is wrong.", data={"errors": errors})
    return str(problems.problem(rejection).body)


def _error(characters: int) -> str:
    return messages.error(invalid({"a": "is wrong", "b": "x" * characters}))


def test_an_error_may_fill_its_bytes() -> None:
    full = next(n for n in range(512) if '"b"' not in _error(n + 1))
    assert len(_error(full).encode()) == REFUSAL_BYTES_MAX


def test_a_problem_fills_its_bytes_but_for_one_at_most() -> None:
    full = next(n for n in range(512) if '"b"' not in _problem(n + 1))
    assert REFUSAL_BYTES_MAX - 1 <= len(_problem(full).encode()) <= REFUSAL_BYTES_MAX


def test_no_more_errors_are_left_out_than_must_be() -> None:
    errors = {"a": "is wrong", "b": "is wrong", "c": "x" * REFUSAL_BYTES_MAX}
    told = json.loads(messages.error(invalid(errors)))
    assert list(told["data"]["errors"]) == ["a", "b"]
