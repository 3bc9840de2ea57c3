from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import pytest
from annotated_types import Len, MaxLen, doc

from scorecast.protocol import fields
from scorecast.protocol.fields import Id, Name, NewState, Number, Score
from scorecast.protocol.requirements import requirement
from scorecast.protocol.shapes import BothOrNeither, ExactlyOne, FieldConflict, Shape
from scorecast.protocol.states import State
from scorecast.protocol.strict_json import compact
from scorecast.protocol.validation import accepts, validate

ID = "must be a string of 1 to 64 of A-Z a-z 0-9 _ -"


@dataclass(frozen=True, slots=True, kw_only=True)
class Player(Shape):
    id: Id
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class Game(Shape):
    players: Annotated[list[Player], Len(2, 2), doc("must be a list of two players")]
    referees: Annotated[list[Id], MaxLen(1), doc("must be a list of one id")] | None = None
    state: NewState | None = None
    public: bool = True
    kind: Literal["cup", "league"] | None = None
    captain: Player | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Room(Shape):
    rule: ClassVar = ExactlyOne("match", "tournament")
    match: Id | None = None
    tournament: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(Shape):
    rule: ClassVar = BothOrNeither("home", "away")
    home: Score | None = None
    away: Score | None = None


PLAYERS = [{"id": "p1", "name": "Ann"}, {"id": "p2", "name": "Bo"}]


def _errors(shape: type[Shape], values: dict[str, object]) -> dict[str, str]:
    outcome = validate(shape, values)
    assert isinstance(outcome, dict), outcome
    return outcome


def _nested(levels: int) -> Any:
    return {"a": _nested(levels - 1)} if levels > 1 else {}


def test_an_object_becomes_its_dataclass() -> None:
    assert validate(Game, {"players": PLAYERS, "state": "live"}) == Game(
        players=[Player(id="p1", name="Ann"), Player(id="p2", name="Bo")], state=State.LIVE
    )


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({}, {"players": "is missing"}),
        ({"players": None}, {"players": "must be a list of two players"}),
        ({"players": PLAYERS[:1]}, {"players": "must be a list of two players"}),
        ({"players": [1, 2]}, dict.fromkeys(["players.0", "players.1"], "must be an object")),
        (
            {"players": [PLAYERS[0], {"id": "p 2"}]},
            {"players.1.id": ID, "players.1.name": "is missing"},
        ),
        ({"players": PLAYERS, "referees": ["r1", "r2"]}, {"referees": "must be a list of one id"}),
        ({"players": PLAYERS, "referees": ["r 1"]}, {"referees": "must be a list of one id"}),
        ({"players": PLAYERS, "public": 1}, {"public": "must be true or false"}),
        ({"players": PLAYERS, "kind": "x"}, {"kind": "must be one of cup, league"}),
        ({"players": PLAYERS, "captain": {"name": "Ann"}}, {"captain.id": "is missing"}),
        ({"players": PLAYERS, "captain": []}, {"captain": "must be an object"}),
        ({"players": PLAYERS, "colour": 1}, {"colour": "is not a known field"}),
        ({"players": PLAYERS, "<b>": 1}, {"(unknown)": "is not a known field"}),
        ({"players": PLAYERS, "rule": 1}, {"rule": "is not a known field"}),
    ],
    ids=repr,
)
def test_each_wrong_field_is_named(values: dict[str, object], errors: dict[str, str]) -> None:
    assert _errors(Game, values) == errors


@pytest.mark.parametrize("values", [{}, {"match": "m", "tournament": "t"}, {"match": None}])
def test_exactly_one_of_two_fields(values: dict[str, object]) -> None:
    assert _errors(Room, values) == {"match": "or tournament is needed, and not both"}
    assert isinstance(validate(Room, {"match": None, "tournament": "t"}), Room)


@pytest.mark.parametrize("values", [{"home": 1}, {"away": 1}, {"home": None, "away": 0}])
def test_both_of_two_fields_or_neither(values: dict[str, object]) -> None:
    assert _errors(Result, values) == {"home": "and away come together or not at all"}
    assert isinstance(validate(Result, {"home": 0, "away": 0}), Result)
    assert isinstance(validate(Result, {}), Result)


