"""The background process of a stack: runs the cloud, serves the page, ends both together."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from typing import IO

from infra.local.background import KEEP
from infra.local.page import serve_page
from infra.local.paths import StackPaths
from infra.local.ports import HOST, Ports
from infra.local.tools import MINISTACK, aws_environ, end_with_the_parent


def main(argv: list[str]) -> int:
    name, cloud_port, page_port = argv
    site, ports = StackPaths(name), Ports(cloud=int(cloud_port), page=int(page_port))
    with site.lock.open("a") as lock:
        _hold(lock, ports)
        threading.Thread(target=_end_with_the_starter, daemon=True).start()
        serve_page(site, ports.page)
        return _run_cloud(site, ports, lock)


def _hold(lock: IO[str], ports: Ports) -> None:
    fcntl.flock(lock, fcntl.LOCK_EX)
    lock.truncate(0)
    record = {"group": os.getpgid(0), "cloud_port": ports.cloud, "page_port": ports.page}
    lock.write(json.dumps(record))
    lock.flush()


def _end_with_the_starter() -> None:
    # The starter's end of the pipe closes when it dies, however it dies.
    if os.read(sys.stdin.fileno(), 1) != KEEP:
        os.killpg(0, signal.SIGTERM)


def _run_cloud(site: StackPaths, ports: Ports, lock: IO[str]) -> int:
    environ = aws_environ(ports.endpoint_url) | {
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(ports.cloud),
        "AUTH": "true",  # a function that its policy does not let do something cannot do it here
        "IOT_MTLS_ENABLED": "0",
        "TMPDIR": str(site.scratch),
    }
    code = subprocess.call(
        [str(MINISTACK)],
        env=environ,
        stdin=subprocess.DEVNULL,
        pass_fds=(lock.fileno(),),  # so that the lock is held until the cloud has ended too
        preexec_fn=end_with_the_parent,
    )
    print(f"The local cloud has ended by itself, with code {code}.", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
