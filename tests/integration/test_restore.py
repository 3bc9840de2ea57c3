"""The runbook's restore: a table of point-in-time recovery, copied into the stack's own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from infra import restore
from tests.harness.moto_cloud import MotoCloud

RESTORED = "restored-matches"
FINAL = {"pk": "M#final", "sk": "M"}
GOAL = {"pk": "M#final", "sk": "E#000001"}
OTHER = {"pk": "M#other", "sk": "M"}


@pytest.fixture
def table(cloud: MotoCloud) -> Iterator[Any]:
    """The stack's table of matches, after it has been recovered as it was with three items."""
    table = boto3.resource("dynamodb").Table(cloud.matches_table)
    for key, score in ((FINAL, 2), (GOAL, 2), (OTHER, 0)):
        table.put_item(Item=key | {"score": score})
    dynamodb = boto3.client("dynamodb")
    dynamodb.update_continuous_backups(
        TableName=cloud.matches_table,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    dynamodb.restore_table_to_point_in_time(
        SourceTableName=cloud.matches_table,
        TargetTableName=RESTORED,
        RestoreDateTime=datetime.now(UTC),
    )
    yield table
    dynamodb.delete_table(TableName=RESTORED)


def score(table: Any, key: dict[str, str]) -> Any:
    return table.get_item(Key=key).get("Item", {}).get("score")


def restored(table: Any, *options: str) -> int:
    return restore.main(["--from", RESTORED, "--into", table.name, *options])


def test_what_is_missing_comes_back_and_what_is_newer_stays(
    table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    table.delete_item(Key=GOAL)
    table.put_item(Item=FINAL | {"score": 3})

    assert restored(table) == 0
    assert [score(table, key) for key in (FINAL, GOAL, OTHER)] == [3, 2, 0]
    assert capsys.readouterr().out == "3 items read, 1 written.\n"
    assert restored(table) == 0  # again: there is nothing to do
    assert capsys.readouterr().out == "3 items read, 0 written.\n"


def test_one_match_goes_back_when_it_is_to_be_overwritten(table: Any) -> None:
    table.put_item(Item=FINAL | {"score": 9})
    table.put_item(Item=OTHER | {"score": 9})

    assert restored(table, "--key", "M#final", "--overwrite") == 0
    assert [score(table, key) for key in (FINAL, OTHER)] == [2, 9]


def test_a_table_that_does_not_exist_is_named(
    table: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert restore.main(["--from", "nowhere", "--into", table.name]) == 2
    assert "ResourceNotFoundException" in capsys.readouterr().err
