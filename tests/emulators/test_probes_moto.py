"""What moto does where it is no AWS: tests that rely on AWS there have to run elsewhere."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.emulators.stores import RANDOM_TABLE, Moto, create

type Json = dict[str, Any]
type Ask = Callable[[str, Json], tuple[Any, ...]]


@pytest.fixture(autouse=True)
def mocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield


@pytest.fixture
def ask() -> Ask:
    store = Moto()
    create(store)
    return lambda operation, request: store.ask(operation, {"TableName": RANDOM_TABLE} | request)[0]


def _key(sk: str = "a") -> Json:
    return {"pk": {"S": "p"}, "sk": {"S": sk}}


_ADD: Json = {
    "Key": _key(),
    "UpdateExpression": "ADD counted :one",
    "ExpressionAttributeValues": {":one": {"N": "1"}},
}


def _counted(ask: Ask) -> int:
    return int(ask("GetItem", {"Key": _key()})[1]["Item"]["counted"]["N"])


def test_a_token_is_ignored_so_a_transaction_counts_again(ask: Ask) -> None:
    action = {"Update": {"TableName": RANDOM_TABLE} | _ADD}
    for _ in range(3):
        ask("TransactWriteItems", {"TransactItems": [action], "ClientRequestToken": "same"})
    assert _counted(ask) == 3


def test_a_failed_condition_shows_the_item(ask: Ask) -> None:
    ask("UpdateItem", _ADD)
    failing = {"ConditionExpression": "attribute_not_exists(pk)"}
    shown = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    _, code, _, item = ask("UpdateItem", _ADD | failing | shown)
    assert code == "ConditionalCheckFailedException"
    assert item["counted"] == {"N": "1"}


def test_a_cancelled_transaction_writes_nothing(ask: Ask) -> None:
    put = {"Put": {"TableName": RANDOM_TABLE, "Item": _key("b")}}
    check = {
        "ConditionCheck": {
            "TableName": RANDOM_TABLE,
            "Key": _key(),
            "ConditionExpression": "attribute_exists(pk)",
        }
    }
    answer = ask("TransactWriteItems", {"TransactItems": [put, check], "ClientRequestToken": "t"})
    assert [code for code, _ in answer[2]] == ["None", "ConditionalCheckFailed"]
    assert ask("GetItem", {"Key": _key("b")})[1] == {}


def test_numbers_of_more_than_38_digits_are_taken(ask: Ask) -> None:
    assert ask("PutItem", {"Item": _key() | {"former": {"N": "1" * 39}}})[0] == "ok"


def test_a_number_and_a_string_cannot_be_compared(ask: Ask) -> None:
    ask("PutItem", {"Item": _key() | {"n": {"N": "1"}}})
    condition = {
        "ConditionExpression": "n < :one",
        "ExpressionAttributeValues": {":one": {"S": "x"}},
    }
    answer = ask("DeleteItem", {"Key": _key()} | condition)
    assert answer[1] == "moto raised TypeError"


def test_a_full_last_page_names_no_other(ask: Ask) -> None:
    ask("PutItem", {"Item": _key()})
    request = {
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "p"}},
        "Limit": 1,
    }
    _, shown, has_next = ask("Query", request)
    assert len(shown["Items"]) == 1 and not has_next


# SQS: see what is missing, and never test redelivery, deduplication or dead letters with moto


@pytest.fixture
def queue() -> Iterator[tuple[Any, str]]:
    sqs = boto3.client("sqs", region_name="us-east-1", config=Config(parameter_validation=False))
    url = sqs.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    yield sqs, url
    sqs.close()


def _send(queue: tuple[Any, str], body: str, dedup: str, group: str = "a") -> Json:
    sqs, url = queue
    published: Json = sqs.send_message(
        QueueUrl=url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=dedup
    )
    return published


def _receive(queue: tuple[Any, str]) -> list[Json]:
    sqs, url = queue
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    return list(received.get("Messages", []))


def test_deduplication_ends_with_the_delete(queue: tuple[Any, str]) -> None:
    """AWS: it goes on for five minutes."""
    sqs, url = queue
    _send(queue, "x", "same")
    [one] = _receive(queue)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    _send(queue, "x", "same")
    assert len(_receive(queue)) == 1


def test_control_characters_are_taken(queue: tuple[Any, str]) -> None:
    """AWS refuses them."""
    _send(queue, "\x01", "1")
    assert len(_receive(queue)) == 1


def test_a_second_receive_of_a_group_gets_nothing(queue: tuple[Any, str]) -> None:
    for number in range(3):
        _send(queue, f"m{number}", str(number))
    assert [one["Body"] for one in _receive(queue)] == ["m0", "m1", "m2"]
    assert _receive(queue) == []


def test_a_queue_that_is_not_there_is_refused(queue: tuple[Any, str]) -> None:
    sqs, url = queue
    with pytest.raises(ClientError):
        sqs.receive_message(QueueUrl=url + "x")
