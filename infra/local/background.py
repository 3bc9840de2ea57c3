"""The background processes of a stack, as a command sees them: find, start, end.

They hold a lock on one file for as long as any of them lives. A held lock therefore proves that
the process group written in that file is theirs, and no other process is ever ended.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

from infra.local.aws import LocalAws
from infra.local.errors import with_log
from infra.local.paths import ROOT, StackPaths, open_private
from infra.local.ports import Ports
from infra.local.tools import CLOUD_PYTHON, require

START_SECONDS_MAX: Final = 60
END_SECONDS_MAX: Final = 8
POLL_SECONDS: Final = 0.05
KEEP: Final = b"k"
"""What a starter sends the supervisor when the stack is to outlive it."""


@dataclass
class Background:
    paths: StackPaths
    ports: Ports
    aws: LocalAws
    group: int
    supervisor: subprocess.Popen[bytes] | None = None
    """None if another command started it."""
    kept: bool = False

    def keep(self) -> None:
        """Let it run on when this process ends."""
        if self.supervisor and self.supervisor.stdin:
            self.supervisor.stdin.write(KEEP)
            self.supervisor.stdin.close()
            self.kept = True

    def is_alive(self) -> bool:
        return _is_held(self.paths)

    def end(self) -> None:
        self._signal(signal.SIGTERM)
        if not _is_within(END_SECONDS_MAX, lambda: not self.is_alive()):
            self._signal(signal.SIGKILL)
            _is_within(END_SECONDS_MAX, lambda: not self.is_alive())
        if self.supervisor:
            self.supervisor.wait()
        forget(self.paths)

    def _signal(self, number: signal.Signals) -> None:
        ours = self.supervisor is not None and self.supervisor.poll() is None
        if ours or self.is_alive():
            try:
                os.killpg(self.group, number)
            except ProcessLookupError:
                return  # ended by itself in between


def record(ports: Ports, aws: LocalAws, group: int) -> str:
    """What the lock file says."""
    return json.dumps({"group": group, "ports": asdict(ports), "aws": asdict(aws)})


def find(paths: StackPaths) -> Background | None:
    """The stack's running processes, if there are any."""
    if not _is_held(paths):
        return None
    found = json.loads(paths.lock.read_text())
    return Background(paths, Ports(**found["ports"]), LocalAws(**found["aws"]), found["group"])


def start(paths: StackPaths, ports: Ports) -> Background:
    """Start the cloud and the page. They end with this process unless `keep` is called."""
    require(CLOUD_PYTHON)
    forget(paths)
    paths.create()
    aws = LocalAws.with_new_key(ports.endpoint_url)
    command = [sys.executable, "-m", "infra.local.supervisor", paths.name]
    with open_private(paths.cloud_log) as log:
        supervisor = subprocess.Popen(
            [*command, str(ports.cloud), str(ports.page)],
            cwd=ROOT,
            env=aws.environ(),  # not among the arguments, which every user of the machine can list
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    started = Background(paths, ports, aws, supervisor.pid, supervisor)
    try:
        _await_health(started)
    except BaseException:
        started.end()
        raise
    return started


def forget(paths: StackPaths) -> None:
    """Remove what describes a stack that no longer runs."""
    paths.stack_file.unlink(missing_ok=True)
    shutil.rmtree(paths.state, ignore_errors=True)


def _await_health(started: Background) -> None:
    url = f"{started.ports.endpoint_url}/_localstack/health"
    if not _is_within(START_SECONDS_MAX, lambda: _has_ended(started) or _is_healthy(url)):
        raise with_log("The local cloud does not answer:", started.paths.cloud_log)
    if _has_ended(started):
        raise with_log("The local cloud ended while it started:", started.paths.cloud_log)


def _has_ended(started: Background) -> bool:
    return started.supervisor is not None and started.supervisor.poll() is not None


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _is_held(paths: StackPaths) -> bool:
    try:
        with paths.lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _is_within(seconds: float, condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True
