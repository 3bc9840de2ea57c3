from collections import Counter

import pytest

from scorecast.domain.publication import (
    Posted,
    bucket_of,
    buckets_for,
    by_recipients,
    lane_of,
    newest,
    numbered,
    portions,
)
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.limits import (
    FANOUT_BATCH_MEMBERS_MAX,
    FANOUT_LANES,
    SENT_BYTES_MAX,
)
from scorecast.protocol.messages import batch

IDS = [f"connection-{n}" for n in range(2_000)]


def _posted(text: str, match_id: str = "m1", sequence: int = 1) -> Posted:
    return numbered(text, match_room(match_id), sequence)


def test_a_match_named_like_its_tournament_is_another_stream() -> None:
    of_match = numbered("x", match_room("final"), 1)
    of_tournament = numbered("x", tournament_room("final"), 1)
    assert of_match.id != of_tournament.id
    assert of_match.stream != of_tournament.stream


@pytest.mark.parametrize("members", [1, 500, 1_600, 1_601, 2_000, 20_000])
def test_buckets_are_a_multiple_of_the_lanes_so_that_a_member_keeps_its_lane(members: int) -> None:
    few, many = buckets_for(1), buckets_for(members)
    assert many % FANOUT_LANES == 0
    room = match_room("m1")
    for each in IDS[:50]:
        assert lane_of(room, bucket_of(each, few)) == lane_of(room, bucket_of(each, many))


@pytest.mark.parametrize("members", [501, 1_999, 2_000, 7_000])
def test_batches_of_a_large_room_are_of_bounded_size(members: int) -> None:
    buckets = buckets_for(members)
    sizes = Counter(bucket_of(f"c-{n}", buckets) for n in range(members))
    assert max(sizes.values()) <= FANOUT_BATCH_MEMBERS_MAX


def test_lanes_stay_evenly_filled_as_members_change() -> None:
    """After three turnovers of a full room no lane holds more than a third of it."""
    newcomers = [f"connection-{n}" for n in range(6_000, 8_000)]
    lanes = Counter(bucket_of(each, buckets_for(2_000)) % FANOUT_LANES for each in newcomers)
    assert max(lanes.values()) < 2_000 / 3


def test_messages_that_wait_together_are_posted_together_in_order() -> None:
    first, second = _posted("1"), _posted("2", sequence=2)
    together = list(by_recipients([(first, ["a", "b"]), (second, ["b", "c"])]))
    assert together == [([first], ["a"]), ([first, second], ["b"]), ([second], ["c"])]


def test_a_batch_holds_its_messages_as_they_are() -> None:
    assert batch(['{"type":"a"}']) == '{"type":"a"}'
    assert (
        batch(['{"type":"a"}', '{"type":"b"}'])
        == '{"type":"batch","data":{"messages":[{"type":"a"},{"type":"b"}]}}'
    )


def test_no_portion_is_larger_than_one_message_may_be() -> None:
    posts = [_posted("x" * 9_000, sequence=n) for n in range(10)]
    divided = list(portions(posts))
    assert [each for portion in divided for each in portion] == posts
    for portion in divided:
        assert len(batch([each.message for each in portion]).encode()) <= SENT_BYTES_MAX


def test_a_portion_is_measured_in_bytes() -> None:
    posts = [_posted("ü" * 9_000, sequence=n) for n in range(2)]
    assert len(list(portions(posts))) == 2


def test_the_newest_of_each_stream_is_worth_posting_again() -> None:
    old, new, other = _posted("1"), _posted("2", sequence=2), _posted("3", "m2")
    unnumbered = Posted(message="viewers", id="v")
    assert newest([old, unnumbered, other, new]) == [new, other]
