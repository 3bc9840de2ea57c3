from scorecast.domain.connections.admission import oldest, suspects
from scorecast.protocol.limits import HANDSHAKE_SECONDS_MAX

NOW_MS = 1_000_000
GRACE_MS = HANDSHAKE_SECONDS_MAX * 1_000


def test_suspects_are_those_whose_handshake_must_be_over() -> None:
    holders = [("old", NOW_MS - GRACE_MS), ("young", NOW_MS - GRACE_MS + 1)]
    assert suspects(holders, newcomer="new", now_ms=NOW_MS) == ["old"]


def test_suspects_come_oldest_first() -> None:
    holders = [("a", 20), ("c", 10), ("b", 30)]
    assert suspects(holders, newcomer="new", now_ms=NOW_MS) == ["c", "a", "b"]


def test_a_newcomer_does_not_suspect_itself() -> None:
    assert suspects([("new", 0)], newcomer="new", now_ms=NOW_MS) == []


def test_a_connection_of_another_clock_that_is_ahead_is_no_suspect() -> None:
    assert suspects([("ahead", NOW_MS + 5_000)], newcomer="new", now_ms=NOW_MS) == []


def test_the_oldest_is_who_has_been_there_longest_whatever_its_id() -> None:
    assert oldest([("a", 20), ("c", 10), ("b", 30)], newcomer="new") == "c"


def test_a_newcomer_is_not_the_oldest() -> None:
    assert oldest([("new", 0), ("a", 20)], newcomer="new") == "a"
    assert oldest([("new", 0)], newcomer="new") is None
