from scorecast.admission import suspects
from scorecast.limits import HANDSHAKE_SECONDS_MAX

NOW_MS = 1_000_000
GRACE_MS = HANDSHAKE_SECONDS_MAX * 1_000


def test_suspects_are_those_whose_handshake_must_be_over() -> None:
    holders = [("old", NOW_MS - GRACE_MS), ("young", NOW_MS - GRACE_MS + 1)]
    assert suspects(holders, newcomer="new", now_ms=NOW_MS) == ["old"]


def test_suspects_come_oldest_first() -> None:
    holders = [("b", 20), ("a", 10), ("c", 30)]
    assert suspects(holders, newcomer="new", now_ms=NOW_MS) == ["a", "b", "c"]


def test_a_newcomer_does_not_suspect_itself() -> None:
    assert suspects([("new", 0)], newcomer="new", now_ms=NOW_MS) == []


def test_a_connection_of_another_clock_that_is_ahead_is_no_suspect() -> None:
    assert suspects([("ahead", NOW_MS + 5_000)], newcomer="new", now_ms=NOW_MS) == []
