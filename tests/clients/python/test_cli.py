import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any, Final

import jwt
import pytest

from scorecast_client.cli import main
from tests.clients.python.fake_scorecast import SECRET, FakeScorecast
from tests.clients.python.world_cup import FILE, one_match

DEADLINE_SECONDS = 20


def run_beside(fake: FakeScorecast, folder: Path, *arguments: str) -> int:
    """Run the command against the fake service, in a thread and event loop of its own."""

    async def run() -> int:
        async with fake:
            stack = folder / "stack.json"
            stack.write_text(json.dumps(fake.description))
            return await asyncio.to_thread(main, [*arguments, "--stack", str(stack)])

    return asyncio.run(run())


def test_a_replay_without_differences_ends_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("replay", str(FILE), "--speed", "max", "--matches", "2", "--as", "again")
    fake = FakeScorecast()

    assert run_beside(fake, tmp_path, *arguments) == 0
    printed = capsys.readouterr().out
    assert list(fake.matches) == ["again-001", "again-002"]
    assert "none" in printed
    assert (
        "5 updates accepted, 5 of them received; 7 messages received, 3 of them scores (2 "
        in printed
    )
    assert "Send to receipt" in printed


def test_a_replay_with_differences_shows_them_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = FakeScorecast()
    fake.undelivered.add("wc-001")

    assert run_beside(fake, tmp_path, "replay", str(FILE), "--speed", "max", "--matches", "1") == 1
    line = next(line for line in capsys.readouterr().out.splitlines() if "wc-001" in line)
    assert "(2, 0)" in line
    assert "(0, 0)" in line


def test_a_token_has_the_claims_that_were_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--secret", SECRET, "--issuer", "https://issuer", "--audience", "scorecast"]
    asked = ["--sub", "ann", "--role", "admin", "--tournament", "cup", "--minutes", "5"]

    assert main(["token", *given, *asked]) == 0
    claims = jwt.decode(
        capsys.readouterr().out.strip(),
        SECRET,
        algorithms=["HS256"],
        issuer="https://issuer",
        audience="scorecast",
    )
    assert (claims["sub"], claims["role"], claims["tournaments"]) == ("ann", "admin", ["cup"])
    assert claims["exp"] - claims["iat"] == 300


def invited(fake: FakeScorecast, folder: Path, *arguments: str) -> int:
    fake.matches["m1"] = {
        "match_id": "m1",
        "tournament_id": "cup",
        "participants": [{"id": "a", "name": "Ann"}, {"placeholder": "Winner of 1"}],
    }
    page = ("--page", "https://scores.example/")
    return run_beside(fake, folder, "invite", "--match", "m1", *page, *arguments)


