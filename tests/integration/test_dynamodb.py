from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from scorecast.aws.dynamodb.items import marshal, unmarshal
from scorecast.aws.dynamodb.outcomes import (
    NOT_APPLIED,
    Cancelled,
    Committed,
    ConditionNotMet,
    Written,
)
from scorecast.aws.dynamodb.table import Contention, Table
from scorecast.aws.dynamodb.writes import Delete, Put, Update
from scorecast.protocol.limits import (
    CONTENTION_ATTEMPTS_MAX,
    CONTENTION_MS_MAX,
    CONTENTION_PAUSE_MS,
)
from scorecast.wiring import tables
from tests.harness.moto_cloud import MotoCloud

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**37), 10**37)
    | st.text()
    | st.frozensets(st.integers(), min_size=1),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(min_size=1), children, max_size=3)
    ),
)


class Faulty:
    """A client that fails a number of times before it does its work."""

    def __init__(self, client: Any, *codes: str, reasons: tuple[str, ...] = ()) -> None:
        self.client, self.codes, self.reasons, self.calls = client, list(codes), reasons, 0

    def __getattr__(self, operation: str) -> Any:
        def call(**request: Any) -> Any:
            self.calls += 1
            if not self.codes:
                return getattr(self.client, operation)(**request)
            reasons = [{"Code": reason} for reason in self.reasons]
            response: Any = {"Error": {"Code": self.codes.pop(0)}, "CancellationReasons": reasons}
            raise ClientError(response, operation)

        return call


@pytest.fixture
def table(cloud: MotoCloud) -> Table:
    made: Table = tables.connections_table(cloud.settings)
    return made


def _faulty(cloud: MotoCloud, *codes: str, reasons: tuple[str, ...] = ()) -> tuple[Table, Faulty]:
    client: Any = Faulty(cloud.dynamodb, *codes, reasons=reasons)
    return Table(cloud.connections_table, client, lambda: client, cloud.system), client


@given(values)
def test_what_is_stored_is_read_back(value: Any) -> None:
    assert unmarshal(marshal(value)) == value


@pytest.mark.parametrize("value", [1.5, b"x", {1.5}, object()])
def test_what_dynamodb_does_not_keep_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        marshal(value)


def test_a_put_writes_once_and_returns_what_is_there(table: Table) -> None:
    put = Put({"pk": "a", "sk": "s", "n": 1, "absent": None})
    assert isinstance(table.put(put), Written)
    assert table.put(put) == ConditionNotMet({"pk": "a", "sk": "s", "n": 1})


def test_an_update_returns_what_is_there_after_it_or_instead_of_it(table: Table) -> None:
    update = Update(
        "a",
        "s",
        expression="SET #n = :one",
        condition="attribute_not_exists(#n)",
        names={"#n": "n"},
        values={":one": 1},
    )
    item = {"pk": "a", "sk": "s", "n": 1}
    assert table.update(update) == Written(item)
    assert table.update(update) == ConditionNotMet(item)


def test_a_condition_on_what_is_not_there_finds_no_item(table: Table) -> None:
    update = Update("a", "s", expression="REMOVE n", condition="attribute_exists(pk)")
    assert table.update(update) == ConditionNotMet(None)


def test_a_transaction_writes_all_or_nothing(table: Table) -> None:
    table.put(Put({"pk": "a", "sk": "s"}))
    new = Put({"pk": "b", "sk": "s"})
    outcome = table.transact(new, Put({"pk": "a", "sk": "s"}))
    assert outcome == Cancelled((None, ConditionNotMet({"pk": "a", "sk": "s"})))
    assert table.get("b", "s") is None
    assert table.transact(new, Delete("a", "s")) == Committed()
    assert (table.get("a", "s"), table.get("b", "s")) == (None, {"pk": "b", "sk": "s"})


def test_many_items_are_read_in_as_many_requests_as_it_takes(table: Table) -> None:
    keys = [(f"p{n}", "s") for n in range(105)]
    for pk, sk in keys:
        table.put(Put({"pk": pk, "sk": sk}))
    found = table.get_all([*keys, ("missing", "s")])
    assert sorted((item["pk"], item["sk"]) for item in found) == sorted(keys)


