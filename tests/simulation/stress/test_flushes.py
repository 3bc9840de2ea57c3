"""T5: a flush that is killed, slow, or has no gateway to post to."""

from functools import partial
from typing import Any

import pytest

from scorecast.aws.sqs.sweep_queue import RequeueStalled
from scorecast.domain.delivery import Delivery
from tests.simulation.client import Message
from tests.simulation.ledger import MATCHES
from tests.simulation.outages import Outage
from tests.simulation.simulation import Plan
from tests.simulation.stress.setting import (
    QUIET,
    SECOND_US,
    Setting,
    setting,
    viewer,
    watching,
)

PUBLISHED_S_MAX = 20
NEIGHBOUR_S_MAX = 1
RETURN_S_MAX = 5
TIMED_OUT_US = 1_500_000


class _Kill:
    """One flush dies at its call of a number, counted from the first that has the match."""

    def __init__(self, scenario: Setting, after: int, *, match_id: str = "") -> None:
        self.called: list[str] = []
        self._scheduler = scenario.simulation.scheduler
        self._after = after
        self._match_id = match_id
        self._victim: Any = None
        scenario.simulation.calls.interceptors.append(self._call)
        scenario.intercept(self._post)

    def _call(self, _service: str, operation: str, request: dict[str, Any]) -> None:
        self._note(operation, str(request.get("Key", "")))

    def _post(self, client_id: str, _message: Message) -> None:
        self._note(f"post to {client_id}", "")

    def _note(self, what: str, about: str) -> None:
        task = self._scheduler.current
        if task is None or not task.invocation.name.startswith("flush"):
            return
        if self._victim is None and self._match_id in about:
            self._victim = task.invocation
        if task.invocation is not self._victim:
            return
        self.called.append(what)
        if len(self.called) == self._after:
            self._scheduler.crash()


@pytest.mark.parametrize("after", range(1, 15))
def test_t5_a_match_whose_flush_is_killed_is_published_within_20_s(after: int) -> None:
    with setting([watching("v1"), watching("v2", "m2")]) as scenario:
        killed = _Kill(scenario, after)
        scenario.score(1, 1)
        scenario.score(1, 1, match_id="m2")
        scenario.sweep_until(60)
        scenario.run()
        late_s = max(scenario.first_s("v1", 1), scenario.first_s("v2", 1)) - 1
        assert late_s < PUBLISHED_S_MAX, killed.called


@pytest.mark.parametrize("after", range(1, 15))
def test_t5_a_killed_flush_delays_the_other_matches_of_its_batch_by_no_second(after: int) -> None:
    """Their next scores too: a group is not locked for as long as its record is hidden."""
    with setting([watching("v1"), watching("v2", "m2")]) as scenario:
        killed = _Kill(scenario, after, match_id="m1")
        scenario.score(1, 1)
        for goals in range(1, 11):
            scenario.score(goals, goals, match_id="m2")
        scenario.sweep_until(60)
        scenario.run()
        late_s = [round(scenario.first_s("v2", goals) - goals, 2) for goals in range(1, 11)]
        assert max(late_s) < NEIGHBOUR_S_MAX, (killed.called, late_s)


