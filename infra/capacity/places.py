"""Where the units of an operation go: tables by kind of key, and indexes. Measured.

tests/acceptance/test_capacity_places.py compares these with what the handlers do.
"""

from collections.abc import Mapping
from typing import Final

from infra import layer  # noqa: F401
from scorecast.protocol.limits import CONNECTION_SHARDS

type Units = Mapping[str, float]

_CONNECT: Final = {"connections C#…": 1, "connections I#…": 1, "connections U#…": 2}
"""A connection's row, its slots, and the rate of its user's handshakes."""

WRITTEN: Final[Mapping[str, Units]] = {
    "first connect": _CONNECT,
    "connect": _CONNECT,
    "welcome": {"connections C#…": 2, "connections R#…#…": 2, "connections R#…": 1},
    "disconnect": {
        "connections C#…": 2,
        "connections I#…": 1,
        "connections U#…": 1,
        "connections R#…#…": 1,
        "connections R#…": 1,
    },
    "pong": {"connections C#…": 1},
    "score": {"connections U#…": 1, "matches M#…": 2, "matches/pending": 1},
    "flush of a score": {"matches M#…": 3, "matches T#…": 1, "matches/pending": 1},
    "viewer count": {"connections R#…": 2},
    "unchanged viewer count": {"connections R#…": 1},
    "history of 10 scores": {"history M#…": 10},
    "comparison of a counter": {},
    "sweep, none idle": {},
    "sweep, 1,000 idle": {"connections S": 1},
}

READ_FROM: Final[Mapping[str, Units]] = {
    "first connect": {"connections D#…": 2},
    "connect": {"connections D#…": 2},
    "welcome": {"connections C#…": 1, "matches M#…": 2, "matches T#…": 1},
    "disconnect": {},
    "pong": {},
    "score": {"connections C#…": 1, "matches M#…": 1, "matches T#…": 1},
    "flush of a score": {
        "connections R#…": 5,
        "connections R#…#…": 1,
        "matches M#…": 3,
        "matches P#…": 1,
        "matches/pending": 0.5,
    },
    "viewer count": {"connections R#…": 2, "connections R#…#…": 1, "matches M#…": 1},
    "unchanged viewer count": {},
    "history of 10 scores": {},
    "comparison of a counter": {"connections R#…": 1, "connections R#…#…": 1},
    "sweep, none idle": {"connections C#…": 16},
    "sweep, 1,000 idle": {"connections C#…": 32, "connections S": 1},
}

SPREAD: Final[Mapping[str, str | int]] = {
    "connections C#…": CONNECTION_SHARDS,
    "connections D#…": "viewer",
    "connections I#…": "address",
    "connections R#…": "room",
    "connections R#…#…": "room",  # newcomers go to a room's newest shard
    "connections S": 1,
    "connections U#…": "viewer",
    "history M#…": "match",
    "matches M#…": "match",
    "matches P#…": 1,
    "matches T#…": "tournament",
    "matches/pending": 1,
}
"""Over which keys a place's units are spread: one for each of these, or so many."""
