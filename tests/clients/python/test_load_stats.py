from typing import Any

from scorecast_client.load.load_stats import Delays, LoadStats, Viewer
from scorecast_client.messages import Event


def score(revision: int, *, at_ms: float, merged: int = 1) -> Event:
    data: dict[str, Any] = {"revision": revision, "merged": merged}
    data |= {"participant1_score": revision, "participant2_score": 0}
    return Event("score_updated", data, received_at_ms=at_ms)


def stats(*revisions: int, viewers: int = 1) -> LoadStats:
    """With updates accepted at 100 ms each after the other."""
    counted = LoadStats(viewers=[Viewer() for _ in range(viewers)])
    for revision in revisions:
        counted.accept(revision, (revision, 0), now_ms=100 * revision)
    return counted


def test_a_message_covers_all_that_was_accepted_before_it() -> None:
    counted = stats(1, 2, 3)
    (viewer,) = counted.viewers
    assert (counted.behind(), counted.uncovered()) == (1, 3)
    counted.receive(viewer, score(2, at_ms=250, merged=2))
    assert (counted.behind(), counted.uncovered()) == (1, 1)
    counted.receive(viewer, score(3, at_ms=330))

    assert (counted.behind(), counted.uncovered()) == (0, 0)
    assert sorted(counted.delays.counted.elements()) == [30, 50, 150]
    assert counted.merged_ratio() == 1 - 2 / 3


def test_a_message_ahead_of_its_answer_is_measured_later() -> None:
    counted = stats()
    counted.receive(counted.viewers[0], score(1, at_ms=90))
    assert counted.delays.count == 0
    counted.accept(1, (1, 0), now_ms=100)
    counted.accept(1, (1, 0), now_ms=900)
    assert list(counted.delays.counted.elements()) == [0]


def test_a_snapshot_covers_but_is_not_measured() -> None:
    counted = stats(1)
    snapshot = {"revision": 1, "participant1_score": 1, "participant2_score": 0}
    counted.receive(counted.viewers[0], Event("snapshot", {"snapshot": snapshot}, received_at_ms=0))
    assert (counted.behind(), counted.delays.count) == (0, 0)


def test_one_viewer_who_lacks_a_score_is_enough_and_so_is_a_wrong_one() -> None:
    counted = stats(1, viewers=2)
    counted.receive(counted.viewers[0], score(1, at_ms=110))
    assert (counted.behind(), counted.uncovered()) == (1, 1)

    counted.receive(counted.viewers[1], score(1, at_ms=110))
    counted.viewers[1].score = (7, 7)
    assert (counted.behind(), counted.uncovered()) == (1, 0)


def test_percentiles_are_delays_that_were_measured() -> None:
    delays = Delays()
    assert delays.summary() == {"count": 0, "p50_ms": None, "p99_ms": None, "max_ms": None}
    for delay_ms in range(1, 101):
        delays.add(delay_ms)
    assert delays.summary() == {"count": 100, "p50_ms": 50, "p99_ms": 99, "max_ms": 100}
