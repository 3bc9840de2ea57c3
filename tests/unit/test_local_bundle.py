import os
from pathlib import Path

import pytest

from infra.local.bundle import CLIENT, SOURCES, bundle, is_outdated
from infra.local.errors import LocalError

EARLY, LATE = 1_000_000, 2_000_000


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """A client that was built after its source was written."""
    for name in (
        "src/index.ts",
        "build.js",
        "package.json",
        "tsconfig.json",
        "tsconfig.types.json",
    ):
        write(tmp_path / name, at=EARLY)
    os.utime(tmp_path / "src", (EARLY, EARLY))
    write(tmp_path / "dist/index.d.ts", at=LATE)
    return tmp_path


def write(path: Path, *, at: int) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")
    os.utime(path, (at, at))


def test_the_sources_are_all_there() -> None:
    assert [name for name in SOURCES if not (CLIENT / name).exists()] == []


def test_what_was_built_last_is_left_alone(client: Path) -> None:
    assert not is_outdated(client)
    bundle(client)  # else npm would miss the script
    assert (client / "dist" / "index.d.ts").stat().st_mtime == LATE


@pytest.mark.parametrize("name", ["src/index.ts", "src/new.ts", "package.json", "build.js"])
def test_a_changed_source_asks_for_a_new_bundle(client: Path, name: str) -> None:
    write(client / name, at=LATE + 1)
    assert is_outdated(client)


def test_a_removed_source_asks_for_a_new_bundle(client: Path) -> None:
    os.utime(client / "src", (LATE + 1, LATE + 1))
    assert is_outdated(client)


def test_what_was_never_built_is_outdated(client: Path) -> None:
    (client / "dist" / "index.d.ts").unlink()
    assert is_outdated(client)


def test_a_build_that_fails_says_why(client: Path) -> None:
    (client / "package.json").write_text('{"scripts": {"build": "echo broken >&2; exit 3"}}')
    with pytest.raises(LocalError, match="does not build:\nbroken"):
        bundle(client)
