from typing import Any

import pytest

from scorecast.protocol.commands import COMMANDS, ID_RULE, Rule
from scorecast.protocol.messages import field_rules
from scorecast.protocol.strict_json import compact


def _rule(command: str, field: str) -> Rule:
    kind: Any = COMMANDS[command]
    return field_rules(kind)[field].rule


def _nested(levels: int) -> Any:
    return {"a": _nested(levels - 1)} if levels > 1 else {}


def test_commands_are_those_of_the_protocol() -> None:
    assert set(COMMANDS) == {
        "ping",
        "pong",
        "subscribe",
        "unsubscribe",
        "score_update",
        "match_start",
        "match_complete",
        "match_state_change",
        "dispute_create",
        "refresh",
    }


@pytest.mark.parametrize("value", [0, 1, 1_000_000])
def test_a_score_goes_from_0_to_a_million(value: int) -> None:
    assert _rule("score_update", "participant1_score").accepts(value)


@pytest.mark.parametrize("value", [-1, 1_000_001, 1.0, True, "1", None])
def test_nothing_else_is_a_score(value: object) -> None:
    assert not _rule("score_update", "participant1_score").accepts(value)


@pytest.mark.parametrize(("length", "fits"), [(1, True), (500, True), (501, False), (0, False)])
def test_a_reason_has_1_to_500_characters(length: int, fits: bool) -> None:
    assert _rule("dispute_create", "reason").accepts("ü" * length) is fits


def test_details_are_measured_in_bytes_of_utf_8() -> None:
    rule = _rule("score_update", "details")
    room = 2048 - len(compact({"a": ""}))
    assert rule.accepts({"a": "x" * room})
    assert not rule.accepts({"a": "x" * (room + 1)})
    assert not rule.accepts({"a": "ü" * (room // 2 + 1)})


@pytest.mark.parametrize(("levels", "fits"), [(1, True), (8, True), (9, False)])
def test_details_have_at_most_8_levels(levels: int, fits: bool) -> None:
    assert _rule("score_update", "details").accepts(_nested(levels)) is fits


@pytest.mark.parametrize("value", [[], "x", 1, None])
def test_details_are_an_object(value: object) -> None:
    assert not _rule("score_update", "details").accepts(value)


@pytest.mark.parametrize("value", ["won", "LIVE", "", 1, None, [], {}, ["live"]])
def test_other_things_are_no_state(value: object) -> None:
    assert not _rule("match_state_change", "new_state").accepts(value)


def test_a_rule_says_what_its_schema_says() -> None:
    assert ID_RULE.schema["pattern"] == "^[A-Za-z0-9_-]{1,64}$"
    score = _rule("score_update", "participant2_score").schema
    assert (score["minimum"], score["maximum"]) == (0, 1_000_000)
