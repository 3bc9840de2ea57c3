"""Faults F1 to F21 of the catalogue: connections, rooms and DynamoDB."""

from functools import partial
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from scorecast.aws.dynamodb.connection_items import connection_key
from scorecast.aws.dynamodb.outcomes import Cancelled, ConditionNotMet
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Put
from tests.harness.fakes import FakeClock
from tests.simulation import seams
from tests.simulation.client import Client
from tests.simulation.dynamodb import Request, client_error, transaction_cancelled
from tests.simulation.exhaustive.exploration import ScheduleRun
from tests.simulation.exhaustive.interleaver import interleaved
from tests.simulation.exhaustive.scenarios import (
    SCENARIOS,
    Scenario,
    connect,
    disconnect,
    score,
    subscribe,
)
from tests.simulation.exhaustive.strikes import simulate, strike
from tests.simulation.ledger import CONNECTIONS, Bounds, is_live, slots_of
from tests.simulation.simulation import Simulation

SECOND_US = 1_000_000
QUIET = Scenario("quiet", ())


def _item(simulation: Simulation, pk: str, sk: str) -> Any:
    return simulation.dynamodb.tables[CONNECTIONS].items.get((pk, sk))


def _slots(simulation: Simulation, holder: str) -> int:
    return len(slots_of(_item(simulation, holder, holder[0])))


def _client(simulation: Simulation, name: str) -> Client:
    return simulation.gateway.clients[name]


def test_f01_crash_between_the_counter_and_the_membership() -> None:
    strike("subscribe + subscribe", lambda fault, _: fault.kind == "crash" and fault.thread == 0)


def test_f02_connect_dies_before_its_reply() -> None:
    tally = strike("connect + connect", lambda fault, turn: turn == "end" and fault.thread == 0)
    assert tally.faulty_runs >= 2


def test_f03_connect_is_over_time_and_its_write_lands() -> None:
    """The write was applied; its sender is gone before it can send the welcome."""
    strike("connect + disconnect", lambda fault, turn: turn == "send" and fault.kind == "crash")


def test_f04_disconnect_comes_twice() -> None:
    tally = strike("disconnect + disconnect")
    assert tally.runs > 2


def test_f05_disconnect_ends_before_connect_commits() -> None:
    with seams.installed(), interleaved():
        run = ScheduleRun(SCENARIOS["connect + disconnect"], None)
        while 1 in run.enabled():
            run.take_turn_of(1)
        tombstone = _item(run.simulation, *connection_key("c-new"))
        assert "closed_at_ms" in tombstone
        while run.enabled():
            run.take_turn_of(0)
        run.bring_to_rest()
        assert _item(run.simulation, *connection_key("c-new")) == tombstone


def test_f06_disconnect_within_connect_at_each_call() -> None:
    tally = strike("connect + disconnect")
    assert tally.endings >= 2


def test_f07_lost_disconnect() -> None:
    with simulate(QUIET) as simulation:
        simulation.plan.habits.disconnect_lost = 1.0
        disconnect("c-in", simulation)
    assert not is_live(_item(simulation, *connection_key("c-in")))
    assert _slots(simulation, "U#in") == 0


def test_f08_lost_disconnect_and_the_same_user_again_at_the_limit() -> None:
    with simulate(QUIET, bounds=Bounds(per_user=1, per_ip=4, room_capacity=3)) as simulation:
        simulation.plan.habits.disconnect_lost = 1.0
        disconnect("c-in", simulation)
        again = partial(connect, "again", simulation, user="in")
        simulation.scheduler.after(20 * SECOND_US, again)
    assert _client(simulation, "c-again").state == "open"
    assert _slots(simulation, "U#in") == 1


def test_f09_the_sweep_and_a_late_disconnect() -> None:
    strike("disconnect + sweep", lambda fault, _: fault.kind in ("crash", "lost_reply"))


def test_f10_the_sweep_and_a_message_of_the_silent() -> None:
    strike("unsubscribe + sweep", lambda fault, turn: turn == "write" and fault.kind == "crash")


def test_f11_two_sweeps_at_once() -> None:
    strike("sweep + sweep", lambda fault, _: fault.kind == "crash" and fault.thread == 0)


def test_f12_the_reply_to_a_count_is_lost() -> None:
    """Counting is sent once, and after an unknown outcome it may only be too high."""
    strike("subscribe + subscribe", lambda fault, _: fault.kind == "lost_reply")


def test_f13_the_reply_to_a_transaction_is_lost() -> None:
    """The SDK sends it again with its token, and the handler's own tries carry the same."""
    strike("connect + connect", lambda fault, _: fault.kind in ("lost_reply", "conflict"))


