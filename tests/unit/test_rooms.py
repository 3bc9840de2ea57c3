import pytest

from scorecast.domain.rooms import match_room, room_from_key, room_of, shard_of, tournament_room


def test_a_match_and_a_tournament_of_one_id_are_two_rooms() -> None:
    assert match_room("x").key != tournament_room("x").key


def test_a_room_is_known_by_its_key() -> None:
    for room in (match_room("x_-9"), tournament_room("x_-9")):
        assert room_from_key(room.key) == room


def test_the_match_wins_where_both_are_named() -> None:
    assert room_of("m", "t") == match_room("m")


def test_a_url_without_ids_names_no_room() -> None:
    assert room_of(None, None) is None


def test_a_tournament_alone_names_its_room() -> None:
    room = room_of(None, "t")
    assert room == tournament_room("t")
    assert room is not None
    assert (room.match_id, room.tournament_id) == (None, "t")


@pytest.mark.parametrize(("count", "shard"), [(1, 0), (500, 0), (501, 1), (1000, 1), (1001, 2)])
def test_a_shard_holds_exactly_its_members(count: int, shard: int) -> None:
    assert shard_of(count, shard_members=500) == shard
