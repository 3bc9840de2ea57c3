"""What stands in the tables, rate counters aside."""

from typing import Any

from tests.harness.fake_api import FakeApi

Items = dict[tuple[str, str], dict[str, Any]]


def kept(fake_api: FakeApi) -> Items:
    cloud = fake_api.cloud
    items = cloud.items(cloud.connections_table) | cloud.items(cloud.matches_table)
    return {key: item for key, item in items.items() if not key[1].startswith("A")}
