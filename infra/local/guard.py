"""Which requests may reach the local cloud. Pure decisions: no MiniStack, no sockets.

MiniStack itself answers every host and origin, and takes a request without a signature, or signed
with any of the usual test keys, for one of the account's owner. Any page in the developer's browser
could then read the signing secret. So a request must name this machine, must not come from a page
of another origin, and needs a key that `make up` has made, except for the two deployed APIs,
which check tokens as they do in AWS.
"""

import hmac
from collections.abc import Container
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

APIS: Final = "/_aws/execute-api/"
CONNECTIONS: Final = "@connections"
HEALTH: Final = "/_localstack/health"
ADMINISTRATION: Final = ("/_ministack/", "/_localstack/")
"""MiniStack's own endpoints, which check no signature."""
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Request:
    path: str
    hosts: tuple[str, ...]
    origins: tuple[str, ...]
    access_key_id: str
    """Of the signature; empty if there is none."""


@dataclass(frozen=True)
class Guard:
    port: int
    access_key_id: str
    """Made by `make up`."""
    sessions: Container[str]
    """Keys of the functions' roles. MiniStack checks the signatures made with them."""

    def rejection(self, request: Request) -> str | None:
        """Why the request is refused; None if it may pass."""
        if not self._names_this_machine(request.hosts):
            return f"Host must be 127.0.0.1:{self.port} or localhost:{self.port}."
        if _is_for_the_apis(request.path):
            if not all(_is_local(origin) for origin in request.origins):
                return "The local cloud serves pages of this machine only."
            return None
        if request.origins:
            return "AWS services of the local cloud cannot be called from a page."
        if request.path != HEALTH and not self._accepts_key(request):
            return "Sign the request with the access key of .local/stack.json."
        return None

    def _names_this_machine(self, hosts: tuple[str, ...]) -> bool:
        """False if another name has been made to lead here (DNS rebinding)."""
        return len(hosts) == 1 and hosts[0] in (f"127.0.0.1:{self.port}", f"localhost:{self.port}")

    def _accepts_key(self, request: Request) -> bool:
        key = request.access_key_id
        if hmac.compare_digest(key.encode(), self.access_key_id.encode()):
            return True
        return key in self.sessions and not request.path.startswith(ADMINISTRATION)


def _is_for_the_apis(path: str) -> bool:
    return path.startswith(APIS) and CONNECTIONS not in path


def _is_local(origin: str) -> bool:
    """A front end under development may have any port."""
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.hostname in LOOPBACK
