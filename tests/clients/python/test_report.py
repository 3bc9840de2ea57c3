from scorecast_client.messages import Event
from scorecast_client.replay.report import (
    Difference,
    Latency,
    Received,
    Sent,
    differences,
    latency,
    report,
)
from scorecast_client.replay.script import final_details
from scorecast_client.scoreboard import MatchRow
from tests.clients.python.world_cup import match_between

FINAL = match_between("Spain", "Argentina")


def score_message(*, revision: int, merged: int, received_at_ms: float) -> Event:
    data = {"match_id": FINAL.id, "revision": revision, "merged": merged, "updated_at": 1000}
    return Event("score_updated", data, received_at_ms)


def test_a_spectator_with_every_event_differs_in_nothing() -> None:
    row = MatchRow(
        state="completed",
        score=(1, 0),
        details=final_details(FINAL),
        winner_id="spain",
    )
    assert differences([FINAL], {FINAL.id: row}) == []


def test_what_was_not_received_is_a_difference() -> None:
    found = differences([FINAL], {FINAL.id: MatchRow(state="live", details={"minute": "106"})})

    assert found == [
        Difference(FINAL.id, "state", "completed", "live"),
        Difference(FINAL.id, "score", (1, 0), (0, 0)),
        Difference(FINAL.id, "winner", "spain", None),
        Difference(FINAL.id, "details", final_details(FINAL), {"minute": "106"}),
    ]
    assert {difference.what for difference in differences([FINAL], {})} == {
        "state",
        "score",
        "winner",
        "details",
    }


def test_latency_ends_with_the_message_that_covers_the_update() -> None:
    received = Received()
    received.take(score_message(revision=2, merged=2, received_at_ms=1150))
    received.take(score_message(revision=3, merged=1, received_at_ms=1400))
    sent = [Sent(FINAL.id, revision, sent_at_ms=1000) for revision in (1, 2, 3)]

    shown = report([FINAL], sent=sent, received=received, seconds=1)

    assert (shown.accepted, shown.score_messages, shown.merged) == (3, 2, 1)
    assert shown.send_to_receipt == Latency(count=3, p50_ms=150, p99_ms=400)
    assert shown.accept_to_receipt == Latency(count=2, p50_ms=150, p99_ms=400)


def test_percentiles_are_delays_that_were_measured() -> None:
    assert latency(range(1, 101)) == Latency(count=100, p50_ms=50, p99_ms=99)
    assert latency([7]) == Latency(count=1, p50_ms=7, p99_ms=7)
    assert latency([]) == Latency(count=0, p50_ms=None, p99_ms=None)
