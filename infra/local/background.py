"""The background process of a stack, as a command sees it: find, start, end.

It holds a lock on one file for as long as it lives. A held lock therefore proves that the process
written in that file is the stack's, and no other process is ever ended.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex
from socket import socket
from typing import Any, Final

import httpx

from infra.local.aws import LocalAws
from infra.local.errors import with_log
from infra.local.guard import HEALTH
from infra.local.paths import ROOT, StackPaths, open_private
from infra.local.ports import ANY, CLOUD_PORT, PAGE_PORT, listener, url
from infra.local.tools import CLOUD_PYTHON, require

START_SECONDS_MAX: Final = 60
KEEP: Final = b"k"
"""What a starter sends the process if it is to outlive the starter."""


@dataclass
class Background:
    paths: StackPaths
    pid: int
    """Of the process, and of its group, in which the functions run too."""
    address: Mapping[str, Any]
    """As in the stack file: `endpoint_url`, `page_url`, and the keys under `aws`."""
    process: subprocess.Popen[bytes] | None = None
    """None if it does not end with this command: another one started it, or it is kept."""

    @property
    def aws(self) -> LocalAws:
        return LocalAws.of(self.address)

    def await_start(self) -> None:
        try:  # its ports are open already, so that the first request waits for it
            httpx.get(self.aws.endpoint_url + HEALTH, timeout=START_SECONDS_MAX, trust_env=False)
        except httpx.TransportError as fault:
            raise with_log("The local cloud does not start:", self.paths.cloud_log) from fault

    def keep(self) -> None:
        """Let it run on when this command ends."""
        if self.process and self.process.stdin:
            self.process.stdin.write(KEEP)
            self.process.stdin.close()
            self.process = None

    def wait(self) -> None:
        """Until it has ended."""
        with self.paths.lock.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)

    def end(self) -> None:
        running = find(self.paths)
        if running and running.pid != self.pid:
            return  # another command has ended this one and started anew
        if running:
            with suppress(ProcessLookupError):  # ended by itself in between
                os.killpg(self.pid, signal.SIGKILL)  # it has nothing to save
            self.wait()
        forget(self.paths)


def is_running(paths: StackPaths) -> bool:
    try:
        with paths.lock.open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def find(paths: StackPaths) -> Background | None:
    return Background(paths, **json.loads(paths.lock.read_text())) if is_running(paths) else None


def forget(paths: StackPaths) -> None:
    """Remove what describes a stack that no longer runs."""
    paths.stack_file.unlink(missing_ok=True)
    shutil.rmtree(paths.state, ignore_errors=True)


def start(paths: StackPaths, environ: Mapping[str, str]) -> Background:
    """Start the cloud with its page. It ends with this command unless `keep` is called."""
    usual = (CLOUD_PORT, PAGE_PORT) if paths.is_default else (ANY, ANY)
    with (
        listener(environ, "PORT", usual[0]) as cloud,
        listener(environ, "PAGE_PORT", usual[1]) as page,
    ):
        forget(paths)
        paths.create()
        return _spawn(paths, cloud, page)


def _spawn(paths: StackPaths, cloud: socket, page: socket) -> Background:
    aws = LocalAws(url(cloud), f"AKIA{token_hex(16).upper()}", token_hex(32))
    draft = paths.lock.with_suffix(".new")
    with open_private(paths.cloud_log) as log, open_private(draft) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        sockets = [cloud.fileno(), page.fileno()]
        process = subprocess.Popen(
            [require(CLOUD_PYTHON), "-m", "infra.local.cloud", paths.name, *map(str, sockets)],
            cwd=ROOT,
            # The keys are not among the arguments, which every user of the machine can list.
            env=aws.environ()
            | {
                "AUTH": "true",  # so that a function can do only what its policies allow
                "GATEWAY_PORT": str(cloud.getsockname()[1]),
                "IOT_MTLS_ENABLED": "0",
                "TMPDIR": str(paths.state),
            },
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[*sockets, lock.fileno()],  # it alone holds the lock from here on
            start_new_session=True,
            umask=0o077,
        )
        address = {"page_url": f"{url(page)}/", **aws.described()}
        lock.write(json.dumps({"pid": process.pid, "address": address}).encode())
    draft.rename(paths.lock)  # so that a held lock is never without its record
    return Background(paths, process.pid, address, process)
