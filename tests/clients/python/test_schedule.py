"""A schedule from CSV or JSON: ids, times, and every fault with its place."""

import json
from datetime import UTC, datetime

import pytest

from scorecast_client.schedule.comparison import compare
from scorecast_client.schedule.schedule import Planned, ScheduleError, read

ROME = "participant1,participant2,date,time,timezone\n"


def csv(text: str) -> list[Planned]:
    return read(text, tournament_id="cup", is_json=False)[0]


def fault(text: str, *, is_json: bool = False) -> str:
    with pytest.raises(ScheduleError) as raised:
        read(text, tournament_id="cup", is_json=is_json)
    return str(raised.value)


def test_M11_a_csv_with_local_times_is_read() -> None:
    [match] = csv(f"{ROME}Roma,Łódź,2026-06-11,19:30,Europe/Rome\n")
    assert match.id == "cup-roma-lodz"
    assert match.participants == (("roma", "Roma"), ("lodz", "Łódź"))
    assert match.scheduled_at == datetime(2026, 6, 11, 17, 30, tzinfo=UTC)


def test_columns_come_in_any_order_with_ids_and_offsets_of_ones_own() -> None:
    heading = "scheduled_at;participant2;participant1;match_id;participant1_id"
    [match] = csv(f"{heading}\n2026-06-11T19:00:00+02:00;B;A;m1;p-a\n\n")
    assert (match.id, match.participants) == ("m1", (("p-a", "A"), ("b", "B")))


def test_names_in_any_script_have_ids_of_their_own() -> None:
    rows = "Спартак-2,Зенит-2,2026-06-11,19:30,UTC\n日本,韓国,2026-06-11,19:30,UTC\n"
    planned = csv(ROME + rows)
    assert len({match.id for match in planned}) == 2
    assert len({own for match in planned for own, _ in match.participants}) == 4
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
    text = fault(json.dumps(wrong), is_json=True)
    assert "Match 2: unknown field 'venue'." in text and "Match 3, scheduled_at: not a time" in text
    assert fault("{", is_json=True).startswith("Line 1, column 2: not JSON")


def test_openfootballs_files_are_read_with_a_note_for_what_they_lack() -> None:
    entry = {"round": "Matchday 1", "date": "2026-08-01", "team1": "Spartak", "team2": "Zenit"}
    again = entry | {"round": "Cup", "date": "2026-09-01", "time": "19:30"}
    document = {"name": "League", "matches": [entry, again, {"round": "Matchday 2"}]}
    planned, notes = read(json.dumps(document), tournament_id="cup", is_json=True)
    ids = [match.id for match in planned]
    assert ids == ["cup-matchday-1-spartak-zenit", "cup-cup-spartak-zenit"]
    assert any("Match 3 of the file" in note for note in notes)


def test_M11_the_comparison_says_what_an_import_would_change() -> None:
    planned = csv(
        f"{ROME}A,B,2026-06-11,19:30,UTC\nC,D,2026-06-11,19:30,UTC\nE,F,2026-06-11,19:30,UTC\n"
    )
    registered = {
        match.id: {
            "participants": [{"id": own, "name": name} for own, name in match.participants],
            "scheduled_at": match.scheduled_at.isoformat(),
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
