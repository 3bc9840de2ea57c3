from typing import Any

import pytest
from botocore.exceptions import ClientError

from scorecast.aws.dynamodb.matches import Matches
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.commands import DisputeCreate, MatchComplete, MatchStateChange, ScoreUpdate
from scorecast.protocol.limits import CONTENTION_ATTEMPTS_MAX, UPDATES_BYTES_MAX
from scorecast.protocol.states import State
from scorecast.protocol.strict_json import compact
from scorecast.runtime import settings, telemetry
from scorecast.wiring import clients, host
from tests.harness.fakes import FakeClock
from tests.harness.moto_cloud import MotoCloud

ROOM = match_room("m1")
Json = dict[str, Any]


def _score(cloud: MotoCloud, participant1: int, match_id: str = "m1", **fields: Any) -> None:
    cloud.execute(
        ScoreUpdate(
            match_id=match_id, participant1_score=participant1, participant2_score=0, **fields
        )
    )


def _complete(cloud: MotoCloud, **fields: Any) -> None:
    cloud.execute(MatchComplete(match_id="m1", winner_id="p1", **fields))


def _change(cloud: MotoCloud, state: State) -> None:
    cloud.execute(MatchStateChange(match_id="m1", new_state=state))


def _flush(cloud: MotoCloud, request_id: str = "request", match_id: str = "m1") -> None:
    cloud.flush(match_id, request_id=request_id)


def _flush_and_die(cloud: MotoCloud, request_id: str = "request") -> None:
    """Everything is posted, and the match is still pending."""

    def fail(*_: Any, **__: Any) -> None:
        raise ClientError({"Error": {"Code": "RequestLimitExceeded"}}, "UpdateItem")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Matches, "settle", fail)
        _flush(cloud, request_id)


def _published(cloud: MotoCloud, connection_id: str = "c1") -> list[tuple[str, int]]:
    """Type and sequence of every frame that a connection got."""
    return [(each["type"], each["data"]["sequence"]) for each in cloud.api.messages(connection_id)]


def _scores(cloud: MotoCloud, connection_id: str = "c1") -> list[int]:
    frames = cloud.api.messages(connection_id)
    return [each["data"]["participant1_score"] for each in frames if "merged" in each["data"]]


@pytest.fixture
def watched(cloud: MotoCloud) -> MotoCloud:
    """Match m1 is live under number 1, and c1 is in its room."""
    assert cloud.register("m1", "m2").sequence == 1
    cloud.connect("c1", ROOM)
    return cloud


def test_a_burst_in_one_window_is_one_message_with_the_last_score(watched: MotoCloud) -> None:
    watched.connect("t1", tournament_room("t1"))
    for n in range(1, 6):
        _score(watched, n, details={"minute": n})
        watched.system.sleep_ms(10)
    _flush(watched)
    for connection_id in ("c1", "t1"):
        (message,) = watched.api.messages(connection_id)
        data = message["data"]
        assert (message["type"], data["participant1_score"], data["merged"]) == (
            "score_updated",
            5,
            5,
        )
        assert (data["sequence"], data["revision"]) == (2, 5)
        assert data["details"] == {"minute": 5}


def _merged(cloud: MotoCloud) -> list[Json]:
    """The updates in the last message that a connection got."""
    data = cloud.api.messages("c1")[-1]["data"]
    assert data["merged"] > 1
    return list(data["updates"])


def test_M1_the_updates_that_a_message_merges_travel_with_it(watched: MotoCloud) -> None:
    for n in range(1, 6):
        _score(watched, n, details={"minute": n})
        watched.system.sleep_ms(10)
    _flush(watched)

    updates = _merged(watched)

    assert [each["participant1_score"] for each in updates] == [1, 2, 3, 4, 5]
    assert [each["revision"] for each in updates] == [1, 2, 3, 4, 5]
    assert [each["details"] for each in updates] == [{"minute": n} for n in range(1, 6)]
    assert [each["updated_at"] - updates[0]["updated_at"] for each in updates] == [
        0,
        10,
        20,
        30,
        40,
    ]


