"""The real handlers against moto, which knows no concurrency: see `aws` for how it is helped."""

from collections.abc import Iterator
from functools import cache

import botocore.endpoint
import pytest

from scorecast import wiring
from tests.acceptance.stage import Stage
from tests.acceptance.wire import Wire, tapped
from tests.examples import SECRET
from tests.fakes import FakeClock
from tests.integration.cloud import Cloud
from tests.integration.conftest import aws, cloud, connections_api, log_lines, wired_anew
from tests.message_schemas import must_be_documented

__all__ = ["aws", "cloud", "connections_api", "log_lines", "wired_anew"]


class _BotocoresTime:
    """botocore waits between its retries: in the tests' time, not in ours."""

    def __init__(self, system: FakeClock) -> None:
        self._system = system

    def sleep(self, seconds: float) -> None:
        self._system.sleep_ms(seconds * 1_000)


kept_dynamodb = cache(wiring._dynamodb.__wrapped__)
kept_sqs = cache(wiring._sqs.__wrapped__)


@pytest.fixture
def stage(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """The handlers, and clients to whom nothing is posted that the document does not know."""
    # Clients hold nothing that a test could notice, and take longer to make than most tests.
    monkeypatch.setattr(wiring, "_dynamodb", kept_dynamodb)
    monkeypatch.setattr(wiring, "_sqs", kept_sqs)
    for arn in ("arn:jwt", "arn:ip", "arn:edge"):
        cloud.api.secrets[arn, "AWSCURRENT"] = SECRET
    # Secrets Manager is not moto's part: the same small server answers for it.
    with monkeypatch.context() as while_wired:
        while_wired.setenv("AWS_ENDPOINT_URL", cloud.api.endpoint.rpartition("/")[0])
        wiring.secrets()
    monkeypatch.setattr(botocore.endpoint, "time", _BotocoresTime(cloud.system))
    yield Stage(cloud)
    must_be_documented(*cloud.api.all_posted())


@pytest.fixture
def wire(stage: Stage) -> Iterator[Wire]:
    """Tests that break things start with clients whose quota of retries is full."""
    kept_dynamodb.cache_clear()
    kept_sqs.cache_clear()
    with tapped(Wire()) as opened:
        yield opened
    kept_dynamodb.cache_clear()
    kept_sqs.cache_clear()
