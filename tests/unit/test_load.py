"""What a window takes the account's load to be while DynamoDB does not answer."""

from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from scorecast.app.load import LoadGauge
from scorecast.aws.dynamodb.occupancy import Extent
from scorecast.domain.matches.window import Load
from scorecast.domain.rooms import match_room, tournament_room

ROOMS = (match_room("m1"), tournament_room("t1"))


@dataclass
class Tables:
    """Stands for matches, occupancy and throttle level, of which each number is one more."""

    number: int = 1
    is_down: bool = False

    def _read(self) -> int:
        if self.is_down:
            raise EndpointConnectionError(endpoint_url="")
        return self.number

    def extent(self, _room: object) -> Extent:
        return Extent(members=self._read(), shards=1)

    def live(self) -> int:
        return self._read()

    def level(self, _rooms: object) -> int:
        return self._read()


def _gauge(tables: Any) -> LoadGauge:
    return LoadGauge(matches=tables, occupancy=tables, throttle_level=tables)


def test_what_cannot_be_read_is_as_it_was_read_last() -> None:
    tables = Tables()
    gauge = _gauge(tables)
    for tables.number in (3, 5):
        gauge.load(ROOMS)
    tables.is_down = True
    assert gauge.load(ROOMS) == Load(viewers=10, live=5, throttle_level=5)


def test_what_was_never_read_is_nothing() -> None:
    assert _gauge(Tables(is_down=True)).load(ROOMS) == Load(viewers=0, live=1, throttle_level=0)


@pytest.mark.parametrize("large", ROOMS)
def test_one_large_room_makes_the_load_large(large: object) -> None:
    class Rooms(Tables):
        def extent(self, room: object) -> Extent:
            return Extent(members=1, shards=2 if room == large else 1)

    assert _gauge(Rooms()).load(ROOMS).is_large
