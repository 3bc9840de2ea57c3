"""T8, T3: a newcomer whose welcome failed is welcomed within seconds, and no welcome is in vain."""

import pytest

from scorecast.aws.dynamodb.connection_items import connection_key
from scorecast.domain.delivery import Delivery
from tests.simulation.client import Message
from tests.simulation.dynamodb import Request
from tests.simulation.ledger import CONNECTIONS, is_live
from tests.simulation.stress.setting import setting, viewer
from tests.simulation.stress.throttling import OUTAGE_S, Kind, connecting, throttle

SOON_S = 5


@pytest.mark.parametrize("outcome", [Delivery.THROTTLED, Delivery.FAILED])
def test_a_welcome_whose_post_was_lost_comes_within_5_s(outcome: Delivery) -> None:
    with setting() as scenario:
        left = [1]

        def lose(client_id: str, message: Message) -> Delivery | None:
            if message["type"] != "connection_established" or not left:
                return None
            left.pop()
            return outcome

        scenario.intercept(lose)
        scenario.at(1, lambda: scenario.simulation.gateway.connect(viewer("v", match_id="m1")))
        scenario.run()
        [welcomed] = scenario.events("v", "connection_established")
        assert welcomed.at_s < 1 + 5


def test_a_welcome_that_is_too_large_is_not_tried_again() -> None:
    """413 is no handshake that has not ended."""
    with setting() as scenario:
        tries: list[str] = []

        def refuse(client_id: str, message: Message) -> Delivery | None:
            if message["type"] != "connection_established":
                return None
            tries.append(client_id)
            return Delivery.TOO_LARGE

        scenario.intercept(refuse)
        scenario.at(1, lambda: scenario.simulation.gateway.connect(viewer("v", match_id="m1")))
        scenario.run()
        assert len(tries) == 1


def test_a_connection_that_is_closed_during_its_welcome_is_not_left_open() -> None:
    """The Lambda that released it has died before its goodbye."""
    with setting(settings={"CONNECTION_LIMIT_POLICY": "replace_oldest"}) as scenario:
        newcomer, key = viewer("v", match_id="m1"), connection_key("v")

        def release(_service: str, operation: str, _request: Request) -> None:
            item = dynamodb.tables[CONNECTIONS].items.get(key, {})
            if operation == "TransactWriteItems" and is_live(item):
                released = item | {"closed_at_ms": {"N": "1"}}
                put = {"TableName": CONNECTIONS, "Item": released}
                dynamodb.apply("PutItem", put, scenario.simulation.scheduler.now_us)

        dynamodb = scenario.simulation.dynamodb
        scenario.simulation.calls.interceptors.append(release)
        scenario.at(1, lambda: scenario.simulation.gateway.connect(newcomer))
        scenario.run()
        assert newcomer.state == "closed"


@pytest.mark.parametrize("share", [1.0, 0.7])
@pytest.mark.parametrize("kind", ["throttle", "unprocessed"])
def test_t8_a_missed_welcome_comes_within_5_s_of_the_end(kind: Kind, share: float) -> None:
    """The connect came through just before; only its welcome was held up."""
    with setting() as scenario:
        throttle(scenario, kind, share)
        for number in range(4):
            scenario.at(0.9 + number * 0.02, connecting(scenario, f"n{number}"))
        scenario.run()
        welcomed = {p.client_id: p.at_s for p in scenario.events(kind="connection_established")}
        clients = scenario.simulation.gateway.clients.values()
        missing = [each.id for each in clients if each.state == "open" and each.id[0] == "n"]
        assert missing and set(missing) <= welcomed.keys()
        assert max(welcomed.values()) < 1 + OUTAGE_S + SOON_S
