"""How the command line treats a person and a script: exit codes, JSON, defaults, reasons."""

import asyncio
import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import jwt
import pytest

from scorecast_client.cli import main
from scorecast_client.cli.access import ADDRESSES, stack_file
from scorecast_client.cli.arguments import moment, score
from tests.clients.python.fake_scorecast import SECRET, FakeScorecast, Json
from tests.clients.python.test_cli import run_beside
from tests.clients.python.world_cup import FILE, one_match

DEADLINE_SECONDS = 30
STALE: Json = {"status": 409, "code": "match_not_live", "detail": "m1 is completed."}
INVALID: Json = {"status": 422, "code": "invalid_schema", "detail": "No.", "errors": {"x": "odd"}}


def scorecast(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with these variables on top."""
    command = (sys.executable, "-m", "scorecast_client", *arguments)
    environment = {**os.environ, **environ}
    return subprocess.run(
        command,
        capture_output=True,
        env=environment,
        encoding="utf-8",
        errors="replace",
        timeout=DEADLINE_SECONDS,
        check=False,
    )


def refusing(path: str, problem: Json) -> FakeScorecast:
    fake = FakeScorecast()
    fake.matches["m1"] = {"match_id": "m1", "state": "live", "sequence": 0, "revision": 0}
    fake.problems[path] = problem
    return fake


def test_a_refusal_is_not_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fake = refusing("/base/matches/m1/events", STALE)
    assert run_beside(fake, tmp_path, "publish", "start", "m1") == 3
    assert capsys.readouterr().err == (
        "scorecast: POST /matches/m1/events was answered 409: m1 is completed.\n"
    )


def test_errors_are_json_where_answers_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = refusing("/base/matches/m1/events", INVALID)
    assert run_beside(fake, tmp_path, "publish", "start", "m1", "--json") == 3
    error = json.loads(capsys.readouterr().err)["error"]
    assert (error["code"], error["status"], error["errors"]) == (
        "invalid_schema",
        422,
        {"x": "odd"},
    )


def test_a_usage_error_is_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["publish", "score", "m1", "--json"]) == 2
    assert "required" in json.loads(capsys.readouterr().err)["error"]["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("watch", "ws://127.0.0.1:1"),
        ("publish", "show", "m1", "--http", "http://127.0.0.1:1", "--token", "t"),
    ],
)
def test_a_service_that_does_not_answer_has_a_code_of_its_own(
    arguments: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert main(arguments) == 4
    assert "127.0.0.1" in capsys.readouterr().err.splitlines()[-1]


def test_a_request_that_is_tried_again_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    fake = refusing("", {})
    fake.answer_next.append((503, {}))
    assert run_beside(fake, tmp_path, "publish", "score", "m1", "1:0") == 0
    error = capsys.readouterr().err
    assert error.startswith("scorecast: Server error '503 Service Unavailable'")
    assert "Trying again in " in error
    assert error.count("\n") == 1


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("scorecast 0.")


@pytest.mark.parametrize(
    ("command", "default"),
    [
        ("load", "connections (default: 10)"),
        ("load", "score updates a second (default: 1)"),
        ("token", "how long it is valid (default: 60)"),
        ("replay", "(default: 3600, an hour in a second)"),
    ],
)
def test_help_names_the_defaults(
    command: str, default: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    assert default in " ".join(capsys.readouterr().out.split())


def test_help_names_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "3 refused by the service" in " ".join(capsys.readouterr().out.split())


def test_the_http_address_and_token_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def run() -> tuple[int, FakeScorecast]:
        async with refusing("", {}) as fake:
            monkeypatch.setenv("SCORECAST_HTTP", fake.stack.http_url)
            monkeypatch.setenv("SCORECAST_TOKEN", "mine")
            return await asyncio.to_thread(main, ["publish", "start", "m1", "--json"]), fake

    code, fake = asyncio.run(run())
    assert code == 0
    assert fake.requests[0][2]["authorization"] == "Bearer mine"


def test_the_stack_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run() -> tuple[int, FakeScorecast]:
        async with refusing("", {}) as fake:
            stack = tmp_path / "stack.json"
            stack.write_text(json.dumps(fake.description))
            monkeypatch.setenv("SCORECAST_STACK", str(stack))
            return await asyncio.to_thread(main, ["publish", "start", "m1"]), fake

    code, fake = asyncio.run(run())
    assert code == 0
    assert [request[1] for request in fake.requests] == ["/base/matches/m1/events"]


@pytest.mark.parametrize("signing", [["--secret", "s" * 32], []])
def test_a_named_secret_counts_before_the_environments_stack(
    monkeypatch: pytest.MonkeyPatch, signing: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SCORECAST_STACK", "not-there.json")
    assert main(["token", "--sub", "ann", *signing]) == (0 if signing else 2)
    assert ("not-there.json" in capsys.readouterr().err) == (not signing)


def test_an_address_counts_before_the_environments_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCORECAST_STACK", str(tmp_path / "not-there.json"))
    for name in ("http", "ws", "url"):
        assert stack_file(Namespace(stack=None, **{name: "https://scores.example"})) is None
    assert stack_file(Namespace(stack=tmp_path, http="https://scores.example")) == tmp_path


def test_an_empty_variable_is_not_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("SCORECAST_STACK", "SCORECAST_HTTP"):
        monkeypatch.setenv(variable, "")
    assert main(["publish", "start", "m1", "--token", "t"]) == 2
    assert "Give --stack, or --http ($SCORECAST_HTTP)" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "variable"), ADDRESSES.items())
def test_the_variable_of_an_address_counts_as_the_address_does(
    monkeypatch: pytest.MonkeyPatch, name: str, variable: str
) -> None:
    monkeypatch.setenv("SCORECAST_STACK", "stack.json")
    monkeypatch.setenv(variable, "")
    assert stack_file(Namespace(stack=None, **{name: None})) == Path("stack.json")
    monkeypatch.setenv(variable, "https://scores.example")
    assert stack_file(Namespace(stack=None, **{name: None})) is None
    assert stack_file(Namespace(stack=None)) == Path("stack.json")  # it takes no address


@pytest.mark.parametrize(
    "command", ["history", "invite", "load", "replay", "token", "verify", "watch"]
)
def test_every_command_that_takes_a_stack_reads_its_variable(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SCORECAST_STACK", str(tmp_path / "not-there.json"))
    needed = {
        "history": ["m1"],
        "invite": ["--match", "m1"],
        "replay": [str(FILE)],
        "token": ["--sub", "ann"],
    }
    assert main([command, *needed.get(command, [])]) == 2
    assert "not-there.json cannot be read" in capsys.readouterr().err
    assert main([command, "--help"]) == 0
    assert "default: $SCORECAST_STACK" in " ".join(capsys.readouterr().out.split())


def test_a_time_without_an_offset_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    people = ["--first", "a", "--second", "b"]
    match = ["publish", "match", "m", "--tournament", "t", *people, "--at", "2026-06-11T19:00"]
    assert main(match) == 2
    assert "2026-06-11T19:00 has no offset from UTC" in capsys.readouterr().err
    assert str(moment("2026-06-11T19:00+02:00")) == "2026-06-11 19:00:00+02:00"


@pytest.mark.parametrize("user", ["bad user!", "", "a" * 65, "ann\n"])
def test_a_token_for_what_is_not_a_user_id_is_refused(
    user: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["token", "--secret", SECRET, "--sub", user]) == 2
    assert "is not an id: 1 to 64 of A-Z a-z 0-9 _ and -" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "parsed"), [("-1:0", (-1, 0)), ("0:-3", (0, -3)), ("-2:-10", (-2, -10))]
)
def test_a_negative_score_is_a_score(text: str, parsed: tuple[int, int], tmp_path: Path) -> None:
    assert score(text) == parsed
    fake = refusing("", {})
    assert run_beside(fake, tmp_path, "publish", "score", "m1", text) == 0
    body = fake.requests[-1][3] or {}
    assert (body["participant1_score"], body["participant2_score"]) == parsed


def test_a_key_in_quotes_reaches_the_service_as_it_is(tmp_path: Path) -> None:
    fake = refusing("", {})
    key = '"8e03978e-40d5-43dd-bc93-6894a57f9324"'
    assert run_beside(fake, tmp_path, "publish", "score", "m1", "1:0", "--key", key) == 0
    assert fake.requests[-1][2]["idempotency-key"] == key


def test_a_key_that_no_header_can_carry_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = refusing("", {})
    assert run_beside(fake, tmp_path, "publish", "score", "m1", "1:0", "--key", "Tor für A") == 2
    said = capsys.readouterr().err
    assert "PUT /matches/m1/score cannot be sent: its key 'Tor für A' has characters" in said


@pytest.mark.parametrize("command", ["publish", "watch"])
def test_a_proxy_that_cannot_be_used_is_named(command: str) -> None:
    arguments = {
        "publish": ("publish", "start", "m1", "--http", "http://host", "--token", "t"),
        "watch": ("watch", "ws://host", "--match", "m1", "--token", "t"),
    }[command]
    ended = scorecast(*arguments, ALL_PROXY="socks5://127.0.0.1:9", SOCKS_PROXY="socks5://h:9")
    assert ended.returncode == 2
    assert ended.stderr.startswith("scorecast: The proxy of the environment (ALL_PROXY")
    assert ended.stderr.count("\n") == 1


def test_an_encoding_that_cannot_represent_a_name_is_named(tmp_path: Path) -> None:
    async def run() -> subprocess.CompletedProcess[str]:
        async with FakeScorecast() as fake:
            teams = [{"id": "a", "name": "الأهلي"}, {"id": "b", "name": "B"}]
            fake.matches["m1"] = {"match_id": "m1", "state": "completed", "participants": teams}
            stack = tmp_path / "stack.json"
            stack.write_text(json.dumps(fake.description))
            watching = ("watch", "--match", "m1", "--stack", str(stack))
            return await asyncio.to_thread(scorecast, *watching, PYTHONIOENCODING="ascii")

    ended = asyncio.run(run())
    assert ended.returncode == 2
    assert "The output's encoding ascii cannot represent the character U+0627" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_replay_with_a_token_uses_it(tmp_path: Path) -> None:
    fake = FakeScorecast()
    given = jwt.encode({"sub": "somebody"}, SECRET)
    arguments = ("replay", str(FILE), "--speed", "max", "--matches", "1", "--token", given)
    assert run_beside(fake, tmp_path, *arguments) == 0
    assert {user for user, _ in fake.commands} == {"somebody"}
    assert {headers["authorization"] for _, _, headers, _ in fake.requests} == {f"Bearer {given}"}


def test_what_a_replay_leaves_out_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cup.json"
    document = json.loads(one_match())
    document["matches"].append({"team1": "Spain"})
    file.write_text(json.dumps(document))
    assert run_beside(FakeScorecast(), tmp_path, "replay", str(file), "--speed", "max") == 0
    assert "scorecast: Match 2 of the file, needs `team2`" in capsys.readouterr().err


def loaded(tmp_path: Path, *more: str) -> int:
    plan = ("--viewers", "3", "--rate", "40", "--seconds", "0.3", "--ramp", "100")
    return run_beside(FakeScorecast(), tmp_path, "load", *plan, *more)


def test_a_load_without_a_terminal_reports_its_progress_and_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scorecast_client.cli.load_progress.LINE_SECONDS", 0.05)
    assert loaded(tmp_path) == 0
    lines = capsys.readouterr().err.splitlines()
    assert any(line.startswith("sending, ") for line in lines)
    assert lines[-1].startswith("done, ")
    assert "connected 3 of 3" in lines[-1]


def test_a_bad_token_of_a_watcher_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = refusing("/base/tickets", {"status": 401, "code": "x", "detail": "The token expired."})
    fake.refuse_handshakes = 500
    given = jwt.encode({"sub": "ann", "exp": 2**40}, SECRET)
    assert run_beside(fake, tmp_path, "watch", "--match", "m1", "--token", given) == 3
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("scorecast: The connection was refused: The token expired. Trying")
    assert lines[-1] == "scorecast: The connection was refused: The token expired."


def test_no_message_of_the_service_reaches_the_terminal_as_a_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = {"status": 409, "code": "x", "detail": "\x1b[2J\x9b31m\u202e[/bold]\nforged line"}
    fake = refusing("/base/matches/m1/events", problem)
    assert run_beside(fake, tmp_path, "publish", "start", "m1") == 3
    fake = refusing("", {})
    fake.matches["m1"]["details"] = {"\x1b[2J": "\x9b31m\u202e[/bold]"}
    assert run_beside(fake, tmp_path, "publish", "show", "m1") == 0
    printed = capsys.readouterr()
    assert not set("\x1b\x9b\u202e") & set(printed.out + printed.err)
    assert printed.err.count("\n") == 1
    assert "[/bold]" in printed.out


def test_heavy_libraries_are_imported_only_by_what_uses_them() -> None:
    code = (
        "import sys, scorecast_client, scorecast_client.cli as cli; cli.parser();"
        "print({'rich', 'httpx', 'stamina', 'websockets', 'jwt'} & set(sys.modules))"
    )
    command = (sys.executable, "-c", code)
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stdout == "set()\n"


def test_every_public_name_can_be_imported() -> None:
    import scorecast_client

    for name in scorecast_client.__all__:
        assert getattr(scorecast_client, name)
    with pytest.raises(AttributeError):
        _ = scorecast_client.nothing