def test_every_page_of_a_partition_is_read(table: Table) -> None:
    """A page holds 1 MB."""
    for n in range(4):
        table.put(Put({"pk": "p", "sk": f"s{n}", "text": "x" * 390_000}))
    pages = list(table.query("p"))
    assert len(pages) > 1
    assert [item["sk"] for page in pages for item in page] == ["s0", "s1", "s2", "s3"]


def test_a_query_keeps_to_its_sort_keys(table: Table) -> None:
    for sk in ("E#1", "E#2", "M", "\U0010fffe"):
        table.put(Put({"pk": "p", "sk": sk}))

    def found(**bounds: Any) -> list[str]:
        return [item["sk"] for page in table.query("p", **bounds) for item in page]

    assert found() == ["E#1", "E#2", "M", "\U0010fffe"]
    assert found(low="E#2", high="E#~") == ["E#2"]


@pytest.mark.parametrize("code", sorted(NOT_APPLIED))
def test_a_write_that_was_not_applied_is_tried_again(cloud: MotoCloud, code: str) -> None:
    table, client = _faulty(cloud, code, code)
    assert isinstance(table.put(Put({"pk": "a", "sk": "s"})), Written)
    assert client.calls == 3


def test_a_throttled_write_ends_after_a_bounded_time(cloud: MotoCloud) -> None:
    table, client = _faulty(cloud, *["ThrottlingException"] * 1_000)
    started_ms = cloud.system.now_ms()
    with pytest.raises(Contention):
        table.put(Put({"pk": "a", "sk": "s"}))
    assert 1 < client.calls <= CONTENTION_ATTEMPTS_MAX
    longest_pause_ms = CONTENTION_PAUSE_MS * 2 * 16
    assert cloud.system.now_ms() - started_ms <= CONTENTION_MS_MAX + longest_pause_ms


@pytest.mark.parametrize("code", ["InternalServerError", "AccessDeniedException"])
def test_a_write_of_unknown_outcome_is_not_tried_again(cloud: MotoCloud, code: str) -> None:
    table, client = _faulty(cloud, code)
    with pytest.raises(ClientError):
        table.update(Update("a", "s", expression="ADD n :n", values={":n": 1}), once=True)
    assert client.calls == 1


@pytest.mark.parametrize(
    "reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]
)
def test_a_transaction_that_was_not_applied_is_tried_again(cloud: MotoCloud, reason: str) -> None:
    table, client = _faulty(cloud, "TransactionCanceledException", reasons=("None", reason))
    assert table.transact(Put({"pk": "a", "sk": "s"})) == Committed()
    assert client.calls == 2


def test_a_condition_decides_even_beside_a_conflict(cloud: MotoCloud) -> None:
    reasons = ("ConditionalCheckFailed", "TransactionConflict")
    table, client = _faulty(cloud, "TransactionCanceledException", reasons=reasons)
    outcome = table.transact(Put({"pk": "a", "sk": "s"}), Put({"pk": "b", "sk": "s"}))
    assert outcome == Cancelled((ConditionNotMet(None), None))
    assert client.calls == 1


def test_a_transaction_that_can_never_work_is_not_tried_again(cloud: MotoCloud) -> None:
    reasons = ("ValidationError", "TransactionConflict")
    table, client = _faulty(cloud, "TransactionCanceledException", reasons=reasons)
    with pytest.raises(ClientError):
        table.transact(Put({"pk": "a", "sk": "s"}))
    assert client.calls == 1


def test_pauses_grow_and_are_drawn_by_lot(cloud: MotoCloud, table: Table) -> None:
    def pauses(jitter: float) -> Iterator[int]:
        cloud.system.jitter = jitter
        for attempt in range(6):
            before_ms = cloud.system.now_ms()
            table.pause(attempt)
            yield cloud.system.now_ms() - before_ms

    assert list(pauses(0)) == [0] * 6
    assert list(pauses(0.5)) == [25, 50, 100, 200, 400, 400]
