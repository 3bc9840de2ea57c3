"""One stack for each process that runs tests, and for each test a tournament of its own on it."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from scorecast_client.publisher import Publisher
from tests.e2e import deployed as stack_under_test
from tests.e2e.client import Received
from tests.e2e.cup import Cup
from tests.e2e.deployed import PATHS, Deployed, infra_local


@pytest.fixture(scope="session")
def deployed() -> Iterator[Deployed]:
    with _terminated_like_interrupted():
        try:
            done = stack_under_test.up()
            if done.returncode:
                pytest.fail(f"The stack does not come up:\n{done.stdout}{done.stderr}")
            yield Deployed(PATHS.stack_file)
        finally:
            ended = infra_local("down")
    assert ended.returncode == 0, ended.stderr
    assert not PATHS.stack_file.exists()


@contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """So that a test run that is told to end ends the stack too."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def publisher(deployed: Deployed) -> Iterator[Publisher]:
    """The HTTP API, for an admin."""
    with Publisher(deployed.stack.http_url, token=deployed.stack.tokens["admin"]) as opened:
        yield opened


@pytest.fixture(scope="session")
def received() -> list[Received]:
    """Every frame that any client of any test has received."""
    return []


@pytest.fixture
def cup(deployed: Deployed, publisher: Publisher, received: list[Received]) -> Iterator[Cup]:
    with ExitStack() as sockets:
        yield Cup(deployed.stack, publisher, sockets=sockets, received=received)
