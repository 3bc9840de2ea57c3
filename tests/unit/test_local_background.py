import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local import background
from infra.local.aws import LocalAws
from infra.local.background import Background
from infra.local.errors import with_log
from infra.local.paths import StackPaths

AWS = LocalAws("http://127.0.0.1:4566", "AKIA1", "secret")
ADDRESS = {"page_url": "http://127.0.0.1:8080/", **AWS.described()}


@pytest.fixture
def paths(tmp_path: Path) -> StackPaths:
    paths = StackPaths("stack", local=tmp_path)
    paths.folder.mkdir(parents=True)
    return paths


@contextmanager
def running(paths: StackPaths) -> Iterator[None]:
    """Hold the lock as the process of a running stack does."""
    with paths.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(json.dumps({"pid": 4242, "address": ADDRESS}))
        lock.flush()
        yield


def test_nothing_is_found_where_nothing_was_started(paths: StackPaths) -> None:
    assert background.find(paths) is None


def test_a_running_stack_is_found_with_its_addresses(paths: StackPaths) -> None:
    with running(paths):
        found = background.find(paths)
    assert found is not None
    assert (found.pid, found.address, found.aws) == (4242, ADDRESS, AWS)


def test_the_lock_file_of_a_dead_stack_is_ignored(paths: StackPaths) -> None:
    with running(paths):
        pass
    assert paths.lock.read_text()
    assert background.find(paths) is None


def test_a_group_that_no_longer_holds_the_lock_is_not_ended(
    paths: StackPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    monkeypatch.setattr("os.killpg", lambda group, number: ended.append(group))
    with running(paths):
        found = background.find(paths)
    assert found is not None
    found.end()
    assert ended == []


def test_a_stack_that_another_command_has_started_anew_is_left_alone(
    paths: StackPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.killpg", lambda group, number: pytest.fail(f"{group} was ended"))
    paths.state.mkdir()
    with running(paths):
        Background(paths, 4241, ADDRESS).end()
    assert paths.state.exists()


def test_a_stack_is_forgotten_except_for_its_logs(paths: StackPaths) -> None:
    paths.state.mkdir()
    for path in (paths.stack_file, paths.deployed, paths.shown, paths.cloud_log):
        path.write_text("x")

    background.forget(paths)

    assert not paths.stack_file.exists()
    assert not paths.state.exists()
    assert paths.cloud_log.exists()


def test_a_sentence_comes_with_the_last_lines_of_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("\n".join(f"line {number}" for number in range(1, 41)))
    said = str(with_log("It failed:", log)).splitlines()
    assert said[0] == "It failed:"
    assert [line.strip() for line in said[1:]] == [f"line {number}" for number in range(26, 41)]


def test_a_sentence_without_a_log_stands_alone(tmp_path: Path) -> None:
    assert str(with_log("It failed.", tmp_path / "none")) == "It failed."
