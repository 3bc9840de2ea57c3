"""Faults planted in the tables, the clients, the gateway and the functions of a small setting."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from scorecast.aws.dynamodb.connection_items import connection_key, ip_pk
from scorecast.aws.sqs.sweep_queue import RequeueStalled
from scorecast.protocol.errors import CloseReason
from tests.simulation import simulation as simulations
from tests.simulation.client import Client, Message
from tests.simulation.expressions import Item, Value
from tests.simulation.invariants import (
    check_at_rest,
    check_healed,
    check_on_time,
    check_reconciled,
)
from tests.simulation.ledger import CONNECTIONS, HISTORY, MATCHES, Bounds
from tests.simulation.simulation import SWEEP_QUEUE, Simulation
from tests.simulation.sqs import Record
from tests.simulation.stress.setting import SECOND_US, Setting, viewer, watching

type Plant = Callable[[Setting], None]
type Check = Callable[[Simulation], None]


@dataclass(frozen=True, slots=True)
class Planted:
    """What is planted, and what then claims a violation if nothing has by itself."""

    plant: Plant
    check: Check = check_at_rest


def clients() -> list[Client]:
    return [watching("v"), viewer("loose")]


def _put(scenario: Setting, pk: str, sk: str, table: str = CONNECTIONS, **values: Any) -> None:
    """Write over some attributes of an item, as a handler would."""
    stored = scenario.simulation.dynamodb.tables[table].items.get((pk, sk), {})
    item: Item = {"pk": {"S": pk}, "sk": {"S": sk}} | stored | values
    request: dict[str, Any] = {"TableName": table, "Item": item}
    scenario.simulation.dynamodb.apply("PutItem", request, scenario.simulation.scheduler.now_us)


def _set(scenario: Setting, pk: str, sk: str, table: str = CONNECTIONS, **values: Any) -> None:
    """The same behind the ledger's back."""
    items = scenario.simulation.dynamodb.tables[table].items
    items[pk, sk] = items[pk, sk] | values


def _number(value: int) -> Value:
    return {"N": str(value)}


def _client(scenario: Setting, name: str = "v") -> Client:
    return scenario.simulation.gateway.clients[name]


def _receive(scenario: Setting, *messages: Message) -> None:
    for message in messages:
        _client(scenario).receive(message, scenario.simulation.scheduler.fail)


def _event(kind: str, sequence: int, **data: Any) -> Message:
    scores = {"participant1_score": 1, "participant2_score": 0, "revision": 1}
    return {"type": kind, "data": {"match_id": "m1", "sequence": sequence, **scores, **data}}


def _snapshot(sequence: int, *events: Message, state: str = "live", **data: Any) -> Message:
    seen = _event("", sequence, state=state, registration=0, **data)["data"]
    return {
        "type": "subscribed",
        "data": {
            "match_id": "m1",
            "tournament_id": "t1",
            "snapshot": seen,
            "events": list(events),
        },
    }


def _answer_with(scenario: Setting, function: str, answer: Callable[[], Any]) -> None:
    """A function's handler is another one for the rest of the run."""
    handler = simulations.HANDLERS[function]
    simulations.HANDLERS[function] = lambda event, context: answer()
    scenario.after.append(lambda: simulations.HANDLERS.update({function: handler}))


def _raise(error: Exception) -> Any:
    raise error


def _score_twice(scenario: Setting) -> tuple[str, str]:
    sent = scenario.score(1, 1), scenario.score(2, 2)
    scenario.run()
    return sent


# Functions and queues


def _error_in_a_record(scenario: Setting) -> None:
    def fail(_service: str, operation: str, _request: Any) -> None:
        if operation == "UpdateItem":
            raise KeyError("planted")

    scenario.score(1, 1)
    scenario.simulation.calls.interceptors.append(fail)


def _error_in_a_handler(scenario: Setting) -> None:
    _answer_with(scenario, "sweep", lambda: _raise(RuntimeError("planted")))
    scenario.simulation.schedule()


def _long_chain(scenario: Setting) -> None:
    queue = scenario.simulation.queues.queues[SWEEP_QUEUE]
    body = json.dumps({"task": RequeueStalled.__name__})
    queue.messages.append(Record("1", body, "1", sent_at_us=scenario.begun_us, hops={"sweep": 16}))
    scenario.simulation.queues._poll_after(queue, 0)


