import json
import threading
from typing import Any

import flush
import pytest

from scorecast.domain.rooms import match_room
from tests import examples
from tests.harness.moto_cloud import MotoCloud


def _records(*pairs: tuple[str, str]) -> Any:
    """A batch of flush requests, each by its message id and its match."""
    (record,) = examples.event("flush_requests")["Records"]
    return {
        "Records": [
            record
            | {
                "messageId": message_id,
                "body": json.dumps({"match_id": match_id}),
                "attributes": record["attributes"] | {"MessageGroupId": match_id},
            }
            for message_id, match_id in pairs
        ]
    }


def _flush(cloud: MotoCloud, event: Any) -> list[str]:
    """Ids of the records that are to come again."""
    response = flush.handler(event, cloud.context)
    return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


def test_a_flush_request_as_sqs_delivers_it_publishes_the_score(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.connect("c1", match_room("m1"))
    cloud.execute(examples.score_update(1))
    assert _flush(cloud, examples.event("flush_requests")) == []
    assert cloud.api.types("c1") == ["score_updated"]


def test_a_batch_of_two_matches_publishes_both(cloud: MotoCloud) -> None:
    cloud.register("m1", "m2")
    for n in (1, 2):
        cloud.connect(f"c{n}", match_room(f"m{n}"))
        cloud.execute(examples.score_update(n, match_id=f"m{n}"))
    assert _flush(cloud, _records(("a", "m1"), ("b", "m2"), ("c", "m1"))) == []
    assert [len(cloud.api.messages(f"c{n}")) for n in (1, 2)] == [1, 1]
    assert cloud.api.messages("c2")[0]["data"]["participant1_score"] == 2


def test_one_matchs_hanging_viewer_delays_no_other_match(cloud: MotoCloud) -> None:
    cloud.register("m1", "m2")
    for n in (1, 2):
        cloud.connect(f"c{n}", match_room(f"m{n}"))
        cloud.execute(examples.score_update(n, match_id=f"m{n}"))
    cloud.api.hanging.add("c1")
    batch = threading.Thread(target=_flush, args=(cloud, _records(("a", "m1"), ("b", "m2"))))
    batch.start()
    with cloud.api.changed:
        assert cloud.api.changed.wait_for(lambda: cloud.api.bodies.get("c2"), 10)
    assert cloud.api.bodies["c1"] == []
    cloud.api.letting_go.set()
    batch.join()
    assert cloud.api.types("c1") == ["score_updated"]


def test_a_record_that_is_not_a_flush_request_comes_again_and_fails_no_other(
    cloud: MotoCloud,
) -> None:
    cloud.register("m1")
    cloud.connect("c1", match_room("m1"))
    cloud.execute(examples.score_update(1))
    event = _records(("a", "m0"), ("b", "m1"))
    event["Records"][0]["body"] = "nonsense"
    assert _flush(cloud, event) == ["a"]
    assert cloud.api.types("c1") == ["score_updated"]


def test_a_flush_request_that_fails_comes_again_with_those_after_it(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATCHES_TABLE", "no-such-table")
    event = _records(("a", "m1"), ("b", "m1"), ("c", "m2"))
    assert sorted(_flush(cloud, event)) == ["a", "b", "c"]
