import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from scorecast.app.process_batch import process_batch
from scorecast.aws.sqs.records import Record, records
from tests import examples


def _records(*pairs: str) -> list[Record]:
    split = [pair.split(":") for pair in pairs]
    return [Record(message_id=message_id, body="", group=group) for message_id, group in split]


def _work_off(batch: list[Record], work: Callable[[Record], None]) -> list[str]:
    with ThreadPoolExecutor(10) as pool:
        response = process_batch(batch, work, pool)
    return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


def test_each_group_is_worked_off_in_its_order() -> None:
    worked: list[Record] = []
    batch = _records("1:a", "2:b", "3:a", "4:b", "5:a")
    assert _work_off(batch, worked.append) == []
    assert [r.message_id for r in worked if r.group == "a"] == ["1", "3", "5"]
    assert [r.message_id for r in worked if r.group == "b"] == ["2", "4"]


def test_a_failure_stops_its_own_group_and_no_other() -> None:
    worked: list[str] = []

    def work(record: Record) -> None:
        if record.message_id == "3":
            raise ValueError("broken")
        worked.append(record.message_id)

    failed = _work_off(_records("1:a", "2:b", "3:a", "4:b", "5:a"), work)
    assert failed == ["3", "5"]
    assert sorted(worked) == ["1", "2", "4"]


def test_the_records_that_come_again_are_told() -> None:
    again: list[Record] = []

    def work(record: Record) -> None:
        if record.message_id == "2":
            raise ValueError("broken")

    with ThreadPoolExecutor(2) as pool:
        process_batch(_records("1:a", "2:a", "3:a"), work, pool, again.extend)
        process_batch(_records("1:a"), work, pool, again.extend)
    assert [record.message_id for record in again] == ["2", "3"]


def test_no_group_waits_for_another() -> None:
    """Each group's work ends only once the other's has begun."""
    meeting = threading.Barrier(2, timeout=10)
    assert _work_off(_records("1:a", "2:b"), lambda _: print(meeting.wait())) == []


def test_a_record_knows_its_group() -> None:
    (record,) = records(examples.event("ticks"))
    assert record.group == "m1"
    assert record.message_id == "11111111-0000-4000-8000-000000000001"


def test_records_of_a_standard_queue_are_groups_of_one() -> None:
    first = examples.event("welcomes")["Records"][0]
    second = first | {"messageId": "other"}
    groups = [record.group for record in records({"Records": [first, second]})]
    assert len(set(groups)) == 2