@pytest.mark.parametrize("name", ["connect + connect", "subscribe + subscribe", "score + flush"])
def test_f14_throttles_outlast_the_sdk_at_each_call(name: str) -> None:
    strike(name, lambda fault, _: fault.kind == "throttle")


def test_f15_conflicts_of_joins_are_not_a_full_room() -> None:
    with simulate(QUIET) as simulation:
        simulation.faults.struck += 1
        _fail_once(simulation, "TransactWriteItems", _conflict)
        subscribe("c-out", simulation)
    [answer] = _client(simulation, "c-out").answers.values()
    assert answer["type"] == "subscribed"


def _conflict(request: Request) -> Exception:
    reasons = [{"Code": "None"} for _ in request["TransactItems"]]
    return transaction_cancelled([{"Code": "TransactionConflict"}, *reasons[1:]])


class _Refusing:
    """A DynamoDB client whose transactions are cancelled for these reasons."""

    def __init__(self, *codes: str) -> None:
        self._reasons = [{"Code": code} for code in codes]
        self.tries = 0

    def transact_write_items(self, **_request: Any) -> None:
        self.tries += 1
        raise transaction_cancelled(self._reasons)


def test_f16_mixed_reasons_are_distinguished_by_their_index() -> None:
    refusing = _Refusing("None", "ConditionalCheckFailed", "TransactionConflict")
    client: Any = refusing
    table = Table("t", client, lambda: client, FakeClock())
    outcome = table.transact(*(Put({"pk": str(number), "sk": "a"}) for number in range(3)))
    assert outcome == Cancelled((None, ConditionNotMet(None), None))
    assert refusing.tries == 1


def test_f17_a_plain_update_meets_a_conflict() -> None:
    strike("score + score", lambda fault, _: fault.kind == "conflict")


def test_f18_the_ip_is_full_and_the_user_is_not() -> None:
    with simulate(QUIET, bounds=Bounds(per_user=2, per_ip=1, room_capacity=3)) as simulation:
        other = Client(id="c-other", identity=_client(simulation, "c-out").identity, ip="ip-in")
        simulation.gateway.connect(other)
    assert other.state == "refused"
    assert _slots(simulation, "U#out") == 1
    assert _slots(simulation, "I#ip-in") == 1


def test_f19_rooms_are_never_deleted() -> None:
    """No handler deletes a match, a tournament or a room's counter: only connections, memberships
    and tickets go, and items whose time is up."""
    from tests.emulators.product_requests import product_requests

    deleted = {
        one["Key"]["pk"]["S"][0] + one["Key"]["sk"]["S"][0]
        for operation, request in product_requests()
        for kind, one in _deletions(operation, request)
    }
    assert "Rc" in deleted
    assert deleted <= {"Cc", "Co", "Rc", "Ro", "KK"}


def _deletions(operation: str, request: Request) -> list[tuple[str, Request]]:
    if operation == "DeleteItem":
        return [(operation, request)]
    actions = request.get("TransactItems", [])
    return [(kind, one) for action in actions for kind, one in action.items() if kind == "Delete"]


def _fail_once(simulation: Simulation, operation: str, error: Any) -> None:
    calls, original = simulation.calls, simulation.calls.call
    pending = [operation]

    def call(service: str, asked: str, request: Request, attempts_max: int) -> Any:
        if asked in pending:
            pending.remove(asked)
            raise error(request)
        return original(service, asked, request, attempts_max)

    vars(calls)["call"] = call


def test_f20_an_error_in_an_item_or_expression_changes_nothing() -> None:
    with simulate(QUIET) as simulation:
        simulation.faults.struck += 1
        _fail_once(
            simulation, "UpdateItem", lambda _: client_error("ValidationException", "UpdateItem")
        )
        score(1, simulation)
        before = dict(simulation.dynamodb.tables["matches"].items)
        simulation.run()
        assert simulation.dynamodb.tables["matches"].items == before


def _unreachable(*_args: Any, **_more: Any) -> Any:
    raise EndpointConnectionError(endpoint_url="https://dynamodb.invalid")


def test_f21_dynamodb_is_unreachable() -> None:
    with simulate(QUIET) as simulation:
        simulation.faults.struck += 1
        before = dict(simulation.dynamodb.tables[CONNECTIONS].items)
        original, vars(simulation.calls)["call"] = simulation.calls.call, _unreachable
        connect("new", simulation)
        score(1, simulation)
        simulation.run()
        assert _client(simulation, "c-new").state == "refused"
        assert simulation.dynamodb.tables[CONNECTIONS].items == before
        vars(simulation.calls)["call"] = original
