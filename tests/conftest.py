"""What every test shares: bounded hypothesis runs, and children that can be interrupted."""

import signal

import pytest
from hypothesis import settings

settings.register_profile("scorecast", deadline=None, max_examples=100)
settings.load_profile("scorecast")

# `nohup` and `make test &` start everything with SIGINT ignored, which a child inherits through
# exec; a signal that has a handler is reset to its default there.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The explorers come first: they compute while the tests of deployed stacks wait."""
    items.sort(key=lambda item: item.path.name != "test_simulation.py")