def _unknown_failure(scenario: Setting) -> None:
    failures = {"batchItemFailures": [{"itemIdentifier": "another"}]}
    _answer_with(scenario, "sweep", lambda: failures)
    scenario.simulation.put_task(RequeueStalled())


def _huge_record(scenario: Setting) -> None:
    body = "x" * 300_000
    scenario.simulation.queues.send({"QueueUrl": SWEEP_QUEUE, "MessageBody": body})


def _endless(scenario: Setting) -> None:
    scenario.simulation.scheduler.steps_max = scenario.simulation.scheduler.steps + 5
    scenario.score(1, 1)


def _invalid_request(scenario: Setting) -> None:
    with suppress(ClientError):
        scenario.simulation.calls._apply("dynamodb", "BatchGetItem", _NO_KEYS, "")


_NO_KEYS: Final[dict[str, Any]] = {"RequestItems": {MATCHES: {"Keys": []}}}


# What clients notice


def _missed_event_from_the_future(scenario: Setting) -> None:
    _receive(scenario, _snapshot(1, _event("match_started", 2)))


def _score_as_missed_event(scenario: Setting) -> None:
    _receive(scenario, _snapshot(1, _event("score_updated", 1)))


def _other_score_after_the_end(scenario: Setting) -> None:
    later = _snapshot(1, state="completed", revision=2)
    _receive(scenario, _event("match_completed", 1), later)


def _two_states_of_one_number(scenario: Setting) -> None:
    _receive(scenario, _snapshot(1), _snapshot(1, state="paused"))


def _older_revision(scenario: Setting) -> None:
    newer = _event("score_updated", 1, revision=5)
    _receive(scenario, newer, _event("score_updated", 2, revision=4))


def _score_after_the_end(scenario: Setting) -> None:
    _receive(scenario, _event("match_completed", 1), _event("score_updated", 2))


def _change_from_another_state(scenario: Setting) -> None:
    change = {"old_state": "disputed", "new_state": "live"}
    _receive(scenario, _event("match_state_changed", 1, **change))


def _late_repair(scenario: Setting) -> None:
    scenario.simulation.plan.makes_good = True
    _client(scenario).lost["m1"] = 1, scenario.begun_us - 60 * SECOND_US
    scenario.score(1, 1)


# What the ledger notices


def _never_pinged(scenario: Setting) -> None:
    _put(scenario, *connection_key("loose"), closed_at_ms=_number(1))


def _released_alive(scenario: Setting) -> None:
    _client(scenario, "loose").pinged_at_us = scenario.simulation.scheduler.now_us
    _put(scenario, *connection_key("loose"), closed_at_ms=_number(1))


def _live_after_its_end(scenario: Setting) -> None:
    scenario.simulation.ledger.ended.add("new")
    scenario.simulation.gateway.connect(viewer("new"))


def _ended_alive(scenario: Setting) -> None:
    scenario.simulation.ledger.end("v")


def _room_without_a_membership(scenario: Setting) -> None:
    _put(scenario, *connection_key("loose"), rooms={"M": {"m:m1": _number(0)}})


def _membership_without_a_room(scenario: Setting) -> None:
    _put(scenario, "R#m:m1#0", "loose", expires_at=_number(2**40))


def _member_of_an_unknown_shard(scenario: Setting) -> None:
    item = scenario.item(*connection_key("loose")) | {"rooms": {"M": {"m:m1": _number(7)}}}
    membership = {"pk": {"S": "R#m:m1#7"}, "sk": {"S": "loose"}, "expires_at": _number(2**40)}
    puts = [{"Put": {"TableName": CONNECTIONS, "Item": item}} for item in (item, membership)]
    request = {"TransactItems": puts, "ClientRequestToken": "planted"}
    now_us = scenario.simulation.scheduler.now_us
    scenario.simulation.dynamodb.apply("TransactWriteItems", request, now_us)


def _user_without_its_slot(scenario: Setting) -> None:
    item = scenario.item(*connection_key("v"))
    pk = ip_pk(item["ip_hash"]["S"])
    _put(scenario, pk, item["ip_slot"]["S"], holders={"SS": ["1 another"]})


