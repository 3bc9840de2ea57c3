"""T3: a post that was throttled, skipped or failed is made good within 10 s of the fault's end."""

from typing import Any

import pytest

from scorecast.domain.delivery import Delivery
from tests.simulation.client import Message
from tests.simulation.outages import Outage
from tests.simulation.simulation import SWEEP_QUEUE, Plan
from tests.simulation.stress.setting import QUIET, SECOND_US, Setting, setting, viewer

MADE_GOOD_S = 10.0
ROOMS: dict[str, dict[str, str]] = {
    "match": {"match_id": "m1"},
    "tournament": {"tournament_id": "t1"},
}


def _lose(
    scenario: Setting, kind: str, outcome: Delivery, *, from_s: float, until_s: float
) -> None:
    """What is posted to `v` of a kind is lost between two times."""

    def lose(client_id: str, message: Message) -> Delivery | None:
        is_lost = client_id == "v" and message["type"] == kind
        return outcome if is_lost and from_s <= scenario.now_s() < until_s else None

    scenario.intercept(lose)


def _known(scenario: Setting, client_id: str) -> tuple[Any, ...]:
    view = scenario.simulation.gateway.clients[client_id].views["m1"]
    return view.state, view.score, view.sequence


def _caught_up_s(scenario: Setting, after_s: float, kind: str) -> float:
    return min(p.at_s for p in scenario.events("v", kind) if p.at_s >= after_s)


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("outcome", [Delivery.THROTTLED, Delivery.SKIPPED, Delivery.FAILED])
def test_the_end_of_a_match_reaches_a_viewer_whose_post_was_lost(
    room: str, outcome: Delivery
) -> None:
    with setting([viewer("v", **ROOMS[room]), viewer("other", **ROOMS[room])]) as scenario:
        _lose(scenario, "match_completed", outcome, from_s=0, until_s=5.5)
        scenario.score(1, 1)
        scenario.send(scenario.official, 5, type="match_complete", match_id="m1", winner_id="p1")
        scenario.sweep_until(60)
        scenario.run()
        assert _known(scenario, "v") == _known(scenario, "other")
        assert _caught_up_s(scenario, 5, "match_completed") < 5.5 + MADE_GOOD_S


def test_the_last_score_reaches_a_viewer_whose_post_was_throttled() -> None:
    with setting([viewer("v", match_id="m1"), viewer("other", match_id="m1")]) as scenario:
        _lose(scenario, "score_updated", Delivery.THROTTLED, from_s=2.9, until_s=3.5)
        scenario.score(1, 1)
        scenario.score(3, 2)
        scenario.sweep_until(60)
        scenario.run()
        assert _known(scenario, "v") == _known(scenario, "other")
        assert scenario.first_s("v", 2) < 3.5 + MADE_GOOD_S


@pytest.mark.parametrize("lasting_s", [3, 8, 20, 40])
def test_a_client_that_is_throttled_for_a_while_is_served_soon_after(lasting_s: int) -> None:
    """As after a change of network: its buffer is full, then it is emptied. Or it is ended."""
    with setting([viewer("v", match_id="m1"), viewer("other", match_id="m1")]) as scenario:
        until_s = 3 + lasting_s
        _lose(scenario, "score_updated", Delivery.THROTTLED, from_s=2, until_s=until_s)
        scenario.score(3, 2)
        scenario.sweep_until(until_s + 60)
        scenario.run()
        was_ended = scenario.ended_s.get("v", until_s) < until_s
        assert was_ended or scenario.first_s("v", 2) < until_s + MADE_GOOD_S


def test_a_newer_score_is_not_followed_by_an_older_one_that_is_made_good() -> None:
    with setting([viewer("v", match_id="m1")]) as scenario:
        _lose(scenario, "score_updated", Delivery.THROTTLED, from_s=0, until_s=1.9)
        scenario.score(1, 1)
        scenario.score(2, 2)
        scenario.sweep_until(60)
        scenario.run()
        numbers = [posted.message["data"]["sequence"] for posted in scenario.events("v")]
        assert numbers == sorted(set(numbers))
        assert _known(scenario, "v")[1] == (2, 0)