def test_an_invitation_is_a_link_with_a_token_for_one_match(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invited(FakeScorecast(), tmp_path, "--hours", "2") == 0
    first, *drawn, link = capsys.readouterr().out.strip().splitlines()
    assert first.startswith("Ann v Winner of 1, until ")
    assert len(drawn) > 20 and set("".join(drawn)) <= set("█▀▄ ")
    page, _, fragment = link.partition("#")
    assert page == "https://scores.example/official.html?tournament=cup"
    match, _, token = fragment.partition("&token=")
    claims = jwt.decode(token, SECRET, algorithms=["HS256"])
    assert (match, claims["matches"]) == ("m1", ["m1"])
    assert "role" not in claims and "tournaments" not in claims
    assert claims["exp"] - claims["iat"] == 2 * 3_600


def test_an_invitation_in_json_is_for_another_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invited(FakeScorecast(), tmp_path, "--json", "--sub", "ann") == 0
    printed = json.loads(capsys.readouterr().out)
    claims = jwt.decode(printed["url"].partition("token=")[2], SECRET, algorithms=["HS256"])
    assert claims["sub"] == "ann"
    assert printed["expires_at"] // 1_000 == claims["exp"]


def test_an_invitation_needs_an_existing_match(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = ("--page", "https://scores.example")
    assert run_beside(FakeScorecast(), tmp_path, "invite", "--match", "m2", *page) == 3
    assert "No m2 here." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["start", "m1"], {"type": "match_start"}),
        (["state", "m1", "paused"], {"type": "match_state_change", "new_state": "paused"}),
        (["dispute", "m1", "Offside."], {"type": "dispute_create", "reason": "Offside."}),
        (["complete", "m1", "--draw"], {"type": "match_complete", "winner_id": None}),
        (
            ["complete", "m1", "--winner", "a", "--score", "2:1"],
            {
                "type": "match_complete",
                "winner_id": "a",
                "participant1_score": 2,
                "participant2_score": 1,
            },
        ),
        (
            ["complete", "m1", "--winner", "a", "--outcome", "walkover"],
            {"type": "match_complete", "winner_id": "a", "outcome": "walkover"},
        ),
        (
            ["amend", "m1", "--score", "2:2", "--draw", "--reason", "Offside."],
            {
                "type": "match_amend",
                "reason": "Offside.",
                "winner_id": None,
                "participant1_score": 2,
                "participant2_score": 2,
            },
        ),
        (
            ["amend", "m1", "--outcome", "awarded", "--reason", "Ruled so."],
            {"type": "match_amend", "reason": "Ruled so.", "outcome": "awarded"},
        ),
        (
            ["complete", "m1", "--draw", "--periods", '[{"name": "1"}]', "--shootout", "{}"],
            {
                "type": "match_complete",
                "winner_id": None,
                "periods": [{"name": "1"}],
                "shootout": {},
            },
        ),
        (
            ["reopen", "m1", "live", "--reason", "Too early."],
            {"type": "match_reopen", "new_state": "live", "reason": "Too early."},
        ),
        (
            ["resolve", "m1", "d1", "upheld", "--note", "Seen."],
            {
                "type": "dispute_resolve",
                "dispute_id": "d1",
                "resolution": "upheld",
                "note": "Seen.",
            },
        ),
        (
            ["event", "cup", "bracket_updated", "--data", '{"round": 2}'],
            {"type": "bracket_updated", "data": {"round": 2}},
        ),
    ],
)
def test_what_is_published_is_asked_of_the_api(
    arguments: list[str],
    asked: dict[str, object],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fake = FakeScorecast()

    assert run_beside(fake, tmp_path, "publish", *arguments, "--json") == 0
    assert fake.requests[0][3] == asked
    assert json.loads(capsys.readouterr().out)["type"] == asked["type"]


PLACEHOLDER = {"placeholder": "Winner of QF1"}
PEOPLE = ["--first", json.dumps(PLACEHOLDER), "--second", "b=Blues"]


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (
            ["match", "m1", "--tournament", "t", *PEOPLE, "--at", "unknown"],
            {
                "tournament_id": "t",
                "participants": [PLACEHOLDER, {"id": "b", "name": "Blues"}],
                "scheduled_at": None,
            },
        ),
        (
            [
                *(
                    "match",
                    "m1",
                    "--tournament",
                    "t",
                    "--first",
                    "a=A",
                    "--second",
                    '{"bye": true}',
                ),
                *("--at", "2026-06-11T19:00Z", "--scoring", '{"scale": 1}'),
                *("--metadata", '{"c": 1}'),
            ],
            {
                "tournament_id": "t",
                "participants": [{"id": "a", "name": "A"}, {"bye": True}],
                "scheduled_at": "2026-06-11T19:00:00+00:00",
                "scoring": {"scale": 1},
                "metadata": {"c": 1},
            },
        ),
        (
            ["tournament", "t", "--name", "Cup", "--metadata", '{"place": "Rome"}'],
            {"name": "Cup", "organizers": [], "metadata": {"place": "Rome"}},
        ),
        (
            ["structure", "t", "--data", '{"groups": [], "rounds": []}'],
            {"groups": [], "rounds": []},
        ),
        (["delete", "m1"], None),
    ],
)
def test_what_is_registered_is_asked_of_the_api(
    arguments: list[str], asked: dict[str, object] | None, tmp_path: Path
) -> None:
    fake = FakeScorecast()

    run_beside(fake, tmp_path, "publish", *arguments)

    assert fake.requests[0][3] == asked


def test_what_stands_beside_a_score_is_reported_with_it(tmp_path: Path) -> None:
    fake = FakeScorecast()
    given = {
        "periods": [{"participant1_score": 6, "participant2_score": 4}],
        "clock": {"running": True, "elapsed_ms": 600_000},
        "shootout": {"participant1_score": 3, "participant2_score": 2},
        "corrects": 7,
    }
    options = [text for name, value in given.items() for text in (f"--{name}", json.dumps(value))]

    fake.problems["/base/matches/m1/score"] = {"status": 200}
    run_beside(fake, tmp_path, "publish", "score", "m1", "1:0", *options)

    [score] = [body for method, _, _, body in fake.requests if method == "PUT" and body]
    assert {name: score.get(name) for name in given} == given


