from scorecast.aws.sqs.records import (
    Record,
    batch_response,
    from_first_failure,
    groups,
    retry_seconds,
)


def _records(*pairs: str) -> list[Record]:
    """Records written as `id:group`."""
    split = [pair.split(":") for pair in pairs]
    return [Record(message_id=message_id, body="", group=group) for message_id, group in split]


def test_each_group_keeps_the_order_of_the_batch() -> None:
    grouped = groups(_records("1:a", "2:b", "3:a", "4:b", "5:a"))
    ids = {group: [r.message_id for r in records] for group, records in grouped.items()}
    assert ids == {"a": ["1", "3", "5"], "b": ["2", "4"]}


def test_a_failed_record_and_all_after_it_come_again() -> None:
    group = _records("1:a", "2:a", "3:a")
    assert from_first_failure(group, group[1]) == group[1:]


def test_a_batch_without_failures_is_reported_as_done() -> None:
    assert batch_response([]) == {"batchItemFailures": []}


def test_failures_are_reported_by_message_id() -> None:
    failures = [{"itemIdentifier": "2"}, {"itemIdentifier": "3"}]
    assert batch_response(["2", "3"]) == {"batchItemFailures": failures}


def test_a_record_waits_longer_from_its_second_failure_on() -> None:
    waits = [retry_seconds(receives) for receives in (1, 2, 3)]
    assert waits[0] < waits[1] == waits[2]
