"""A pytest plugin: plants the bug that the environment names, before a test imports its module."""

import os

from tests.simulation import environment

environment.make_importable()

from tests.simulation.mutations import plant  # noqa: E402

plant(os.environ["PLANTED_BUG"])
