import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecast.protocol.limits import JSON_DEPTH_MAX
from scorecast.protocol.strict_json import InvalidJson, compact, is_deeper, parse

exact_integers = st.integers(-(2**53) + 1, 2**53 - 1)
values = st.recursive(
    st.none() | st.booleans() | exact_integers | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda children: st.lists(children, max_size=4)
    | st.dictionaries(st.text(st.characters(codec="utf-8")), children, max_size=4),
)  # fmt: skip


@given(values)
def test_what_is_written_can_be_parsed(value: Any) -> None:
    assert parse(compact(value)) == value


@given(st.text(st.characters()) | st.text(st.sampled_from('{}[]",:0-9eE.NaInfity\\ud8 ')))
def test_any_text_is_parsed_or_invalid(text: str) -> None:
    try:
        value = parse(text)
    except InvalidJson:
        return
    assert json.loads(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}x",
        "{'a':1}",
        "NaN",
        "Infinity",
        '{"a":-Infinity}',
        "[1e400]",
        '{"a":1,"a":1}',
        '{"a":{"b":1,"b":2}}',
        "9007199254740992",
        "-9007199254740992",
        "1" * 5_000,
        '"\\ud800"',
        '{"\\udfff":1}',
        '["\ud800"]',
        "[" * 100_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "\ufeff{}",
    ],
    ids=lambda text: text[:20].encode("unicode_escape").decode(),
)
def test_what_parsers_disagree_about_is_invalid(text: str) -> None:
    with pytest.raises(InvalidJson):
        parse(text)


@pytest.mark.parametrize("number", [2**53 - 1, -(2**53) + 1, 0, 1.5, 1e300])
def test_exact_numbers_are_valid(number: float) -> None:
    assert parse(json.dumps(number)) == number


def test_a_surrogate_pair_is_one_character() -> None:
    assert parse('"\\ud83d\\ude00"') == "😀"


def test_an_error_quotes_nothing_of_the_text() -> None:
    with pytest.raises(InvalidJson) as refused:
        parse('{"token":"secret"')
    assert refused.value.__cause__ is None
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("value", "levels"),
    [(1, 0), ("x", 0), ({}, 1), ([], 1), ([1], 1), ([[]], 2), ({"a": {"b": [1]}}, 3)],
)
def test_depth_counts_levels_of_nesting(value: Any, levels: int) -> None:
    assert not is_deeper(value, levels)
    assert levels == 0 or is_deeper(value, levels - 1)


@pytest.mark.parametrize("nest", ["[" * 5_000 + "]" * 5_000, '{"a":' * 900 + "1" + "}" * 900])
def test_a_text_nests_no_deeper_than_its_limit(nest: str) -> None:
    with pytest.raises(InvalidJson):
        parse(nest)


def test_a_text_may_nest_up_to_its_limit() -> None:
    assert parse("[" * JSON_DEPTH_MAX + "]" * JSON_DEPTH_MAX)
    with pytest.raises(InvalidJson):
        parse("[" * (JSON_DEPTH_MAX + 1) + "]" * (JSON_DEPTH_MAX + 1))


def test_brackets_in_a_string_do_not_nest() -> None:
    assert parse('["' + "[{" * JSON_DEPTH_MAX + '"]') == ["[{" * JSON_DEPTH_MAX]


def test_text_is_written_without_spaces_and_as_utf_8() -> None:
    assert compact({"a": ["ü", 1]}) == '{"a":["ü",1]}'
