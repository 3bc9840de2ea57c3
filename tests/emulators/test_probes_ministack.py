"""What the local cloud's emulator does where AWS's behaviour matters, or where it is no AWS.

An upgrade that changes any of it is to be noticed here, and its consequences thought about.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest

from tests.emulators.ministack import Cloud
from tests.emulators.queues import RECEIVES_MAX, MiniStackBox, Received

DEADLINE_S = 20
_numbers = count(1)
type Json = dict[str, Any]
type Ask = Callable[[str, Json], tuple[int, Json]]


@pytest.fixture
def ask(cloud: Cloud) -> Ask:
    return lambda operation, request: cloud.ask("dynamodb", operation, request)


@pytest.fixture
def table(ask: Ask) -> str:
    name = f"probe-{next(_numbers)}"
    schema = [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    types = [{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")]
    request = {"TableName": name, "KeySchema": schema, "AttributeDefinitions": types}
    status, body = ask("CreateTable", request | {"BillingMode": "PAY_PER_REQUEST"})
    assert status == 200, body
    return name


def _key(sk: str = "a") -> Json:
    return {"pk": {"S": "p"}, "sk": {"S": sk}}


def _count(table: str, limit: int | None = None) -> Json:
    request: Json = {
        "TableName": table,
        "Key": _key(),
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    if limit is not None:
        request["ConditionExpression"] = "attribute_not_exists(n) OR n < :limit"
        request["ExpressionAttributeValues"][":limit"] = {"N": str(limit)}
    return request


def _n(ask: Ask, table: str, sk: str = "a") -> int:
    _, body = ask("GetItem", {"TableName": table, "Key": _key(sk), "ConsistentRead": True})
    return int(body["Item"]["n"]["N"]) if "Item" in body else 0


def _transaction(*actions: Json, token: str) -> Json:
    return {"TransactItems": list(actions), "ClientRequestToken": token}


def _code(answer: tuple[int, Json]) -> str:
    status, body = answer
    return "ok" if status == 200 else str(body["__type"]).rpartition("#")[2]


# DynamoDB


def test_a_conditional_counter_stops_at_its_limit(cloud: Cloud, table: str) -> None:
    def one(_number: int) -> str:
        own = Cloud(int(cloud.endpoint.rpartition(":")[2]))
        try:
            return _code(own.ask("dynamodb", "UpdateItem", _count(table, limit=20)))
        finally:
            own.close()

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(one, range(40)))
    assert outcomes.count("ok") == 20
    assert outcomes.count("ConditionalCheckFailedException") == 20


def test_a_failed_condition_shows_the_item(ask: Ask, table: str) -> None:
    ask("UpdateItem", _count(table))
    shown = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    _, body = ask("UpdateItem", _count(table, limit=1) | shown)
    assert body["Item"]["n"] == {"N": "1"}


def test_a_cancelled_transaction_gives_reasons_by_index_and_writes_nothing(
    ask: Ask, table: str
) -> None:
    other = {"Put": {"TableName": table, "Item": _key("b") | {"n": {"N": "1"}}}}
    full = {"Update": _count(table, limit=0) | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}
    ask("UpdateItem", _count(table))
    _, body = ask("TransactWriteItems", _transaction(other, full, token="t1"))
    assert [reason["Code"] for reason in body["CancellationReasons"]] == [
        "None",
        "ConditionalCheckFailed",
    ]
    assert body["CancellationReasons"][1]["Item"]["n"] == {"N": "1"}
    assert _n(ask, table, "b") == 0


def test_a_token_makes_a_transaction_happen_once(ask: Ask, table: str) -> None:
    request = _transaction({"Update": _count(table)}, token="t2")
    assert [_code(ask("TransactWriteItems", request)) for _ in range(3)] == ["ok"] * 3
    assert _n(ask, table) == 1


def test_a_token_of_another_transaction_is_refused(ask: Ask, table: str) -> None:
    ask("TransactWriteItems", _transaction({"Update": _count(table)}, token="t3"))
    other = _transaction({"Update": _count(table, limit=9)}, token="t3")
    assert _code(ask("TransactWriteItems", other)) == "IdempotentParameterMismatchException"


def test_no_number_has_more_than_38_digits(ask: Ask, table: str) -> None:
    item = _key() | {"n": {"N": "1" * 39}}
    assert _code(ask("PutItem", {"TableName": table, "Item": item})) == "ValidationException"


def test_values_that_no_expression_uses_are_refused(ask: Ask, table: str) -> None:
    request = _count(table)
    request["ExpressionAttributeValues"][":unused"] = {"N": "1"}
    assert _code(ask("UpdateItem", request)) == "ValidationException"


def test_redundant_parentheses_are_refused(ask: Ask, table: str) -> None:
    request = _count(table) | {"ConditionExpression": "((attribute_not_exists(n)))"}
    assert _code(ask("UpdateItem", request)) == "ValidationException"


def test_a_full_last_page_names_another(ask: Ask, table: str) -> None:
    for sk in ("a", "b"):
        ask("PutItem", {"TableName": table, "Item": _key(sk)})
    request = {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "p"}},
        "Limit": 2,
    }
    _, body = ask("Query", request)
    assert body["LastEvaluatedKey"] == _key("b")
    _, rest = ask("Query", request | {"ExclusiveStartKey": body["LastEvaluatedKey"]})
    assert rest["Items"] == [] and "LastEvaluatedKey" not in rest


def test_contention_brings_no_conflict(cloud: Cloud, table: str) -> None:
    """AWS answers TransactionConflict at times: only the simulator does."""

    def one(number: int) -> str:
        own = Cloud(int(cloud.endpoint.rpartition(":")[2]))
        request = _transaction({"Update": _count(table)}, token=f"conflict-{number}")
        try:
            return _code(own.ask("dynamodb", "TransactWriteItems", request))
        finally:
            own.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(one, range(40))) == {"ok"}


def test_two_absent_attributes_are_equal(ask: Ask, table: str) -> None:
    """AWS: no comparison with an absent attribute holds."""
    request = _count(table) | {"ConditionExpression": "this = that"}
    assert _code(ask("UpdateItem", request)) == "ok"


# SQS


@pytest.fixture
def box(cloud: Cloud) -> MiniStackBox:
    return MiniStackBox(cloud)


@pytest.fixture
def hasty(cloud: Cloud) -> Iterator[MiniStackBox]:
    """Its messages are visible again after a second."""
    yield MiniStackBox(cloud, visibility_s=1)


def _bodies(received: list[Received]) -> list[str]:
    return [one.body for one in received]


def _awaited(box: MiniStackBox) -> list[Received]:
    deadline = time.monotonic() + DEADLINE_S
    while not (received := box.receive()):
        assert time.monotonic() < deadline, "nothing came again"
        time.sleep(0.05)
    return received


def _fill(box: MiniStackBox, number: int, group: str = "a") -> None:
    for place in range(number):
        box.send(f"{group}{place}", group, f"{group}-{place}")


def test_a_groups_messages_come_in_order_and_then_block_the_group(box: MiniStackBox) -> None:
    _fill(box, 12)
    _fill(box, 1, "b")
    assert _bodies(box.receive())[:10] == [f"a{place}" for place in range(10)]
    assert _bodies(box.receive()) == ["b0"]
    assert box.receive() == []


def test_a_repeated_deduplication_id_is_swallowed_even_after_the_delete(box: MiniStackBox) -> None:
    _fill(box, 1)
    [one] = box.receive()
    assert box.delete(one.receipt)
    _fill(box, 1)
    assert box.receive() == []


def test_deduplication_is_by_group(box: MiniStackBox) -> None:
    box.send("one", "a", "same")
    box.send("other", "b", "same")
    assert sorted(_bodies(box.receive())) == ["one", "other"]


def test_a_repeated_send_is_answered_with_the_first_message_and_numbers_rise(
    box: MiniStackBox,
) -> None:
    request = {"QueueUrl": box.url, "MessageBody": "x", "MessageGroupId": "a"}
    published = [
        box.ask("SendMessage", request | {"MessageDeduplicationId": dedup})[1]
        for dedup in ("1", "1", "2")
    ]
    assert published[0]["MessageId"] == published[1]["MessageId"] != published[2]["MessageId"]
    assert int(published[0]["SequenceNumber"]) < int(published[2]["SequenceNumber"])


def test_what_was_not_deleted_comes_again_in_order(hasty: MiniStackBox) -> None:
    _fill(hasty, 3)
    first = hasty.receive()
    assert hasty.delete(first[1].receipt)
    again = _awaited(hasty)
    assert [(one.body, one.receives) for one in again] == [("a0", 2), ("a2", 2)]


def test_a_stale_receipt_deletes_nothing(hasty: MiniStackBox) -> None:
    _fill(hasty, 1)
    [first] = hasty.receive()
    _awaited(hasty)
    assert not hasty.delete(first.receipt)
    assert _bodies(_awaited(hasty)) == ["a0"]


def test_a_hidden_head_hides_its_group(box: MiniStackBox) -> None:
    _fill(box, 2)
    head, tail = box.receive()
    assert box.show_again(tail.receipt)
    assert box.receive() == []
    assert box.show_again(head.receipt)
    assert _bodies(box.receive()) == ["a0", "a1"]


def test_what_came_too_often_goes_to_the_dead_letters_in_order(box: MiniStackBox) -> None:
    _fill(box, 2)
    for _ in range(RECEIVES_MAX):
        for one in reversed(box.receive()):
            assert box.show_again(one.receipt)
    assert box.receive() == []
    assert box.dead() == ["a0", "a1"]


def test_control_characters_are_refused(box: MiniStackBox) -> None:
    request = {"QueueUrl": box.url, "MessageBody": "\x00", "MessageGroupId": "a"}
    status, _ = box.ask("SendMessage", request | {"MessageDeduplicationId": "1"})
    assert status == 400


def test_a_group_id_that_aws_refuses_is_taken(box: MiniStackBox) -> None:
    """AWS: at most 128 characters, no spaces. Ours are made of ids that are shorter."""
    request = {"QueueUrl": box.url, "MessageBody": "x", "MessageGroupId": "a b" * 50}
    status, _ = box.ask("SendMessage", request | {"MessageDeduplicationId": "1"})
    assert status == 200
