"""The parts of scorecast.aws and the handlers against moto and a real HTTP server."""

from tests.harness.fixtures import (
    aws,
    cloud,
    connections_api,
    frequent_switches,
    issuer,
    log_lines,
    switching,
    wired_anew,
)

__all__ = [
    "aws",
    "cloud",
    "connections_api",
    "frequent_switches",
    "issuer",
    "log_lines",
    "switching",
    "wired_anew",
]
