"""A schedule from CSV or JSON: ids, times, and every fault with its place."""

import json
from datetime import UTC, datetime

import pytest

from scorecast_client.schedule.comparison import compare
from scorecast_client.schedule.planned import Planned, ScheduleError
from scorecast_client.schedule.schedule import read

ROME = "participant1,participant2,date,time,timezone\n"


def csv(text: str) -> list[Planned]:
    return read(text, tournament_id="cup", is_json=False)[0]


def sides(match: Planned) -> list[tuple[str, str]]:
    return [(side.id, side.name) for side in match.participants]


def fault(text: str, *, is_json: bool = False) -> str:
    with pytest.raises(ScheduleError) as raised:
        read(text, tournament_id="cup", is_json=is_json)
    return str(raised.value)


def test_M11_a_csv_with_local_times_is_read() -> None:
    [match] = csv(f"{ROME}Roma,Łódź,2026-06-11,19:30,Europe/Rome\n")
    assert match.id == "cup-roma-lodz"
    assert sides(match) == [("roma", "Roma"), ("lodz", "Łódź")]
    assert match.scheduled_at == datetime(2026, 6, 11, 17, 30, tzinfo=UTC)


def test_columns_come_in_any_order_with_ids_and_offsets_of_ones_own() -> None:
    heading = "scheduled_at;participant2;participant1;match_id;participant1_id"
    [match] = csv(f"{heading}\n2026-06-11T19:00:00+02:00;B;A;m1;p-a\n\n")
    assert (match.id, sides(match)) == ("m1", [("p-a", "A"), ("b", "B")])


def test_names_in_any_script_have_ids_of_their_own() -> None:
    rows = "Спартак-2,Зенит-2,2026-06-11,19:30,UTC\n日本,韓国,2026-06-11,19:30,UTC\n"
    planned = csv(ROME + rows)
    assert len({match.id for match in planned}) == 2
    assert len({own for match in planned for own, _ in sides(match)}) == 4
    assert planned == csv(ROME + rows)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("team1,participant2,scheduled_at\n", "Line 1, column 1: unknown column 'team1'"),
        ("participant1,participant1\n", "Line 1, column 2: participant1 is there twice."),
        ("participant1,participant2\n", "Line 1: scheduled_at is missing"),
        (f"{ROME}A,B,2026-06-11,19:30,Europe/Rom\n", "Line 2, column 5 (timezone): unknown time"),
        (f"{ROME}A,B,2026-06-11,25:30,UTC\n", "Line 2, column 3 (date): not a date and time"),
        (f"{ROME}A,B,2026-06-11,19:30\n", "Line 2: 4 columns, but the heading has 5."),
        (f"{ROME},B,2026-06-11,19:30,UTC\n", "Line 2, column 1 (participant1): a name"),
        (f"{ROME}A,A,2026-06-11,19:30,UTC\n", "Line 2: A plays itself."),
        (
            f"{ROME}A,B,2026-06-11,19:30,UTC\nA,B,2026-06-12,19:30,UTC\n",
            "Line 3: the same match as line 2 (cup-a-b)",
        ),
        (
            "participant1,participant2,scheduled_at\nA,B,2026-06-11T19:30\n",
            "Line 2, column 3 (scheduled_at): has no offset from UTC.",
        ),
        (ROME, "The file has no matches."),
        ("", "Line 1: the column participant1 is missing."),
    ],
)
def test_M11_a_fault_is_named_with_its_line_and_column(text: str, expected: str) -> None:
    assert expected in fault(text)


def test_faults_are_named_together_up_to_ten() -> None:
    text = fault(ROME + "A,B,2026-06-11,19:30,Mars\n" * 12)
    assert text.count("unknown time zone") == 10
    assert "Line 2," in text and text.endswith("And 2 more.")


def test_json_is_read_as_the_api_takes_it() -> None:
    participants = [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]
    item = {"match_id": "m1", "participants": participants, "scheduled_at": "2026-06-11T19:30Z"}
    [match] = read(json.dumps({"matches": [item]}), tournament_id="cup", is_json=True)[0]
    assert (match.id, match.scheduled_at) == ("m1", datetime(2026, 6, 11, 19, 30, tzinfo=UTC))
    wrong = {"matches": [item, item | {"venue": "X"}, item | {"scheduled_at": "soon"}]}
    text = fault(json.dumps(wrong, indent=1), is_json=True)
    assert "Match 2 (line 17, column 3): unknown field 'venue'." in text
    assert "Match 3 (line 32, column 3), scheduled_at: not a time" in text
    assert fault("{", is_json=True).startswith("Line 1, column 2: not JSON")


EVERYTHING = (
    "match_id,participant1,participant2,participant2_placeholder,scheduled_at,"
    "scoring.unit,scoring.scale,scoring.best_of,scoring.negative,metadata.Venue,metadata.round\n"
)


