"""Which ports a stack listens on."""

import os
import socket
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from infra.local.errors import LocalError

HOST: Final = "127.0.0.1"
CLOUD_PORT: Final = 4566
"""LocalStack's, which AWS tools know."""
PAGE_PORT: Final = 8080
ANY: Final = 0
"""The operating system chooses a free one."""


def listener(environ: Mapping[str, str], variable: str, usual: int) -> socket.socket:
    """On the requested port, else on the usual one. No other program can take it from here on."""
    port = requested(environ, variable) or usual
    try:
        return socket.create_server((HOST, port))
    except OSError as fault:
        raise LocalError(
            f"Port {port} cannot be used ({os.strerror(fault.errno or 0)}): "
            f"stop the program that listens there, or choose another with {variable}=NUMBER."
        ) from fault


def url(listening: socket.socket) -> str:
    return f"http://{HOST}:{listening.getsockname()[1]}"


def requested(environ: Mapping[str, str], variable: str) -> int | None:
    text = environ.get(variable)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise LocalError(f"{variable}={text} is not a port: use a number from 1 to 65535.")
    return int(text)


def require_same(environ: Mapping[str, str], running: Mapping[str, str]) -> None:
    """A running stack cannot move to other ports."""
    for variable, name in (("PORT", "endpoint_url"), ("PAGE_PORT", "page_url")):
        port = urlsplit(running[name]).port
        if requested(environ, variable) not in (None, port):
            raise LocalError(
                f"{variable}={environ[variable]} has no effect on a running stack: "
                f"this one uses port {port}. Run make down first."
            )
