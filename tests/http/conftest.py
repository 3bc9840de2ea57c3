"""The real handler of the HTTP API against moto, as a client on the network meets it."""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.harness import tokens
from tests.harness.fixtures import aws, cloud, connections_api, log_lines, wired_anew
from tests.harness.moto_cloud import MotoCloud
from tests.harness.secrets_manager import serve_secrets
from tests.http.caller import Caller
from tests.http.server import Server, serving

__all__ = ["aws", "cloud", "connections_api", "log_lines", "wired_anew"]


EDGE_SECRET: Final = "the secret of the edge"


@pytest.fixture
def served(cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> MotoCloud:
    serve_secrets(cloud.api, monkeypatch, edge=EDGE_SECRET)
    return cloud


@pytest.fixture
def server(served: MotoCloud) -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def call(served: MotoCloud) -> Caller:
    """Requests of an admin's about tournament t1 and its live match m1."""
    served.register("m1")
    return Caller(token())


def token(**changes: Any) -> str:
    """A good token of an admin's, changed."""
    return tokens.token("ad", seconds=3_600, **{"role": "admin", **changes})