@pytest.mark.parametrize("in_aws", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_t5_a_slow_neighbour_delays_no_other_match(seed: int, in_aws: bool) -> None:
    """Each post to m1's viewer is answered by nothing, for as long as a post may take."""
    plan = Plan(habits=QUIET, in_aws=in_aws)
    with setting([watching("v1"), watching("v2", "m2")], seed=seed, plan=plan) as scenario:
        scenario.intercept(partial(_time_out, scenario, "v1"))
        for goals in range(1, 9):
            scenario.score(goals, goals)
            scenario.score(goals + 0.003, goals, match_id="m2")
        scenario.run()
        late_s = [round(scenario.first_s("v2", goals) - goals, 2) for goals in range(1, 9)]
        assert max(late_s) < NEIGHBOUR_S_MAX, late_s


def _time_out(scenario: Setting, victim: str, client_id: str, _: Message) -> Delivery | None:
    if client_id != victim:
        return None
    scenario.simulation.scheduler.sleep(TIMED_OUT_US)
    return Delivery.FAILED


@pytest.mark.parametrize("lasting_s", [8, 20, 60])
def test_t5_a_hanging_gateway_delays_scores_by_at_most_5_s(
    lasting_s: int,
) -> None:
    with setting([watching("v"), watching("v2", "m2")]) as scenario:
        network = scenario.simulation.gateway.network
        network.hangs_until_us = scenario.begun_us + (lasting_s + 1) * SECOND_US
        scenario.score(1.5, 1)
        for at_s, state in ((2, "paused"), (4, "live")):
            change = {"type": "match_state_change", "new_state": state}
            scenario.send(scenario.official, at_s, match_id="m1", **change)
        scenario.send(scenario.official, 6, type="match_complete", match_id="m1", winner_id="p1")
        scenario.sweep_until(lasting_s + 90)
        scenario.run()
        view = scenario.simulation.gateway.clients["v"].views["m1"]
        assert (view.state, view.score) == ("completed", (1, 0))
        [*_, last] = scenario.events("v", "match_completed")
        assert last.at_s < lasting_s + 1 + RETURN_S_MAX


@pytest.mark.parametrize(("lasting_s", "at_most_s"), [(1, 5), (120, 126)])
def test_t5_a_score_survives_an_outage_longer_than_its_flush(
    lasting_s: int, at_most_s: int
) -> None:
    """DynamoDB is gone while the score is posted to the first of two rooms."""
    with setting([watching("v"), viewer("other", tournament_id="t1")]) as scenario:
        outages = scenario.simulation.calls.outages

        def begin(_client_id: str, message: Message) -> None:
            if message["type"] == "score_updated" and not outages:
                now_us = scenario.simulation.scheduler.now_us
                outages.append(
                    Outage(
                        service="dynamodb",
                        begins_us=now_us,
                        ends_us=now_us + lasting_s * SECOND_US,
                    )
                )

        scenario.intercept(begin)
        scenario.score(1, 1)
        scenario.at(125, partial(scenario.simulation.put_task, RequeueStalled()))
        scenario.run()
        assert lasting_s < scenario.first_s("other", 1) < at_most_s


def test_t5_a_claim_whose_reply_was_lost_is_published_by_the_flush_that_made_it() -> None:
    """The SDK sends it again, and finds the window closed: by this very flush. No sweep helps."""
    with setting([watching("v")]) as scenario:
        dynamodb, scheduler = scenario.simulation.dynamodb, scenario.simulation.scheduler

        def lose_reply(_service: str, operation: str, request: dict[str, Any]) -> None:
            if operation == "UpdateItem" and "claimed_by = :by" in request["UpdateExpression"]:
                dynamodb.apply(operation, request, scheduler.now_us)

        scenario.simulation.calls.interceptors.append(lose_reply)
        scenario.score(1, 1)
        scenario.run()
        assert scenario.first_s("v", 1) < 1 + NEIGHBOUR_S_MAX


def test_no_flush_is_requested_again_in_a_steady_stream() -> None:
    """The match has a window open whenever a flush ends, and so stays pending all the time."""
    with setting([watching("v")]) as scenario:
        network = scenario.simulation.gateway.network
        network.is_timed, network.post_us = True, 200_000
        again: list[str] = []

        def note(_service: str, operation: str, request: dict[str, Any]) -> None:
            if operation == "SendMessage" and "-r" in request.get("MessageDeduplicationId", ""):
                again.append(request["MessageDeduplicationId"])

        scenario.simulation.calls.interceptors.append(note)
        for number in range(400):
            scenario.score(number / 20, number + 1)
        for at_s in range(2, 20, 2):
            scenario.at(at_s, partial(scenario.simulation.put_task, RequeueStalled()))
        scenario.run()
        assert again == []
        assert "pending" not in scenario.item("M#m1", "M", MATCHES)