def test_M9_a_csv_has_placeholders_scoring_metadata_and_unknown_times() -> None:
    known, bare = csv(
        f"{EVERYTHING}m1,Ann,,Winner of SF2,unknown,sets,0,3,FALSE,Court 1,\n"
        "m2,Ann,Bea,,2026-06-11T19:00Z,,,,,,\n"
    )
    assert known.as_sent() == {
        "match_id": "m1",
        "participants": [{"id": "ann", "name": "Ann"}, {"placeholder": "Winner of SF2"}],
        "scheduled_at": None,
        "scoring": {"unit": "sets", "scale": 0, "best_of": 3, "negative": False},
        "metadata": {"Venue": "Court 1"},
    }
    assert bare.as_sent().keys() == {"match_id", "participants", "scheduled_at"}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (",A,,W,unknown,,,,,,", "column 4 (participant2_placeholder): give the match a match_id"),
        ("m,A,B,W,unknown,,,,,,", "column 4 (participant2_placeholder): there is a name, too"),
        ("m,A,,,unknown,,,,,,", "column 3 (participant2): a name of 1 to 120"),
        ("m,A,B,,,,,,,,", "column 5 (scheduled_at): is empty"),
        ("m,A,B,,unknown,,4,,,,", "column 7 (scoring.scale): scale is not a number from 0 to 3"),
        ("m,A,B,,unknown,,,many,,,", "column 8 (scoring.best_of): best_of is not a number"),
        ("m,A,B,,unknown,,,,maybe,,", "column 9 (scoring.negative): negative is not true or"),
        (f"m,A,B,,unknown,,,,,{'x' * 2048},", "metadata: larger than 2048 bytes"),
        (f"m,A,B,,unknown,,,,,{'x' * 200_000},", "not CSV: field larger than field limit"),
    ],
)
def test_what_the_service_would_refuse_is_named_before_anything_is_written(
    row: str, expected: str
) -> None:
    text = fault(f"{EVERYTHING}{row}\n")
    assert text.startswith("Line 2") and expected in text


SIDES = [{"id": "a", "name": "A", "metadata": {"colour": "#f00"}}, {"placeholder": "Winner of SF2"}]
FULL = {
    "match_id": "m1",
    "participants": SIDES,
    "scheduled_at": None,
    "scoring": {"scale": 1, "negative": True},
    "metadata": {"venue": {"name": "Court 1"}},
}


def test_M9_json_is_sent_as_it_stands() -> None:
    bye = {"match_id": "m2", "participants": [SIDES[0], {"bye": True}], "scheduled_at": None}
    planned = read(json.dumps([FULL, bye]), tournament_id="cup", is_json=True)[0]
    assert [match.as_sent() for match in planned] == [FULL, bye]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"match_id": None}, "match_id: give the match a match_id"),
        ({"match_id": "no id"}, "match_id: not an id"),
        ({"participants": [SIDES[0], {"bye": False}]}, "participants: must be two"),
        ({"participants": [SIDES[0], {"placeholder": "x", "id": "b"}]}, "participants: must be"),
        ({"participants": "A v B"}, "participants: must be two"),
        ({"scoring": {"scale": True}}, "scoring: scale is not a number"),
        ({"scoring": {"sets": 3}}, "scoring: unknown field 'sets'"),
        ({"metadata": []}, "metadata: not an object"),
        ({"metadata": {"text": "x" * 2048}}, "metadata: larger than 2048 bytes"),
    ],
)
def test_a_wrong_field_of_json_is_named_with_its_line_and_column(
    changes: dict[str, object], expected: str
) -> None:
    text = fault(json.dumps({"matches": [FULL, FULL | changes]}, indent=1), is_json=True)
    assert text.startswith("Match 2 (line 28, column 3), ") and expected in text


def test_openfootballs_files_are_read_with_a_note_for_what_they_lack() -> None:
    entry = {"round": "Matchday 1", "date": "2026-08-01", "team1": "Spartak", "team2": "Zenit"}
    again = entry | {"round": "Cup", "date": "2026-09-01", "time": "19:30"}
    document = {"name": "League", "matches": [entry, again, {"round": "Matchday 2"}]}
    planned, notes, _ = read(json.dumps(document), tournament_id="cup", is_json=True)
    ids = [match.id for match in planned]
    assert ids == ["cup-matchday-1-spartak-zenit", "cup-cup-spartak-zenit"]
    assert any("Match 3 of the file" in note for note in notes)


def test_M11_the_comparison_says_what_an_import_would_change() -> None:
    planned = csv(
        f"{ROME}A,B,2026-06-11,19:30,UTC\nC,D,2026-06-11,19:30,UTC\nE,F,2026-06-11,19:30,UTC\n"
    )
    registered = {
        match.id: {
            "participants": [{"id": own, "name": name} for own, name in sides(match)],
            "scheduled_at": "2026-06-11T19:30:00+00:00",
        }
        for match in planned[:2]
    }
    registered["cup-c-d"]["participants"][0]["name"] = "Cc"  # type: ignore[index]
    found = compare(planned, registered)
    assert [(each.planned.id, each.change, each.differences) for each in found] == [
        ("cup-a-b", "same", ()),
        ("cup-c-d", "changed", ("Cc → C",)),
        ("cup-e-f", "new", ()),
    ]


def test_the_comparison_sees_placeholders_scoring_and_metadata() -> None:
    planned = read(json.dumps([FULL]), tournament_id="cup", is_json=True)[0]
    stored = FULL | {"scoring": {"scale": 1, "negative": True, "unit": "points"}}
    [same] = compare(planned, {"m1": stored})
    assert same.change == "same"
    before = {
        "scheduled_at": "2026-06-11T19:30:00+00:00",
        "scoring": {"scale": 0},
        "metadata": None,
    }
    sides = [{"id": "a", "name": "A"}, {"placeholder": "Winner of SF1"}]
    [changed] = compare(planned, {"m1": stored | before | {"participants": sides}})
    assert changed.differences == (
        "2026-06-11T19:30:00+00:00 → no time",
        "A's metadata",
        "Winner of SF1 → Winner of SF2",
        "scoring",
        "metadata",
    )