def test_an_update_by_itself_travels_once(watched: MotoCloud) -> None:
    _score(watched, 1)
    _flush(watched)
    _score(watched, 2)
    _flush(watched, "another request")
    assert all("updates" not in each["data"] for each in watched.api.messages("c1"))


def test_merged_updates_are_those_of_their_own_window(watched: MotoCloud) -> None:
    for first in (1, 3):
        _score(watched, first)
        _score(watched, first + 1)
        _flush(watched, f"request {first}")
    assert [each["revision"] for each in _merged(watched)] == [3, 4]


def test_an_event_that_closes_a_window_publishes_its_merged_updates(watched: MotoCloud) -> None:
    _score(watched, 1)
    _score(watched, 2)
    _complete(watched)
    _flush(watched)
    [closing] = [each["data"] for each in watched.api.messages("c1") if "merged" in each["data"]]
    assert [each["participant1_score"] for each in closing["updates"]] == [1, 2]


def test_a_repeated_request_publishes_the_same_updates(watched: MotoCloud) -> None:
    _score(watched, 1)
    _score(watched, 2)
    _flush_and_die(watched)
    _flush(watched)
    first, again = watched.api.messages("c1")
    assert again == first


def test_updates_that_do_not_fit_are_omitted_but_counted(
    watched: MotoCloud,
) -> None:
    for n in range(1, 13):
        _score(watched, n, details={"text": "x" * 1_000} if n < 12 else None)
    _flush(watched)

    data = watched.api.messages("c1")[-1]["data"]

    assert (data["merged"], data["participant1_score"], data["revision"]) == (12, 12, 12)
    revisions = [each["revision"] for each in data["updates"]]
    assert revisions == list(range(1, len(revisions) + 1))
    assert 5 <= len(revisions) < 11
    assert len(compact(data["updates"]).encode()) <= UPDATES_BYTES_MAX
    _score(watched, 13)
    _score(watched, 14)
    _flush(watched, "another request")
    assert [each["revision"] for each in _merged(watched)] == [13, 14]


def test_windows_have_strictly_increasing_numbers(watched: MotoCloud) -> None:
    for n in range(1, 4):
        _score(watched, n)
        _flush(watched, request_id=f"request{n}")
    assert _published(watched) == [("score_updated", 2), ("score_updated", 3), ("score_updated", 4)]


def test_a_window_is_published_100_ms_after_its_last_update(watched: MotoCloud) -> None:
    _score(watched, 1)
    opened_ms = watched.system.now_ms()
    watched.system.sleep_ms(60)
    _score(watched, 2)
    _flush(watched)
    assert watched.system.now_ms() - opened_ms == 160


