"""One MiniStack for all tests of a run."""

from collections.abc import Iterator

import pytest

from tests.emulators.ministack import Cloud, running


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running(tmp_path_factory.mktemp("ministack")) as started:
        yield started
