"""What stands in the tables, rate counters aside."""

from typing import Any

from tests.harness.fake_api import FakeApi

Rows = dict[tuple[str, str], dict[str, Any]]


def kept(stage: FakeApi) -> Rows:
    cloud = stage.cloud
    rows = cloud.rows(cloud.connections_table) | cloud.rows(cloud.matches_table)
    return {key: row for key, row in rows.items() if not key[1].startswith("A")}
