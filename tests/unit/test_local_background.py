import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local import background
from infra.local.errors import with_log
from infra.local.paths import StackPaths
from infra.local.ports import Ports

RECORD = {"group": 4242, "cloud_port": 4566, "page_port": 8080}


@pytest.fixture
def site(tmp_path: Path) -> StackPaths:
    site = StackPaths("stack", local=tmp_path)
    site.folder.mkdir(parents=True)
    return site


@contextmanager
def running(site: StackPaths) -> Iterator[None]:
    """Hold the lock as the processes of a running stack do."""
    with site.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write(json.dumps(RECORD))
        lock.flush()
        yield


def test_nothing_runs_where_nothing_was_started(site: StackPaths) -> None:
    assert background.find(site) is None


def test_a_running_stack_is_found_with_its_ports(site: StackPaths) -> None:
    with running(site):
        found = background.find(site)
    assert found is not None
    assert (found.group, found.ports) == (4242, Ports(cloud=4566, page=8080))


def test_what_a_dead_stack_left_behind_is_not_believed(site: StackPaths) -> None:
    with running(site):
        pass
    assert site.lock.read_text()
    assert background.find(site) is None


def test_a_group_that_no_longer_holds_the_lock_is_not_ended(
    site: StackPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    monkeypatch.setattr("os.killpg", lambda group, number: ended.append(group))
    with running(site):
        found = background.find(site)
    assert found is not None
    found.end()
    assert ended == []


def test_what_describes_a_stack_goes_with_it(site: StackPaths) -> None:
    site.scratch.mkdir()
    kept = site.cloud_log
    for path in (site.description, site.deployed, site.shown, kept):
        path.write_text("x")

    background.forget(site)

    left = [site.description, site.deployed, site.shown, site.scratch]
    assert not [path for path in left if path.exists()]
    assert kept.exists()


def test_a_sentence_comes_with_the_last_lines_of_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("\n".join(f"line {number}" for number in range(1, 41)))
    said = str(with_log("It failed:", log)).splitlines()
    assert said[0] == "It failed:"
    assert [line.strip() for line in said[1:]] == [f"line {number}" for number in range(26, 41)]


def test_a_sentence_without_a_log_stands_alone(tmp_path: Path) -> None:
    assert str(with_log("It failed.", tmp_path / "none")) == "It failed."
