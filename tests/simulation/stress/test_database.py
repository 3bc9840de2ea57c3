"""T8: DynamoDB throttled for 30 s."""

import pytest

from tests.simulation.outages import TokenBucket
from tests.simulation.stress.setting import Setting, setting, watching
from tests.simulation.stress.throttling import OUTAGE_S, Kind, connecting, throttle

CALLS_MAX = 20
REQUEST_S_MAX = 5
SOON_S = 5


def _ask(scenario: Setting) -> None:
    """A bit of everything, all the time."""
    for number in range(8):
        at_s, client = 2 + number * 3, scenario.simulation.gateway.clients[f"v{number}"]
        scenario.send(client, at_s, type="subscribe", tournament_id="t1")
        scenario.score(at_s, number + 1)
        scenario.at(at_s, connecting(scenario, f"n{number}"))


@pytest.mark.parametrize("kind", ["throttle", "unprocessed"])
def test_t8_no_request_makes_more_than_20_calls_or_takes_more_than_5_s(kind: Kind) -> None:
    with setting([watching(f"v{number}") for number in range(8)]) as scenario:
        requests = throttle(scenario, kind)
        _ask(scenario)
        scenario.run()
        worst = max(requests, key=lambda request: request[1])
        assert worst[1] <= CALLS_MAX, worst
        slowest = max(requests, key=lambda request: request[2])
        assert slowest[2] <= REQUEST_S_MAX, slowest


@pytest.mark.parametrize("kind", ["throttle", "unprocessed"])
def test_t8_each_message_is_answered_while_dynamodb_is_throttled(kind: Kind) -> None:
    with setting([watching(f"v{number}") for number in range(8)]) as scenario:
        throttle(scenario, kind)
        _ask(scenario)
        scenario.run()
        for client in scenario.simulation.gateway.clients.values():
            asked = {id for id, (sent, _) in client.sent.items() if sent["type"] != "pong"}
            assert asked <= client.answers.keys(), client.id


def test_t8_a_score_accepted_before_the_throttling_is_published_within_5_s_of_its_end() -> None:
    with setting([watching("v")]) as scenario:
        throttle(scenario, "throttle")
        scenario.score(0.9, 1)
        scenario.sweep_until(90)
        scenario.run()
        assert scenario.first_s("v", 1) < 1 + OUTAGE_S + SOON_S


def test_a_partition_at_its_capacity_loses_no_accepted_score() -> None:
    """A match's item takes fewer writes than come: some are refused, and none is lost."""
    with setting([watching("v")]) as scenario:
        dynamodb = scenario.simulation.dynamodb
        dynamodb.partition_writes = lambda: TokenBucket(per_second=20, burst=20)
        sent = [scenario.score(1 + number / 40, number + 1) for number in range(400)]
        scenario.sweep_until(60)
        scenario.run()
        answers = [scenario.official.answers.get(each) for each in sent]
        accepted = {
            a["data"]["revision"]: n
            for n, a in enumerate(answers, 1)
            if a and a["type"] == "accepted"
        }
        assert all(answers) and accepted
        view = scenario.simulation.gateway.clients["v"].views["m1"]
        assert view.score == (accepted[max(accepted)], 0)
