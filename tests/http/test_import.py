"""`scorecast import` against the handler itself: a dry run, an import, and the same again."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from scorecast_client.cli.entry import main
from scorecast_client.cli.exit_codes import BAD_INPUT, DONE, REFUSED
from tests.harness.moto_cloud import MotoCloud
from tests.http.caller import Caller
from tests.http.conftest import token
from tests.http.server import Server

HEADING = "participant1,participant2,date,time,timezone\n"
ROWS = [
    "Roma,Lazio,2026-06-11,19:30,Europe/Rome\n",
    "Inter,Milan,2026-06-12,19:30,Europe/Rome\n",
]


class Import:
    def __init__(self, server: Server, path: Path) -> None:
        self._server = server
        self._path = path

    def __call__(self, rows: Sequence[str], *options: str) -> int:
        self._path.write_text(HEADING + "".join(rows), encoding="utf-8")
        where = ("--http", self._server.url, "--token", token())
        return main(["import", str(self._path), "--tournament", "cup", *where, *options])


@pytest.fixture
def run(server: Server, tmp_path: Path) -> Import:
    return Import(server, tmp_path / "schedule.csv")


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


def stored(served: MotoCloud) -> dict[str, Any]:
    return {match.id: match for match in served.matches.of_tournament("cup")}


def test_M11_a_dry_run_shows_what_an_import_does_and_writes_nothing(
    run: Import, served: MotoCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(ROWS, "--dry-run") == DONE
    shown = capsys.readouterr().out
    assert "cup-roma-lazio" in shown and shown.splitlines()[-1] == "2 new, 0 changed, 0 same"
    assert served.items(served.matches_table) == {}


def test_M11_a_schedule_is_imported_again_and_again_with_the_same_end(
    run: Import, served: MotoCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(ROWS) == DONE
    first = stored(served)
    assert list(first) == ["cup-roma-lazio", "cup-inter-milan"]
    assert run(ROWS) == DONE
    assert last_line(capsys) == "0 new, 0 changed, 2 same"
    assert stored(served) == first

    assert run([ROWS[0].replace("19:30", "21:00"), ROWS[1]]) == DONE
    assert last_line(capsys) == "0 new, 1 changed, 1 same"
    assert stored(served)["cup-roma-lazio"].sequence == 2
    assert stored(served)["cup-inter-milan"] == first["cup-inter-milan"]


def test_M11_openfootballs_groups_and_rounds_are_imported_with_its_matches(
    server: Server, served: MotoCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    day, drawn = {"date": "2026-06-11"}, {"score": {"ft": [1, 1]}}
    group = {"group": "Group A", "round": "Matchday 1", "team1": "Roma", "team2": "Lazio"}
    final = {"round": "Final", "team1": "Roma", "team2": "Inter"}
    path = tmp_path / "cup.json"
    path.write_text(json.dumps({"name": "Cup", "matches": [group | day | drawn, final | day]}))
    command = ["import", str(path), "--tournament", "cup", "--http", server.url]

    assert main([*command, "--token", token(), "--dry-run"]) == DONE
    assert "groups: 1, rounds: 1" in capsys.readouterr().out
    assert served.items(served.matches_table) == {}
    for _ in range(2):
        assert main([*command, "--token", token()]) == DONE

    assert Caller(token())("GET", "/tournaments/cup/structure").json == {
        "tournament_id": "cup",
        "version": 1,
        "groups": [{"name": "Group A", "matches": ["cup-roma-lazio"]}],
        "rounds": [
            {
                "name": "Final",
                "matches": [{"match_id": "cup-roma-inter", "slots": [None, None]}],
            }
        ],
    }


def test_M9_placeholders_scoring_and_metadata_are_imported_and_stay(
    server: Server, served: MotoCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "schedule.csv"
    path.write_text(
        "match_id,participant1,participant2,participant2_placeholder,scheduled_at,scoring.scale,"
        "metadata.venue\nfinal,Roma,,Winner of SF2,unknown,1,Court 1\n"
    )
    command = ["import", str(path), "--tournament", "cup", "--http", server.url]
    for last in ("1 new, 0 changed, 0 same", "0 new, 0 changed, 1 same"):
        assert main([*command, "--token", token()]) == DONE
        assert last_line(capsys) == last
    final = stored(served)["final"]
    assert [each.placeholder for each in final.participants] == [None, "Winner of SF2"]
    assert (final.scheduled_at, final.metadata) == (None, {"venue": "Court 1"})
    assert final.scoring["scale"] == 1


def test_M11_a_wrong_schedule_is_named_by_line_and_column_and_writes_nothing(
    run: Import, served: MotoCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([ROWS[0], ROWS[1].replace("Europe/Rome", "Europe/Rom")]) == BAD_INPUT
    assert "Line 3, column 5 (timezone): unknown time zone" in capsys.readouterr().err
    assert served.items(served.matches_table) == {}


def test_what_the_service_rejects_is_named_and_the_rest_imported(
    run: Import, served: MotoCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    from scorecast.protocol.commands import MatchStart
    from tests import examples

    participants = examples.match().participants
    served.matches.put_tournament(examples.tournament(id="cup"))
    live = {"id": "cup-roma-lazio", "tournament_id": "cup", "participants": participants}
    served.put_match(examples.match(**live, state="scheduled"))
    served.execute(MatchStart(match_id="cup-roma-lazio"))
    assert run(ROWS) == REFUSED
    assert "cup-roma-lazio: Participants can be changed until" in capsys.readouterr().err
    assert "cup-inter-milan" in stored(served)
