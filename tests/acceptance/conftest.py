"""The real handlers against moto, which knows no concurrency: see `aws` for how it is helped."""

from tests.harness.fixtures import (
    aws,
    cloud,
    connections_api,
    fake_api,
    issuer,
    log_lines,
    wire,
    wired_anew,
)

__all__ = [
    "aws",
    "cloud",
    "connections_api",
    "fake_api",
    "issuer",
    "log_lines",
    "wire",
    "wired_anew",
]