def _one_connection_too_many(scenario: Setting) -> None:
    scenario.simulation.ledger.bounds = Bounds(per_user=0, per_ip=9, room_capacity=9)
    scenario.simulation.gateway.connect(viewer("new"))


def _one_member_too_many(scenario: Setting) -> None:
    scenario.simulation.ledger.bounds = Bounds(per_user=9, per_ip=9, room_capacity=0)
    _put(scenario, "R#m:m1", "R")


def _rooms_counter_too_low(scenario: Setting) -> None:
    _put(scenario, "R#m:m1", "R", members=_number(0))


def _rooms_counter_above_its_capacity(scenario: Setting) -> None:
    scenario.simulation.ledger.bounds = Bounds(per_user=9, per_ip=9, room_capacity=1)
    _put(scenario, "R#m:m1", "R", members=_number(2))


# What the gateway notices


def _reader_ended_as_slow(scenario: Setting) -> None:
    goodbye = {"type": "goodbye", "reason": CloseReason.SLOW_CONSUMER.value[1]}
    scenario.simulation.gateway._deliver(_client(scenario), goodbye)


def _request_of_many_calls(scenario: Setting) -> None:
    def count(_service: str, _operation: str, _request: Any) -> None:
        task = scenario.simulation.scheduler.current
        assert task is not None
        task.invocation.calls += 30

    scenario.simulation.calls.interceptors.append(count)
    scenario.score(1, 1)


def _incomplete_snapshot(scenario: Setting) -> None:
    scenario.simulation.gateway.matches_of = lambda tournament_id: {"m1", "m2", "m3"}
    scenario.send(_client(scenario), 1, type="subscribe", tournament_id="t1")


def _two_contents_of_one_number(scenario: Setting) -> None:
    for goals in (1, 2):
        message = _event("score_updated", 1, participant1_score=goals)
        scenario.simulation.gateway._check(json.dumps(message).encode())


def _post_after_the_end(scenario: Setting) -> None:
    for message in (_event("match_completed", 1), _event("score_updated", 2)):
        scenario.simulation.gateway._check(json.dumps(message).encode())


def _huge_message(scenario: Setting) -> None:
    scenario.simulation.gateway._check(json.dumps({"type": "x" * 40_000}).encode())


# What stands in the tables at rest


def _no_sweeps(scenario: Setting) -> None:
    vars(scenario.simulation)["sweep_for"] = lambda time_us: None
    vars(scenario.simulation)["reconcile"] = lambda: None
    vars(scenario.simulation)["put_task"] = lambda task: None


def _slot_of_nobody(scenario: Setting) -> None:
    _put(scenario, "U#u-nobody", "U", holders={"SS": ["1 gone"]})


def _closed_and_never_settled(scenario: Setting) -> None:
    _no_sweeps(scenario)
    _slot_of_nobody(scenario)
    _put(scenario, *connection_key("gone"), closed_at_ms=_number(1), ip_slot={"S": "I"})


def _closed_in_a_room(scenario: Setting) -> None:
    _no_sweeps(scenario)
    key = connection_key("v")
    item = scenario.item(*key)
    scenario.simulation.dynamodb.tables[CONNECTIONS].items[key] = item | {
        "closed_at_ms": _number(1)
    }


def _counter_that_is_never_repaired(scenario: Setting) -> None:
    _no_sweeps(scenario)
    _put(scenario, "R#m:m1", "R", members=_number(5))


def _rooms_counter_too_high(scenario: Setting) -> None:
    _put(scenario, "R#m:m1", "R", members=_number(5))


def _closed_with_slots(scenario: Setting) -> None:
    _no_sweeps(scenario)
    _client(scenario).state = "closed"


def _silent_for_ever(scenario: Setting) -> None:
    _no_sweeps(scenario)
    _client(scenario).answers_pings = False


def _expired_for_ever(scenario: Setting) -> None:
    _no_sweeps(scenario)
    _set(scenario, *connection_key("v"), token_expires_at_ms=_number(1))


def _near_its_cut(scenario: Setting) -> None:
    _no_sweeps(scenario)
    _client(scenario).connected_at_ms -= 2 * 60 * 60 * 1_000


