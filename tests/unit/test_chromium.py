"""Which Chromium the tests of pages start."""

from pathlib import Path

import pytest

from tests.browser import chromium

ANSWERS = "#!/bin/sh\nexit 0\n"
HANGS = "#!/bin/sh\nexec sleep 60\n"


def _program(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Chromium on the path, and nothing yet of npm's."""
    found = _program(tmp_path / "bin" / "chromium", ANSWERS)
    monkeypatch.setenv("PATH", str(found.parent), prepend=":")
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(chromium, "FOLDER", tmp_path / "browser")
    monkeypatch.setattr(chromium, "TOOLS", tmp_path / "tools")
    return found


def test_without_npms_chromium_the_machines_is_used(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "INSTALL_SECONDS_MAX", 0.5)
    _program(tmp_path / "tools" / "npm", HANGS)
    assert chromium.find.__wrapped__().path == installed


def test_the_chromium_that_is_named_comes_before_npms(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = _program(tmp_path / "named", ANSWERS)
    monkeypatch.setenv("CHROMIUM", str(named))
    assert chromium.find.__wrapped__().path == named
