"""What this package raises on purpose. Every text is one sentence for a person."""


class ScorecastError(Exception):
    """The base of all of them: catch this one to catch every expected failure."""
