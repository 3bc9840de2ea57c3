"""The commands of the local cloud: what stops them, and what running them again does."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import background
from infra.local.paths import ROOT, StackPaths
from tests.e2e import deployed as stack_under_test
from tests.e2e.deployed import Deployed, infra_local, until

CANNOT_GO_ON = 2


def sentence_of(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence with which a command could not go on."""
    assert done.returncode == CANNOT_GO_ON, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    return done.stderr


@pytest.mark.parametrize("variable", ["PORT", "PAGE_PORT"])
def test_a_busy_port_stops_up_with_a_sentence(variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = str(busy.getsockname()[1])
        sentence = sentence_of(infra_local("up", stack="busy", **{variable: port}))

    assert port in sentence and f"{variable}=" in sentence
    assert background.find(StackPaths("busy")) is None


@pytest.mark.parametrize(
    ("params", "hint"),
    [
        ("RoomCapacty=20", "RoomCapacity"),
        ("RoomCapacity", "Name=value"),
        ("Architecture=arm64", "Architecture"),
        ('RoomCapacity="20', "PARAMS"),
    ],
)
def test_invalid_params_stop_up_with_a_sentence(params: str, hint: str) -> None:
    assert hint in sentence_of(infra_local("up", stack="unwanted", PARAMS=params))
    assert background.find(StackPaths("unwanted")) is None


def test_an_invalid_name_stops_up_with_a_sentence() -> None:
    assert "STACK" in sentence_of(infra_local("up", stack="../elsewhere"))


def test_down_succeeds_when_nothing_is_up() -> None:
    assert infra_local("down", stack="never-started").returncode == 0


def test_a_replay_of_a_broken_file_stops_with_a_sentence(
    deployed: Deployed, tmp_path: Path
) -> None:
    broken = tmp_path / "cup.json"
    broken.write_text("{")

    assert "JSON" in sentence_of(infra_local("replay", str(broken)))


def test_up_again_leaves_the_stack_where_it_is(deployed: Deployed) -> None:
    before = deployed.description

    assert stack_under_test.up().returncode == 0

    after = Deployed(deployed.path).description
    for name in ("endpoint_url", "ws_url", "http_url", "page_url", "api_id", "tables", "queues"):
        assert after[name] == before[name]


def test_a_killed_up_leaves_nothing_running() -> None:
    paths = StackPaths("killed")
    starting = subprocess.Popen(
        [sys.executable, "-m", "infra.local", "up"],
        cwd=ROOT,
        env=os.environ | {"STACK": paths.name, "PORT": "", "PAGE_PORT": "", "PARAMS": ""},
        stdout=subprocess.DEVNULL,
    )
    try:
        until(lambda: background.find(paths) is not None)
    finally:
        starting.send_signal(signal.SIGKILL)
        starting.wait()

    until(lambda: background.find(paths) is None)
    assert not paths.stack_file.exists()
    assert infra_local("down", stack=paths.name).returncode == 0
    assert not paths.state.exists()