def _pending(scenario: Setting) -> None:
    _no_sweeps(scenario)
    _set(scenario, "M#m1", "M", MATCHES, pending={"S": "1"})


def _pending_after_a_fault(scenario: Setting) -> None:
    _pending(scenario)
    scenario.simulation.faults.note(scenario.begun_us)


def _open_without_slots(scenario: Setting) -> None:
    del scenario.simulation.dynamodb.tables[CONNECTIONS].items[connection_key("v")]


def _not_welcomed(scenario: Setting) -> None:
    _client(scenario).is_welcomed = False


def _not_in_its_room(scenario: Setting) -> None:
    _client(scenario).rooms.add("m:m2")


def _old_view(scenario: Setting) -> None:
    _client(scenario).views["m1"].score = 9, 9


def _old_details(scenario: Setting) -> None:
    _client(scenario).views["m1"].beside = {"minute": 1}, None, None, None


def _old_names(scenario: Setting) -> None:
    _client(scenario).views["m1"].registered = (("p1", "Once"), ("p2", "Two")), None


def _deleted_unseen(scenario: Setting) -> None:
    _set(scenario, "M#m1", "M", MATCHES, is_deleted={"BOOL": True})


def _unknown_event(scenario: Setting) -> None:
    scenario.send(_client(scenario, "loose"), 1, type="subscribe", tournament_id="t1")
    scenario.run()
    del _client(scenario, "loose").views["m2"]


# What became of reports


def _stored_out_of_order(scenario: Setting) -> None:
    first, second = _score_twice(scenario)
    sent = scenario.official.sent
    (one, one_ms), (other, other_ms) = sent[first], sent[second]
    sent[first], sent[second] = (one, other_ms), (other, one_ms)


def _accepted_upon_another_score(scenario: Setting) -> None:
    _, second = _score_twice(scenario)
    scenario.official.sent[second][0]["base_revision"] = 5


def _uncounted_dispute(scenario: Setting) -> None:
    _put(scenario, "M#m1", "D#d1", MATCHES, initiated_by={"S": "p1"})


def _two_disputes_of_one_user(scenario: Setting) -> None:
    for dispute_id in ("d1", "d2"):
        _put(scenario, "M#m1", f"D#{dispute_id}", MATCHES, initiated_by={"S": "p1"})
    by: Value = {"S": "p1"}
    _put(scenario, "M#m1", "M", MATCHES, open_disputes={"M": {"d1": by, "d2": by}})
    _put(scenario, "M#m1", "M", MATCHES, disputes=_number(2))
    _client(scenario).views["m1"].open_disputes = 2


def _stored_twice_with_one_revision(scenario: Setting) -> None:
    for sent in _score_twice(scenario):
        scenario.official.sent[sent][0]["client_revision"] = 5


def _stored_twice_under_one_id(scenario: Setting) -> None:
    for sent in _score_twice(scenario):
        scenario.official.sent[sent][0]["update_id"] = "planted"


def _refused_for_nothing(scenario: Setting) -> None:
    _, second = _score_twice(scenario)
    scenario.official.answers[second] = {"type": "error", "code": "stale"}


def _one_revision_for_two(scenario: Setting) -> None:
    first, second = _score_twice(scenario)
    scenario.official.sent[first] = scenario.official.sent[first][0], 0
    scenario.official.answers[first]["data"]["revision"] = 3
    scenario.official.answers[second]["data"]["revision"] = 3
    scenario.official.sent[first][0]["client_revision"] = 1


def _lost_update(scenario: Setting) -> None:
    _score_twice(scenario)
    _set(scenario, "M#m1", "M", MATCHES, participant1_score=_number(7))
    _client(scenario).views["m1"].score = 7, 0


def _kept_history(scenario: Setting) -> dict[str, Item]:
    """The entries of two scores, by their sort keys."""
    scenario.simulation.plan.keeps_history = True
    _score_twice(scenario)
    return scenario.simulation.dynamodb.tables[HISTORY].partitions["M#m1"]


def _score_missing_in_its_history(scenario: Setting) -> None:
    entries = _kept_history(scenario)
    del entries[min(entries)]


def _event_missing_in_its_history(scenario: Setting) -> None:
    _kept_history(scenario)
    scenario.simulation.histories.events["M#m1"][9] = "match_completed"