@pytest.mark.parametrize("wrong", ["{", "{}", "[1]"])
def test_periods_that_are_none_are_bad_input(
    wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--http", "http://h", "--token", "t"]
    assert main(["publish", "score", "m1", "1:0", "--periods", wrong, *where]) == 2
    assert "argument --periods: not " in capsys.readouterr().err


HISTORY = [
    {"type": "match_started", "data": {"server_time": 1_781_204_400_000, "started_by": "ann"}},
    {
        "type": "score_accepted",
        "data": {
            "updated_at": 1_781_204_460_000,
            "revision": 1,
            "participant1_score": 1,
            "participant2_score": 0,
            "updated_by": "ann",
        },
    },
    {"type": "match_amended", "data": {"reason": "Off\u202eside", "server_time": "soon"}},
    {"type": "from_a_later_version", "data": [1]},
]
LINES = [
    "2026-06-11 19:00:00Z  match_started",
    "2026-06-11 19:01:00Z  score_accepted  1:0  revision 1  by ann",
    "match_amended  reason Off\ufffdside",
    "from_a_later_version",
]


@pytest.mark.parametrize(
    ("options", "printed"), [([], LINES), (["--json"], [json.dumps(each) for each in HISTORY])]
)
def test_M1_a_match_has_its_history_on_a_terminal(
    options: list[str], printed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = FakeScorecast()
    page = {"status": 200, "entries": HISTORY, "next": None}
    fake.problems["/base/matches/m1/history?after=4"] = page

    assert run_beside(fake, tmp_path, "history", "m1", "--after", "4", *options) == 0
    assert capsys.readouterr().out.splitlines() == printed


def test_a_closed_pipe_is_not_an_error() -> None:
    command = f"{sys.executable} -m scorecast_client token --sub ann --secret '{SECRET}' | true"

    async def run() -> bytes:
        process = await asyncio.create_subprocess_shell(command, stderr=PIPE)
        _, printed = await process.communicate()
        return printed

    assert asyncio.run(run()) == b""


def test_a_token_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCORECAST_TOKEN", "mine")
    fake = FakeScorecast()

    assert run_beside(fake, tmp_path, "publish", "disconnect", "ann") == 0
    assert fake.requests[0][2]["authorization"] == "Bearer mine"


def test_a_registered_match_is_scored_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = FakeScorecast()
    people = ["--first", "a=Team A", "--second", "b"]
    match = ["match", "m1", "--tournament", "cup", *people, "--at", "2026-06-11T19:00Z"]
    details = ["--details", '{"minute": 3}', "--key", "goal-1"]

    async def run() -> None:
        async with fake:
            stack = tmp_path / "stack.json"
            stack.write_text(json.dumps(fake.description))
            for given in (match, ["score", "m1", "2:1", *details], ["show", "m1", "--json"]):
                command = ["publish", *given, "--stack", str(stack)]
                assert await asyncio.to_thread(main, command) == 0

    asyncio.run(run())
    shown = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (shown["participant1_score"], shown["details"]) == (2, {"minute": 3})
    assert shown["participants"] == [{"id": "a", "name": "Team A"}, {"id": "b", "name": "b"}]
    assert shown["scheduled_at"] == "2026-06-11T19:00:00+00:00"


def loaded(fake: FakeScorecast, folder: Path, *more: str) -> tuple[int, dict[str, Any]]:
    out = folder / "out.json"
    given = ["--viewers", "3", "--rate", "40", "--seconds", "0.5", "--ramp", "100"]
    code = run_beside(fake, folder, "load", *given, "--out", str(out), *more)
    return code, json.loads(out.read_text())


def test_a_load_whose_scores_all_arrive_ends_well(tmp_path: Path) -> None:
    code, figures = loaded(FakeScorecast(), tmp_path)

    assert (code, figures["connected"], figures["sent"], figures["accepted"]) == (0, 3, 20, 20)
    assert figures["accepted_to_received"]["count"] == 3 * 20
    assert (figures["uncovered"], figures["viewers_behind"], figures["errors"]) == (0, 0, {})
    assert figures["final_score"] is not None


def test_a_load_that_loses_scores_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scorecast_client.load.run.SETTLE_SECONDS", 0.1)
    fake = FakeScorecast()
    fake.undelivered.add("m1")
    fake.matches["m1"] = {"match_id": "m1", "sequence": 0, "revision": 0, "state": "live"}
    code, figures = loaded(fake, tmp_path, "--match", "m1")

    assert code == 1
    assert (figures["viewers_behind"], figures["uncovered"]) == (3, figures["accepted"])


NOWHERE: Final = ("--ws", "ws://127.0.0.1:9", "--http", "http://127.0.0.1:9", "--token", "t")
"""A load that could not begin: what it says was found out before."""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["replay", "none.json"], "none.json cannot be read: No such file or directory."),
        (["replay", "torn.json"], "The tournament file is not JSON"),
        (["replay", "shoot-out.json"], "Spain-Argentina, has a shoot-out that does not decide"),
        (["replay", "sound.json"], "Give --stack, or all of --ws, --http and --token."),
        (["replay", "sound.json", "--as", "a b"], "The tournament id 'a b' must be"),
        (["replay", "sound.json", "--stack", "none.json"], "is a stack up?"),
        (["replay", "sound.json", "--stack", "torn.json"], "torn.json is not JSON"),
        (["replay", "sound.json", "--stack", "sound.json"], "The stack description has no 'jwt'."),
        (["token", "--sub", "ann"], "Give either --secret or --stack."),
        (["invite", "--match", "m1"], "Give --stack, or --http and --page."),
        (["token", "--sub", "ann", "--secret", "short"], "at least 32 bytes"),
        (["token", "--sub", "ann", "--secret", "\udcff" * 32], "An argument is not UTF-8 text."),
        (["publish", "start", "\udcff", "--http", "http://h", "--token", "t"], "not UTF-8 text."),
        (["watch"], "Give the address of a WebSocket, or --stack."),
        (["watch", "ws://[", "--match", "m1"], "No WebSocket connection to 'ws://['"),
        (["watch", "ws://h:x", "--match", "m1"], "No WebSocket connection to 'ws://h:x"),
        (["watch", "ws://127.0.0.1:1", "--match", "m", "--tournament", "t"], "either a match or"),
        (["watch", "ws://127.0.0.1:1", "--token", "a\nb"], "no token has"),
        (
            ["publish", "start", "m1"],
            "Give --stack, or --http ($SCORECAST_HTTP) with --token ($SCORECAST_TOKEN).",
        ),
        (["publish", "start", "m1", "--http", "nonsense", "--token", "t"], "is not an address"),
        (["publish", "start", "m1", "--http", "http://[", "--token", "t"], "is not an address"),
        (["publish", "start", "m1", "--http", "http://h", "--token", "a\nb"], "no token has"),
        (["load"], "Give --stack, or --http ($SCORECAST_HTTP)"),
        (["load", "--http", "http://h", "--token", "t"], "Give --stack or --ws."),
        (
            ["load", "--http", "http://h", "--token", "t", "--ws", "ws://h"],
            "Give --stack, --secret or --anonymous for the viewers.",
        ),
        (["load", *NOWHERE, "--against", "none.json"], "none.json cannot be read"),
        (["load", *NOWHERE, "--out", "."], ". cannot be written: Is a directory."),
    ],
)
def test_bad_input_gets_one_sentence_and_code_2(
    arguments: list[str],
    sentence: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCORECAST_TOKEN", raising=False)
    Path("torn.json").write_text("{")
    Path("shoot-out.json").write_text(one_match(score={"ft": [2, 0], "p": [1, 0]}))
    Path("sound.json").write_text(one_match())

    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert sentence in printed
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["play"],
        ["replay"],
        ["replay", "f", "--speed", "0"],
        ["replay", "f", "--matches", "-1"],
        ["token", "--sub", "ann", "--role", "king"],
        ["invite", "--match", "m1", "--hours", "73"],
        ["token", "--sub", "ann", "--secret", "s" * 32, "--minutes", "1e300"],
        ["publish"],
        ["publish", "score", "m1"],
        ["publish", "score", "m1", "2-1"],
        ["publish", "score", "m1", "2:1000000000001"],
        ["publish", "score", "m1", "2:1", "--details", "[1]"],
        ["publish", "score", "m1", "2:1", "--details", "{"],
        ["publish", "complete", "m1"],
        ["publish", "complete", "m1", "--draw", "--winner", "a"],
        ["publish", "state", "m1", "won"],
        [
            "publish",
            "match",
            "m",
            "--tournament",
            "t",
            "--first",
            "a",
            "--second",
            "b",
            "--at",
            "x",
        ],
        *(["load", "--viewers", number] for number in ("0", "-1", "nan", "1.5", "9999999999")),
        *(["load", "--rate", number] for number in ("0", "-1", "nan", "inf", "1e10", "fast")),
        *(["load", "--seconds", number] for number in ("0", "-1", "nan", "inf")),
        ["load", "--secret", "s", "--anonymous"],
        ["load", "--seconds", "5", "--minutes", "1"],
        ["load", "--processes", "65"],
    ],
)
def test_a_wrong_command_line_ends_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "usage: scorecast" in capsys.readouterr().err