def test_a_steady_stream_is_published_250_ms_after_its_first_update(
    watched: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Someone scores whenever `flush` waits, as if there was no end to it."""
    _score(watched, 1)
    opened_ms = watched.system.now_ms()
    sleep_ms = FakeClock.sleep_ms

    def score_meanwhile(system: FakeClock, pause_ms: float) -> None:
        sleep_ms(system, pause_ms)
        _score(watched, 2)

    monkeypatch.setattr(FakeClock, "sleep_ms", score_meanwhile)
    _flush(watched)
    assert watched.system.now_ms() - opened_ms == 250
    assert len(_published(watched)) == 1


def test_a_fast_clock_cannot_keep_a_window_open(
    watched: MotoCloud,
) -> None:
    watched.system.sleep_ms(3_600_000)
    _score(watched, 1)
    watched.system.sleep_ms(-3_600_000)
    started_ms = watched.system.now_ms()
    _flush(watched)
    assert watched.system.now_ms() - started_ms == 250
    assert _scores(watched) == [1]


def test_a_flush_request_for_a_closed_window_publishes_nothing(watched: MotoCloud) -> None:
    _score(watched, 1)
    _flush(watched, request_id="one")
    before = watched.matches.get("m1")
    _flush(watched, request_id="two")
    assert len(_published(watched)) == 1
    assert watched.matches.get("m1") == before


def test_a_flush_request_for_a_match_without_updates_publishes_nothing(watched: MotoCloud) -> None:
    _flush(watched)
    assert _published(watched) == []


def test_a_flush_request_for_an_unknown_match_publishes_nothing(watched: MotoCloud) -> None:
    _flush(watched, match_id="m9")
    assert _published(watched) == []


def test_a_redelivered_flush_request_sends_the_very_same_bytes(watched: MotoCloud) -> None:
    _score(watched, 1, details={"minute": 4.5})
    _flush_and_die(watched, request_id="one")
    watched.system.sleep_ms(30_000)
    _flush(watched, request_id="one")
    first, again = watched.api.bodies["c1"]
    assert first == again


def test_a_redelivered_flush_request_of_a_flush_that_ended_publishes_nothing(
    watched: MotoCloud,
) -> None:
    _score(watched, 1)
    _flush(watched)
    _flush(watched)
    assert len(_published(watched)) == 1


def test_a_redelivered_flush_request_publishes_its_own_claim(
    watched: MotoCloud,
) -> None:
    _score(watched, 1)
    _flush(watched, request_id="one")
    _score(watched, 2)
    _flush(watched, request_id="one")
    assert _scores(watched) == [1, 1, 2]
    assert [sequence for _, sequence in _published(watched)] == [2, 2, 3]


def test_a_flush_that_died_after_its_claim_is_made_good_by_the_redelivery(
    watched: MotoCloud,
) -> None:
    _score(watched, 1)
    watched.scores.claim("m1", watched.matches.get("m1").window, request_id="one")
    _flush(watched, request_id="one")
    assert _published(watched) == [("score_updated", 2)]


def test_a_completion_with_an_open_window_publishes_the_score_first_and_at_once(
    watched: MotoCloud,
) -> None:
    _score(watched, 1)
    _complete(watched)
    at_ms = watched.system.now_ms()
    _flush(watched)
    assert watched.system.now_ms() == at_ms
    assert _published(watched) == [("score_updated", 2), ("match_completed", 3)]
    completed = watched.api.messages("c1")[1]["data"]
    assert completed["winner_id"] == "p1"
    assert (completed["participant1_score"], completed["participant2_score"]) == (1, 0)


def test_a_completion_that_comes_while_a_window_waits_closes_it_at_once(
    watched: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    _score(watched, 1)
    sleep_ms = FakeClock.sleep_ms

    def complete_meanwhile(system: FakeClock, pause_ms: float) -> None:
        monkeypatch.setattr(FakeClock, "sleep_ms", sleep_ms)
        sleep_ms(system, pause_ms)
        _complete(watched)

    monkeypatch.setattr(FakeClock, "sleep_ms", complete_meanwhile)
    started_ms = watched.system.now_ms()
    _flush(watched)
    assert watched.system.now_ms() - started_ms < 100
    assert _published(watched) == [("score_updated", 2), ("match_completed", 3)]


def test_a_completion_with_another_final_score_publishes_it(watched: MotoCloud) -> None:
    _score(watched, 1)
    _complete(watched, participant1_score=2, participant2_score=0)
    _flush(watched)
    assert _scores(watched) == [1]
    assert watched.api.messages("c1")[1]["data"]["participant1_score"] == 2
    assert watched.matches.get("m1").score.participant1 == 2


def test_a_cancelled_match_abandons_its_window(watched: MotoCloud) -> None:
    _score(watched, 1)
    _change(watched, State.CANCELLED)
    _flush(watched, request_id="one")
    _flush(watched, request_id="two")
    assert _published(watched) == [("match_state_changed", 2)]
    match = watched.matches.get("m1")
    assert (match.window, match.unsent) == (None, frozenset())
    assert "pending" not in watched.items(watched.matches_table)["M#m1", "M"]


def test_nothing_is_published_after_a_completion(watched: MotoCloud) -> None:
    _complete(watched)
    _flush(watched, request_id="one")
    _score(watched, 9)
    _flush(watched, request_id="two")
    _flush(watched, request_id="one")
    assert _published(watched) == [("match_completed", 2)]


def test_events_are_published_in_order_whichever_flush_request_comes_first(
    watched: MotoCloud,
) -> None:
    _score(watched, 1)
    _change(watched, State.PAUSED)
    _score(watched, 2)
    _change(watched, State.LIVE)
    watched.execute(DisputeCreate(match_id="m1", reason="Offside"))
    for request in ("last", "first", "second", "third"):
        _flush(watched, request_id=request)
    assert _published(watched) == [
        ("score_updated", 2),
        ("match_state_changed", 3),
        ("score_updated", 4),
        ("match_state_changed", 5),
        ("dispute_created", 6),
    ]
    assert _scores(watched) == [1, 2]


def test_a_window_that_opens_after_an_event_is_published_after_it(watched: MotoCloud) -> None:
    _change(watched, State.PAUSED)
    _score(watched, 1)
    _flush(watched)
    assert _published(watched) == [("match_state_changed", 2), ("score_updated", 3)]


def test_published_events_are_not_repeated_by_the_next_flush_request(watched: MotoCloud) -> None:
    _change(watched, State.PAUSED)
    _flush(watched, request_id="one")
    _flush(watched, request_id="one")
    assert len(_published(watched)) == 1


def test_a_failing_post_fails_no_other(watched: MotoCloud) -> None:
    for connection_id, status in (("c2", 500), ("c3", 410), ("c4", 429), ("c5", 200)):
        watched.connect(connection_id, ROOM)
        watched.api.statuses[connection_id] = status
    _score(watched, 1)
    _flush(watched)
    assert _published(watched, "c1") == _published(watched, "c5") == [("score_updated", 2)]


def test_a_post_that_fails_is_counted(
    watched: MotoCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    watched.api.statuses["c1"] = 429
    _score(watched, 1)
    _flush(watched)
    telemetry.publish_metrics()
    assert '"PostsThrottled":[1.0]' in capsys.readouterr().out


def test_events_of_one_match_never_reach_another(watched: MotoCloud) -> None:
    watched.connect("c2", match_room("m2"))
    _score(watched, 1)
    _flush(watched)
    assert (len(_published(watched)), _published(watched, "c2")) == (1, [])


def test_a_member_that_left_receives_nothing_more(watched: MotoCloud) -> None:
    watched.registry.release("c1")
    _score(watched, 1)
    _flush(watched)
    assert _published(watched) == []


def test_a_large_room_is_sent_no_more_than_the_budget_allows(
    watched: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTS_PER_SECOND_BUDGET", "5")
    host.settings.cache_clear()
    assert host.settings(settings.FlushSettings).posts_per_second_budget == 5
    watched.connect("t1", tournament_room("t1"))
    _score(watched, 1)
    started_ms = watched.system.now_ms()
    _flush(watched)
    assert watched.system.now_ms() - started_ms == 500


def test_a_flush_ends_even_if_someone_always_scores_again(
    watched: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next window has a tick of its own."""
    _score(watched, 1)
    post_all = type(clients.gateway(watched.settings)).post_all
    calls: list[int] = []

    def score_meanwhile(*arguments: Any, **named: Any) -> Any:
        calls.append(len(calls))
        _score(watched, 2 + len(calls))
        return post_all(*arguments, **named)

    gateway = type(clients.gateway(watched.settings))
    monkeypatch.setattr(gateway, "post_all", score_meanwhile)
    _flush(watched)
    assert 1 <= len(calls) <= CONTENTION_ATTEMPTS_MAX
    assert watched.matches.get("m1").window is not None
    assert watched.flush_requests() != []