def _history_out_of_order(scenario: Setting) -> None:
    entries = _kept_history(scenario)
    first, last = min(entries), max(entries)
    entries[first], entries[last] = entries[last], entries[first]


def _published_otherwise(scenario: Setting) -> None:
    _score_twice(scenario)
    forged = _event("score_updated", 9, participant1_score=7, revision=2)
    scenario.simulation.gateway.sent["m1", 9] = forged


def _published_with_other_details(scenario: Setting) -> None:
    _score_twice(scenario)
    for message in scenario.simulation.gateway.sent.values():
        message["data"]["details"] = {"minute": 1}


def _never_published(scenario: Setting) -> None:
    _score_twice(scenario)
    scenario.simulation.gateway.published_us.clear()


def _unanswered(scenario: Setting) -> None:
    first, _ = _score_twice(scenario)
    del scenario.official.answers[first]


def _answered_as_failed(scenario: Setting) -> None:
    first, _ = _score_twice(scenario)
    scenario.official.answers[first] = {"type": "error", "code": "internal_error"}


def _ticket_shown_twice(scenario: Setting) -> None:
    for name in ("one", "other"):
        scenario.simulation.gateway.authorized.append(viewer(name, shows={"ticket": "a"}))


def _failing_api(scenario: Setting, text: str) -> None:
    _answer_with(scenario, "api", lambda: {"statusCode": 500, "body": json.dumps({"a": text})})
    scenario.simulation.http.ask(scenario.official.identity, "GET", "/matches/m1")


def _failed_request(scenario: Setting) -> None:
    _failing_api(scenario, "correlation_id")


def _failed_request_without_an_id(scenario: Setting) -> None:
    _failing_api(scenario, "")


_AT_REST: Final[tuple[Plant, ...]] = (
    _error_in_a_record,
    _error_in_a_handler,
    _long_chain,
    _unknown_failure,
    _huge_record,
    _endless,
    _invalid_request,
    _missed_event_from_the_future,
    _score_as_missed_event,
    _other_score_after_the_end,
    _two_states_of_one_number,
    _older_revision,
    _score_after_the_end,
    _change_from_another_state,
    _late_repair,
    _never_pinged,
    _released_alive,
    _reader_ended_as_slow,
    _request_of_many_calls,
    _live_after_its_end,
    _ended_alive,
    _room_without_a_membership,
    _membership_without_a_room,
    _member_of_an_unknown_shard,
    _user_without_its_slot,
    _one_connection_too_many,
    _one_member_too_many,
    _rooms_counter_too_low,
    _rooms_counter_above_its_capacity,
    _incomplete_snapshot,
    _two_contents_of_one_number,
    _post_after_the_end,
    _huge_message,
    _rooms_counter_too_high,
    _pending,
    _pending_after_a_fault,
    _open_without_slots,
    _not_welcomed,
    _not_in_its_room,
    _old_view,
    _old_details,
    _old_names,
    _deleted_unseen,
    _unknown_event,
    _stored_out_of_order,
    _accepted_upon_another_score,
    _uncounted_dispute,
    _two_disputes_of_one_user,
    _stored_twice_with_one_revision,
    _stored_twice_under_one_id,
    _refused_for_nothing,
    _one_revision_for_two,
    _lost_update,
    _score_missing_in_its_history,
    _event_missing_in_its_history,
    _history_out_of_order,
    _published_otherwise,
    _published_with_other_details,
    _unanswered,
    _answered_as_failed,
    _ticket_shown_twice,
    _failed_request,
    _failed_request_without_an_id,
)
_HEALED: Final[tuple[Plant, ...]] = (
    _counter_that_is_never_repaired,
    _slot_of_nobody,
    _closed_and_never_settled,
    _closed_in_a_room,
    _closed_with_slots,
    _silent_for_ever,
    _expired_for_ever,
    _near_its_cut,
    _pending,
)

PLANTED: Final = {
    **{plant.__name__[1:]: Planted(plant) for plant in _AT_REST},
    **{f"{plant.__name__[1:]}_and_healed": Planted(plant, check_healed) for plant in _HEALED},
    "never_published": Planted(_never_published, check_on_time),
    "counter_that_is_never_reconciled": Planted(_counter_that_is_never_repaired, check_reconciled),
}
