"""Which ports a stack listens on."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from infra.local.errors import LocalError

HOST: Final = "127.0.0.1"
CLOUD_PORT: Final = 4566
"""LocalStack's, which AWS tools know."""
PAGE_PORT: Final = 8080


@dataclass(frozen=True)
class Ports:
    cloud: int
    page: int

    @property
    def endpoint_url(self) -> str:
        return f"http://{HOST}:{self.cloud}"

    @property
    def page_url(self) -> str:
        return f"http://{HOST}:{self.page}/"


def requested(environ: Mapping[str, str], variable: str) -> int | None:
    text = environ.get(variable)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise LocalError(f"{variable}={text} is not a port: use a number from 1 to 65535.")
    return int(text)


def choose(environ: Mapping[str, str], *, is_default: bool) -> Ports:
    """The requested ports; else the usual ones, or for a second stack any free ones."""
    cloud = requested(environ, "PORT") or (CLOUD_PORT if is_default else _any_free())
    page = requested(environ, "PAGE_PORT") or (PAGE_PORT if is_default else _any_free())
    if cloud == page:
        raise LocalError(
            f"PORT and PAGE_PORT are both {cloud}: the cloud and the page need one each."
        )
    _require_free(cloud, "PORT")
    _require_free(page, "PAGE_PORT")
    return Ports(cloud=cloud, page=page)


def require_same(environ: Mapping[str, str], running: Ports) -> None:
    """A running stack cannot move to other ports."""
    for variable, port in (("PORT", running.cloud), ("PAGE_PORT", running.page)):
        if requested(environ, variable) not in (None, port):
            raise LocalError(
                f"{variable}={environ[variable]} has no effect on a running stack: "
                f"this one uses port {port}. Run make down first."
            )


def _any_free() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _require_free(port: int, variable: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as fault:
            raise LocalError(
                f"Port {port} cannot be used ({fault.strerror}): "
                f"stop the program that listens there, or choose another with {variable}=NUMBER."
            ) from fault