def test_a_rule_across_fields_holds_for_our_own_code() -> None:
    with pytest.raises(FieldConflict):
        Result(home=1)


@pytest.mark.parametrize("value", [0, 1, -1, 10**12, -(10**12)])
def test_a_score_goes_to_a_million_millions_on_both_sides_of_zero(value: int) -> None:
    assert accepts(Score, value)


@pytest.mark.parametrize("value", [-(10**12) - 1, 10**12 + 1, 1.0, True, "1", None, [1]])
def test_nothing_else_is_a_score(value: object) -> None:
    assert not accepts(Score, value)


@pytest.mark.parametrize("value", [0, 1.5, -(2**53), 1e300])
def test_a_number_is_any_of_json(value: float) -> None:
    assert accepts(Number, value)


@pytest.mark.parametrize("value", [True, "1", None, [1]])
def test_nothing_else_is_a_number(value: object) -> None:
    assert not accepts(Number, value)


@pytest.mark.parametrize("value", ["a", "A-z_0", "x" * 64])
def test_an_id_is_safe_in_a_url(value: str) -> None:
    assert accepts(Id, value)


@pytest.mark.parametrize("value", ["", "x" * 65, "a b", "a\n", "\na", "é", "a/b", 1, None])
def test_nothing_else_is_an_id(value: object) -> None:
    assert not accepts(Id, value)


@pytest.mark.parametrize(("length", "fits"), [(1, True), (500, True), (501, False), (0, False)])
def test_a_reason_has_1_to_500_characters(length: int, fits: bool) -> None:
    assert accepts(fields.Reason, "ü" * length) is fits


def test_details_are_measured_in_bytes_of_utf_8() -> None:
    room = 2048 - len(compact({"a": ""}))
    assert accepts(fields.Details, {"a": "x" * room})
    assert not accepts(fields.Details, {"a": "x" * (room + 1)})
    assert not accepts(fields.Details, {"a": "ü" * (room // 2 + 1)})


@pytest.mark.parametrize(("levels", "fits"), [(1, True), (8, True), (9, False)])
def test_details_have_at_most_8_levels(levels: int, fits: bool) -> None:
    assert accepts(fields.Details, _nested(levels)) is fits


@pytest.mark.parametrize("value", [[], "x", 1, None])
def test_details_are_an_object(value: object) -> None:
    assert not accepts(fields.Details, value)


def test_the_data_of_an_event_has_at_most_16_kilobytes() -> None:
    room = 16 * 1024 - len(compact({"a": ""}))
    assert accepts(fields.EventData, {"a": "x" * room})
    assert not accepts(fields.EventData, {"a": "x" * (room + 1)})


def test_a_state_is_given_by_its_value() -> None:
    assert accepts(NewState, "live")


@pytest.mark.parametrize("value", ["won", "LIVE", "", 1, None, [], {}, ["live"]])
def test_other_things_are_not_a_state(value: object) -> None:
    assert not accepts(NewState, value)


@pytest.mark.parametrize(
    "value",
    [
        "2026-06-11T13:00:00Z",
        "2026-06-11t13:00:00.5z",
        "2026-06-11T13:00:00.123456789-06:00",
        "9999-12-31T23:59:59.999999999999Z",
    ],
)
def test_a_date_and_time_has_an_offset(value: str) -> None:
    assert accepts(fields.DateTime, value)


@pytest.mark.parametrize(
    "value",
    [
        "2026-06-11T13:00:00",
        "2026-06-11T13:00Z",
        "2026-06-11T13:00:00.Z",
        "0000-06-11T13:00:00Z",
        "2026-02-30T13:00:00Z",
        "٢٠٢٦-06-11T13:00:00Z",
        "soon",
        1,
        None,
    ],
)
def test_nothing_else_is_a_date_and_time(value: object) -> None:
    assert not accepts(fields.DateTime, value)


def test_a_type_whose_words_cannot_be_derived_needs_them() -> None:
    with pytest.raises(TypeError, match="needs a doc"):
        requirement(dict[str, int])
