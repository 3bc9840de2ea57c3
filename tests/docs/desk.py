"""A reader's desk: a folder in which the blocks of a page run as they stand there."""

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.local.paths import ROOT

SECONDS_MAX: Final = 120
SHELLS: Final = [shell for shell in ("bash", "zsh") if shutil.which(shell)]
"""Those of a reader's terminal; a machine without zsh has one less."""
BUILT_ALREADY: Final = 'make() { command make --dry-run "$@"; }\n'
"""The stack under test is up: of `make` it is only asked what it would do."""
BETWEEN: Final = "\n===== next block =====\n"
LINKED: Final = ("Makefile", "clients", "functions", "infra", "layers", "template.yaml", "uv.lock")


@dataclass(frozen=True)
class Desk:
    folder: Path

    def put(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def paste(self, *blocks: str, shell: str = "sh", **environ: str) -> list[str]:
        """Run shell blocks one after the other in one shell; what each has printed."""
        done = subprocess.run(
            [shell, "-euc", BUILT_ALREADY + f"printf '{BETWEEN}'\n".join(blocks)],
            cwd=self.folder,
            env=_clean() | environ,
            capture_output=True,
            text=True,
            timeout=SECONDS_MAX,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.split(BETWEEN)

    @contextmanager
    def running(self, script: str, **environ: str) -> Iterator["Terminal"]:
        """Run a shell block that does not end by itself, in a terminal."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            ["sh", "-euc", script],
            cwd=self.folder,
            env=_clean() | {"COLUMNS": "120", "LINES": "40"} | environ,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        try:
            yield Terminal(ours, process)
        finally:
            with suppress(ProcessLookupError):  # it was interrupted
                os.killpg(process.pid, 9)
            process.wait()
            os.close(ours)


@dataclass
class Terminal:
    """What a running block shows."""

    _end: int
    _process: subprocess.Popen[bytes]
    shown: str = ""

    def see(self, *texts: str) -> None:
        """Read on until all of them have been shown."""
        deadline = time.monotonic() + SECONDS_MAX
        while not all(text in self.shown for text in texts):
            rest = deadline - time.monotonic()
            ready, _, _ = select.select([self._end], [], [], max(0, rest))
            assert ready, f"{texts} never came:\n{self.shown}"
            self.shown += _read(self._end, self.shown)

    def interrupted(self) -> int:
        """The exit code after Ctrl-C; what was shown until then is read."""
        self._process.send_signal(signal.SIGINT)
        code = self._process.wait(SECONDS_MAX)
        with suppress(AssertionError):
            while True:
                self.shown += _read(self._end, self.shown)
        return code


def _read(end: int, shown: str) -> str:
    try:
        return os.read(end, 65_536).decode(errors="replace")
    except OSError as ended:  # Linux tells so that the other side is closed
        raise AssertionError(f"It has ended:\n{shown}") from ended


def lay(folder: Path, description: Path) -> Desk:
    """A desk with the project on it, and a running stack as the reader's own."""
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / ".local").mkdir()
    (folder / ".local" / "stack.json").symlink_to(description)
    return Desk(folder)


def _clean() -> dict[str, str]:
    """Nothing that the machine happens to say about stacks, and no proxy on the way to one."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SCORECAST_", "MAKE"))}
    return kept | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
