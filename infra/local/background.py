"""The background processes of a stack, seen from the terminal: find, start, end.

They hold a lock on one file for as long as any of them lives. So a lock that is held proves that
the process ids written in that file are theirs, and nobody else's is ever ended.
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
from dataclasses import dataclass
from typing import Final

from infra.local.errors import LocalError, with_log
from infra.local.paths import ROOT, StackPaths
from infra.local.ports import Ports
from infra.local.tools import MINISTACK, require

START_SECONDS_MAX: Final = 60
END_SECONDS_MAX: Final = 8
POLL_SECONDS: Final = 0.05
KEEP: Final = b"k"
"""What a starter tells the supervisor when the stack is to outlive it."""


@dataclass
class Background:
    site: StackPaths
    ports: Ports
    group: int
    supervisor: subprocess.Popen[bytes] | None = None
    """None if somebody else started it."""
    kept: bool = False

    def keep(self) -> None:
        """Let it run on when this process ends."""
        if self.supervisor and self.supervisor.stdin:
            self.supervisor.stdin.write(KEEP)
            self.supervisor.stdin.close()
            self.kept = True

    def alive(self) -> bool:
        return _is_held(self.site)

    def end(self) -> None:
        _signal(self, signal.SIGTERM)
        if not _released(self.site):
            _signal(self, signal.SIGKILL)
            _released(self.site)
        if self.supervisor:
            self.supervisor.wait()
        forget(self.site)


def find(site: StackPaths) -> Background | None:
    """The stack's running processes, if there are any."""
    if not _is_held(site):
        return None
    deadline = time.monotonic() + START_SECONDS_MAX
    while not (text := site.lock.read_text()):
        if time.monotonic() > deadline:
            raise LocalError(f"The local cloud never said where it is; see {site.cloud_log}.")
        time.sleep(POLL_SECONDS)
    record = json.loads(text)
    ports = Ports(cloud=record["cloud_port"], page=record["page_port"])
    return Background(site, ports, record["group"])


def start(site: StackPaths, ports: Ports) -> Background:
    """Start the cloud and the page. They end with this process unless `keep` is called."""
    require(MINISTACK)
    forget(site)
    site.scratch.mkdir(parents=True)
    command = [sys.executable, "-m", "infra.local.supervisor"]
    command += [site.name, str(ports.cloud), str(ports.page)]
    with site.cloud_log.open("wb") as log:
        supervisor = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    started = Background(site, ports, supervisor.pid, supervisor)
    try:
        _await_health(started)
    except BaseException:
        started.end()
        raise
    return started


def forget(site: StackPaths) -> None:
    """Remove what describes a stack that no longer runs."""
    for path in (site.description, site.deployed, site.shown):
        path.unlink(missing_ok=True)
    shutil.rmtree(site.scratch, ignore_errors=True)


def _await_health(started: Background) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while not _answers(f"{started.ports.endpoint_url}/_localstack/health"):
        if started.supervisor and started.supervisor.poll() is not None:
            raise with_log("The local cloud ended while it started:", started.site.cloud_log)
        if time.monotonic() > deadline:
            raise with_log("The local cloud does not answer:", started.site.cloud_log)
        time.sleep(POLL_SECONDS)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _is_held(site: StackPaths) -> bool:
    try:
        with site.lock.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _released(site: StackPaths) -> bool:
    deadline = time.monotonic() + END_SECONDS_MAX
    while _is_held(site):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _signal(background: Background, number: signal.Signals) -> None:
    ours = background.supervisor is not None and background.supervisor.poll() is None
    if ours or _is_held(background.site):
        try:
            os.killpg(background.group, number)
        except ProcessLookupError:
            return  # ended by itself in between
