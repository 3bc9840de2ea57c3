"""What every test shares: hypothesis is bounded, so that a slow machine fails no test."""

from hypothesis import settings

settings.register_profile("scorecast", deadline=None, max_examples=100)
settings.load_profile("scorecast")