def test_a_large_rooms_lost_posts_are_made_good() -> None:
    plan = Plan(habits=QUIET, shard_members=2)
    viewers = [viewer(name, match_id="m1") for name in ("v", "a", "b", "c", "d")]
    with setting(viewers, plan=plan) as scenario:
        _lose(scenario, "score_updated", Delivery.THROTTLED, from_s=2.9, until_s=3.9)
        scenario.score(3, 2)
        scenario.sweep_until(60)
        scenario.run()
        assert scenario.first_s("v", 2) < 3.9 + MADE_GOOD_S


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("times", [1, 3])
def test_a_viewer_that_was_falsely_answered_410_is_posted_the_end_again(
    room: str, times: int
) -> None:
    with setting([viewer("v", **ROOMS[room]), viewer("other", **ROOMS[room])]) as scenario:
        answers = [Delivery.GONE] * times

        def lose(client_id: str, message: Message) -> Delivery | None:
            is_lost = client_id == "v" and message["type"] == "match_completed" and answers
            return answers.pop() if is_lost else None

        scenario.intercept(lose)
        scenario.send(scenario.official, 5, type="match_complete", match_id="m1", winner_id="p1")
        scenario.run()
        assert _known(scenario, "v") == _known(scenario, "other")
        assert _caught_up_s(scenario, 5, "match_completed") < 5 + times * MADE_GOOD_S
        assert not answers and not scenario.ended_s


@pytest.mark.parametrize("outcome", [Delivery.THROTTLED, Delivery.GONE])
@pytest.mark.parametrize("shard_members", [1, 500])
def test_a_repost_that_its_queue_does_not_take_is_kept_and_made_good(
    outcome: Delivery, shard_members: int
) -> None:
    """Sends to the queue fail for 20 s; the schedule's tasks of that minute are on it already."""
    plan = Plan(habits=QUIET, shard_members=shard_members)
    viewers = [viewer(name, match_id="m1") for name in ("v", "other")]
    with setting(viewers, plan=plan) as scenario:
        _lose(scenario, "match_completed", outcome, from_s=4, until_s=6)
        scenario.simulation.calls.outages.append(
            Outage(
                service="sqs",
                begins_us=scenario.begun_us + 4 * SECOND_US,
                ends_us=scenario.begun_us + 24 * SECOND_US,
                matches=lambda request: request["QueueUrl"] == SWEEP_QUEUE,
            )
        )
        scenario.send(scenario.official, 5, type="match_complete", match_id="m1", winner_id="p1")
        scenario.run()
        assert _known(scenario, "v") == _known(scenario, "other")
        assert _caught_up_s(scenario, 5, "match_completed") < 24 + MADE_GOOD_S


@pytest.mark.parametrize("queue", ["flush", "fanout"])
def test_a_lost_deletion_locks_no_match_and_no_lane(queue: str) -> None:
    """Lambda's own deletion of the first score's record is lost."""
    plan = Plan(habits=QUIET, shard_members=1 if queue == "fanout" else 500)
    viewers = [viewer(name, match_id="m1") for name in ("v", "other")]
    with setting(viewers, plan=plan) as scenario:
        queues = scenario.simulation.queues
        queues.strikes = lambda what: what == "deletion lost" and scenario.now_s() < 2
        for goals in (1, 2, 3):
            scenario.score(goals, goals)
        scenario.run()
        for client_id in ("v", "other"):
            assert scenario.first_s(client_id, 3) < 4


def test_a_number_that_was_given_and_not_published_supersedes_nothing() -> None:
    """The end is stored and its flush request lost with its Lambda: the score is posted again."""
    with setting([viewer("v", match_id="m1"), viewer("other", match_id="m1")]) as scenario:
        _lose(scenario, "score_updated", Delivery.THROTTLED, from_s=0, until_s=2)
        scheduler = scenario.simulation.scheduler

        def kill(_service: str, operation: str, request: dict[str, Any]) -> None:
            if operation == "SendMessage" and "-e2" in request.get("MessageDeduplicationId", ""):
                scheduler.crash()

        scenario.simulation.calls.interceptors.append(kill)
        scenario.score(1, 1)
        scenario.send(scenario.official, 1.5, type="match_complete", match_id="m1", winner_id="p1")
        scenario.run()
        assert scenario.first_s("v", 1) < 2 + MADE_GOOD_S
        assert not scenario.events("v", "match_completed"), "no task has requested its flush"


def test_a_repost_does_not_wait_for_dynamodb() -> None:
    """Whether it is still the newest cannot be read: it is posted, and dropped if it is not."""
    with setting([viewer("v", match_id="m1"), viewer("other", match_id="m1")]) as scenario:
        _lose(scenario, "score_updated", Delivery.THROTTLED, from_s=0, until_s=2)
        scenario.simulation.calls.outages.append(
            Outage(
                service="dynamodb",
                begins_us=scenario.begun_us + 2 * SECOND_US,
                ends_us=scenario.begun_us + 120 * SECOND_US,
            )
        )
        scenario.score(1, 1)
        scenario.run()
        assert scenario.first_s("v", 1) < 2 + MADE_GOOD_S
