"""The real handler of the HTTP API against moto, as a client on the network meets it."""

from collections.abc import Iterator
from typing import Any, Final

import jwt
import pytest

from scorecast import wiring
from tests.examples import NOW_MS, SECRET
from tests.http.caller import Caller
from tests.http.server import Server, serving
from tests.integration.cloud import Cloud
from tests.integration.conftest import aws, cloud, connections_api, log_lines, wired_anew

__all__ = ["aws", "cloud", "connections_api", "log_lines", "wired_anew"]


EDGE_SECRET: Final = "the secret of the edge"


@pytest.fixture
def served(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Secrets Manager stands where a local cloud does, DynamoDB where moto takes its requests."""
    cloud.api.secrets["arn:jwt", "AWSCURRENT"] = SECRET
    cloud.api.secrets["arn:ip", "AWSCURRENT"] = "the key of the ip hash"
    cloud.api.secrets["arn:edge", "AWSCURRENT"] = EDGE_SECRET
    with monkeypatch.context() as while_wired:
        while_wired.setenv("AWS_ENDPOINT_URL", cloud.api.endpoint.removesuffix("/live"))
        wiring.secrets()
        yield cloud


@pytest.fixture
def server(served: Cloud) -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def call(served: Cloud) -> Caller:
    """Requests of an admin's about tournament t1 and its live match m1."""
    served.register("m1")
    return Caller(token())


def token(**changes: Any) -> str:
    """A good token of an admin's, changed."""
    claims = {
        "sub": "ad",
        "role": "admin",
        "iss": "https://issuer.test",
        "aud": "scorecast",
        "exp": NOW_MS // 1_000 + 60,
    }
    return jwt.encode(claims | changes, SECRET, algorithm="HS256")
