"""The background process of a stack: runs the cloud, serves the page, ends both together."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
from typing import IO

from infra.local.aws import LocalAws
from infra.local.background import KEEP, record
from infra.local.page import serve_page
from infra.local.paths import StackPaths
from infra.local.ports import HOST, Ports
from infra.local.tools import CLOUD_PYTHON, end_with_the_parent


def main(argv: list[str]) -> int:
    os.umask(0o077)
    name, cloud_port, page_port = argv
    paths, ports = StackPaths(name), Ports(cloud=int(cloud_port), page=int(page_port))
    with _held_lock(paths, ports) as lock:
        threading.Thread(target=_end_with_the_starter, daemon=True).start()
        serve_page(paths, ports.page)
        return _run_cloud(paths, ports, lock)


def _held_lock(paths: StackPaths, ports: Ports) -> IO[str]:
    draft = paths.lock.with_suffix(".new")
    lock = draft.open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    lock.write(record(ports, LocalAws.from_environ(os.environ), os.getpgid(0)))
    lock.flush()
    draft.rename(paths.lock)  # so that a held lock is never without its record
    return lock


def _end_with_the_starter() -> None:
    # The starter's end of the pipe closes when it dies, however it dies.
    if os.read(sys.stdin.fileno(), 1) != KEEP:
        os.killpg(0, signal.SIGTERM)


def _run_cloud(paths: StackPaths, ports: Ports, lock: IO[str]) -> int:
    environ = os.environ | {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(ports.cloud),
        "AUTH": "true",  # so that a function can do only what its policies allow
        "IOT_MTLS_ENABLED": "0",
        "TMPDIR": str(paths.state),
    }
    code = subprocess.call(
        [str(CLOUD_PYTHON), "-m", "infra.local.cloud"],
        env=environ,
        stdin=subprocess.DEVNULL,
        pass_fds=(lock.fileno(),),  # so that the lock is held until the cloud has ended too
        preexec_fn=end_with_the_parent,
    )
    print(f"The local cloud has ended by itself, with code {code}.", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
