import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path

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
    said = capsys.readouterr().out
    assert list(fake.matches) == ["again-001", "again-002"]
    assert "none" in said
    assert "5 updates accepted, 5 of them heard; 7 frames received, 3 of them scores (2 " in said
    assert "Send to receipt" in said


def test_a_replay_with_differences_shows_them_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = FakeScorecast()
    fake.unheard.add("wc-001")

    assert run_beside(fake, tmp_path, "replay", str(FILE), "--speed", "max", "--matches", "1") == 1
    line = next(line for line in capsys.readouterr().out.splitlines() if "wc-001" in line)
    assert "(2, 0)" in line
    assert "(0, 0)" in line


def test_watching_ends_with_the_servers_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = FakeScorecast()
    fake.tournaments["cup"] = {"tournament_id": "cup", "name": "The Cup", "state": "live"}
    teams = [{"id": "a", "name": "Team A"}, {"id": "b", "name": "Team B"}]
    match = {"match_id": "m1", "state": "live", "sequence": 1, "participants": teams}
    score = {"participant1_score": 4, "participant2_score": 2, "details": {"penalties": [4, 3]}}
    fake.matches["m1"] = {**match, **score}
    goodbye = {"code": 4012, "reason": "server_drain", "reconnect": True}
    fake.last_words = {"type": "goodbye", **goodbye}
    fake.commands_before_last_words = 0

    assert run_beside(fake, tmp_path, "watch", "--tournament", "cup") == 2
    said = capsys.readouterr()
    assert "The Cup" in said.out
    assert "Team A" in said.out
    assert "4 : 2" in said.out
    assert said.err == "scorecast: The connection ended: server_drain.\n"


@pytest.mark.parametrize(
    "arguments",
    [("replay", str(FILE), "--speed", "60"), ("watch", "--tournament", "worldcup-2026")],
)
def test_an_interrupt_ends_without_a_trace(arguments: tuple[str, ...], tmp_path: Path) -> None:
    async def run() -> tuple[int | None, bytes]:
        async with asyncio.timeout(DEADLINE_SECONDS), FakeScorecast() as fake:
            fake.tournaments["worldcup-2026"] = {"tournament_id": "worldcup-2026"}
            stack = tmp_path / "stack.json"
            stack.write_text(json.dumps(fake.description))
            command = (sys.executable, "-m", "scorecast_client", *arguments, "--stack", str(stack))
            process = await create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE)
            await fake.has_a_spectator.wait()
            process.send_signal(signal.SIGINT)
            _, said = await process.communicate()
            return process.returncode, said

    assert asyncio.run(run()) == (130, b"")


def test_a_minted_token_says_what_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
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


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["replay", "none.json"], "none.json cannot be read: No such file or directory."),
        (["replay", "torn.json"], "The tournament file is not JSON"),
        (["replay", "sums.json"], "Spain-Argentina, lists goals that add up to 1:0"),
        (["replay", "sound.json"], "Give --stack, or all of --ws, --http and --token."),
        (["replay", "sound.json", "--as", "a b"], "The tournament id 'a b' must be"),
        (["replay", "sound.json", "--stack", "none.json"], "is a stack up?"),
        (["replay", "sound.json", "--stack", "torn.json"], "torn.json is not JSON"),
        (["replay", "sound.json", "--stack", "sound.json"], "The stack description has no 'jwt'."),
        (["token", "--sub", "ann"], "Give either --secret or --stack."),
        (["token", "--sub", "ann", "--secret", "short"], "at least 32 bytes"),
        (["watch"], "Give the address of a socket, or --stack."),
        (["watch", "ws://127.0.0.1:1"], "No WebSocket connection to 127.0.0.1"),
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
    Path("torn.json").write_text("{")
    Path("sums.json").write_text(one_match(score={"ft": [2, 0]}))
    Path("sound.json").write_text(one_match())

    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["play"],
        ["replay"],
        ["replay", "f", "--speed", "0"],
        ["replay", "f", "--matches", "-1"],
        ["token", "--sub", "ann", "--role", "king"],
    ],
)
def test_a_wrong_command_line_ends_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "usage: scorecast" in capsys.readouterr().err
