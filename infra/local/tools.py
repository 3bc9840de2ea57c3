"""The programs that the local cloud consists of, and how they are run."""

import ctypes
import fcntl
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from infra.local.errors import LocalError, with_log
from infra.local.paths import LOCAL, ROOT, open_private

SAM: Final = LOCAL / "sam" / "bin" / "sam"
MINISTACK: Final = LOCAL / "cloud" / "bin" / "ministack"
CLOUD_PYTHON: Final = MINISTACK.with_name("python")
PR_SET_PDEATHSIG: Final = 1
"""prctl(2) of Linux: the signal that a process gets when its parent ends."""


def require(tool: Path) -> str:
    if not tool.exists():
        raise LocalError(f"{tool.name} is missing: run infra/bootstrap, which installs it.")
    return str(tool)


def run(command: Sequence[str], environ: Mapping[str, str], *, log: Path, failure: str) -> None:
    """Run it to its end, or to that of this process, however this one ends."""
    with open_private(log) as output:
        code = subprocess.call(
            command,
            cwd=ROOT,
            env=environ,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_the_parent,
        )
    if code:
        raise with_log(failure, log)


def end_with_the_parent() -> None:
    """For a new process to call: it is then killed when its parent ends, however that ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def exclusive(lock: Path) -> Iterator[None]:
    """Hold the lock file; wait for any other holder."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Waiting for another command that holds {lock.relative_to(ROOT)}.", flush=True)
            fcntl.flock(held, fcntl.LOCK_EX)
        yield
