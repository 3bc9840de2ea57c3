"""A copy of the project's files, in which one bug at a time stands while tests run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.planted.bugs import Bug

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / ".local" / "planted"
_INSTALLED: Final = (
    ".venv",
    ".local/cloud",
    ".local/sam",
    ".local/uv",
    "tests/docs/node_modules",
    "tests/http/node_modules",
    "clients/js/node_modules",
)
_QUIET: Final = ("-x", "-q", "--no-header", "-p", "no:cacheprovider")


@dataclass(frozen=True, slots=True)
class Workplace:
    """One copy; several may be at work at once."""

    folder: Path

    @classmethod
    def make(cls, number: int) -> "Workplace":
        folder = FOLDER / str(number)
        shutil.rmtree(folder, ignore_errors=True)
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        for name in _INSTALLED:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(ROOT / name)
        return cls(folder)

    @contextmanager
    def planted(self, bug: Bug) -> Iterator[None]:
        path = self.folder / bug.file
        right = path.read_text()
        path.write_text(bug.planted_in(right))
        try:
            yield
        finally:
            path.write_text(right)

    def passes(self, *tests: str) -> bool:
        """Whether these tests pass. Raises if there are no such tests."""
        environ = os.environ | {
            # A bug may be as long as what it replaces, and be written in the same second.
            "PYTHONDONTWRITEBYTECODE": "1",
            # The installed client is the one outside of the copy.
            "PYTHONPATH": str(self.folder / "clients" / "python"),
        }
        command = [sys.executable, "-m", "pytest", *_QUIET, *tests]
        run = subprocess.run(
            command, cwd=self.folder, env=environ, capture_output=True, text=True, check=False
        )
        if run.returncode > 1 and "error" not in run.stdout:
            raise LookupError(run.stdout + run.stderr)
        return run.returncode == 0
