import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from scorecast.app.process_batch import process_batch
from scorecast.aws.sqs.records import Record, records
from scorecast.protocol.limits import RECORD_MS_MAX
from tests import examples


def _records(*pairs: str) -> list[Record]:
    split = [pair.split(":") for pair in pairs]
    return [Record(message_id=message_id, body="", group=group) for message_id, group in split]


@dataclass
class FakeQueue:
    settled: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)

    def settle(self, record: Record) -> None:
        self.settled.append(record.message_id)

    def return_soon(self, records: Iterable[Record]) -> None:
        self.returned += [record.message_id for record in records]


def _process(
    batch: list[Record],
    process: Callable[[Record], None],
    queue: FakeQueue | None = None,
    *,
    time_left_ms: Callable[[], int] = lambda: RECORD_MS_MAX,
) -> list[str]:
    used: Any = queue or FakeQueue()
    with ThreadPoolExecutor(10) as pool:
        response = process_batch(batch, process, pool, used, time_left_ms)
    return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


def test_each_group_is_processed_in_order() -> None:
    processed: list[Record] = []
    batch = _records("1:a", "2:b", "3:a", "4:b", "5:a")
    assert _process(batch, processed.append) == []
    assert [r.message_id for r in processed if r.group == "a"] == ["1", "3", "5"]
    assert [r.message_id for r in processed if r.group == "b"] == ["2", "4"]


def test_a_failure_stops_its_own_group_and_no_other() -> None:
    processed: list[str] = []

    def process(record: Record) -> None:
        if record.message_id == "3":
            raise ValueError("broken")
        processed.append(record.message_id)

    failed = _process(_records("1:a", "2:b", "3:a", "4:b", "5:a"), process)
    assert failed == ["3", "5"]
    assert sorted(processed) == ["1", "2", "4"]


def test_what_failed_comes_again_soon() -> None:
    queue = FakeQueue()

    def process(record: Record) -> None:
        if record.message_id == "2":
            raise ValueError("broken")

    assert _process(_records("1:a", "2:a", "3:a"), process, queue) == ["2", "3"]
    assert queue.returned == ["2", "3"]


def test_a_group_is_unlocked_before_a_slower_one_of_its_batch_is_done() -> None:
    queue = FakeQueue()
    settled = threading.Event()
    queue.settle = lambda record: settled.set()  # type: ignore[method-assign]

    def process(record: Record) -> None:
        assert record.group == "quick" or settled.wait(10)

    assert _process(_records("1:slow", "2:quick"), process, queue) == []


def test_what_failed_is_not_settled() -> None:
    queue = FakeQueue()

    def process(record: Record) -> None:
        if record.group == "a":
            raise ValueError("broken")

    _process(_records("1:a", "2:b", "3:b"), process, queue)
    assert queue.settled == ["2", "3"]


def test_a_record_of_a_group_is_deleted_at_once_even_if_it_is_the_only_one() -> None:
    queue = FakeQueue()
    assert _process(_records("1:a", "2:a"), lambda _: None, queue) == []
    assert queue.settled == ["1", "2"]


def test_a_lone_record_without_a_group_is_left_to_lambda_to_delete() -> None:
    queue = FakeQueue()
    assert _process(_records("1:1"), lambda _: None, queue) == []
    assert queue.settled == []


def test_no_record_is_begun_without_the_time_for_it() -> None:
    queue = FakeQueue()
    times = iter([RECORD_MS_MAX, RECORD_MS_MAX - 1])
    begun: list[Record] = []
    failed = _process(
        _records("1:a", "2:a", "3:a"), begun.append, queue, time_left_ms=lambda: next(times)
    )
    assert [record.message_id for record in begun] == ["1"]
    assert failed == queue.returned == ["2", "3"]


def test_no_group_waits_for_another() -> None:
    """Each group's work ends only once the other's has begun."""
    meeting = threading.Barrier(2, timeout=10)
    assert _process(_records("1:a", "2:b"), lambda _: print(meeting.wait())) == []


def test_a_record_knows_its_group() -> None:
    (record,) = records(examples.event("flush_requests"))
    assert record.group == "m1"
    assert record.message_id == "11111111-0000-4000-8000-000000000001"


def test_records_of_a_standard_queue_are_groups_of_one() -> None:
    first = examples.event("welcome_requests")["Records"][0]
    second = first | {"messageId": "other"}
    groups = [record.group for record in records({"Records": [first, second]})]
    assert len(set(groups)) == 2
