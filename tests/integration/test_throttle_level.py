import pytest

from scorecast.aws.dynamodb.throttle_level import ThrottleLevel
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.limits import (
    QUOTA_POSTS_MANY,
    THROTTLE_LEVEL_MAX,
    THROTTLE_LEVEL_SECONDS,
)
from scorecast.runtime import settings
from scorecast.wiring import host, tables
from tests import examples
from tests.harness.moto_cloud import MotoCloud

ROOM, OTHER, CUP = match_room("m1"), match_room("m2"), tournament_room("t1")
MANY = QUOTA_POSTS_MANY


@pytest.fixture
def level(cloud: MotoCloud) -> ThrottleLevel:
    return tables.throttle_level(host.settings(settings.FlushSettings))


def test_it_rises_while_it_lasts_and_has_an_end(cloud: MotoCloud, level: ThrottleLevel) -> None:
    levels = []
    for _ in range(THROTTLE_LEVEL_MAX + 2):
        level.note(ROOM, posts=MANY)
        level.note(ROOM, posts=MANY)
        levels.append(level.level([ROOM]))
        cloud.system.sleep_ms(THROTTLE_LEVEL_SECONDS * 1_000 - 1)
    assert levels == [*range(1, THROTTLE_LEVEL_MAX + 1), THROTTLE_LEVEL_MAX, THROTTLE_LEVEL_MAX]
    cloud.system.sleep_ms(1)
    assert level.level([ROOM]) == 0
    level.note(ROOM, posts=MANY)
    assert level.level([ROOM]) == 1


def test_throttling_seen_in_one_room_widens_no_other(level: ThrottleLevel) -> None:
    level.note(ROOM, posts=MANY)
    assert level.level([ROOM, CUP]) == 1
    assert level.level([OTHER, CUP]) == 0


def test_throttling_seen_in_two_rooms_widens_all(level: ThrottleLevel) -> None:
    level.note(ROOM, posts=1)
    level.note(OTHER, posts=1)
    assert level.level([tournament_room("elsewhere")]) == 1


def test_one_throttled_post_widens_nothing_by_itself(level: ThrottleLevel) -> None:
    level.note(ROOM, posts=MANY - 1)
    assert level.level([ROOM]) == 0


def test_it_widens_windows_and_clients_see_it(cloud: MotoCloud, level: ThrottleLevel) -> None:
    cloud.register("m1")
    cloud.connect("c1", ROOM)
    level.note(ROOM, posts=MANY)
    cloud.system.sleep_ms(THROTTLE_LEVEL_SECONDS * 500)
    level.note(ROOM, posts=MANY)
    cloud.execute(examples.score_update(1))
    opened_ms = cloud.system.now_ms()
    cloud.flush()
    assert cloud.system.now_ms() - opened_ms == 400
    assert cloud.api.messages("c1")[0]["data"]["window_ms"] == 400
