"""M12: published events go to an EventBridge bus, with the numbers that clients see."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import event_bus
import pytest

from infra.specs.event_bus import of_bus
from scorecast.aws.dynamodb.match_changes import Outgoing
from scorecast.aws.event_bus import EventBus
from scorecast.protocol.limits import SENT_BYTES_MAX
from tests.harness.fake_api import FakeApi
from tests.harness.wire import Wire
from tests.message_schemas import faults

Sent = dict[str, Any]
OFFICIAL = "the-official"
EVENTBRIDGE_BYTES_MAX = 256 * 1024


@pytest.fixture
def sent(wire: Wire) -> Callable[[], list[Sent]]:
    """The entries of all requests to EventBridge, in order."""

    def entries() -> Iterator[Sent]:
        for attempt in wire.attempts:
            if attempt.operation == "PutEvents":
                yield from attempt.body["Entries"]

    return lambda: list(entries())


def played(fake_api: FakeApi) -> list[dict[str, Any]]:
    """A match with two windows; what a spectator received of it."""
    fake_api.register("m1")
    watching = fake_api.enter("spectator", match_id="m1")
    official = fake_api.enter(token=fake_api.token(OFFICIAL, role="admin"))
    official.ask("match_start", match_id="m1")
    fake_api.cloud.flush("m1")
    for goals in (1, 2):
        score = {"participant1_score": goals, "participant2_score": 0}
        official.ask("score_update", match_id="m1", **score)
        if goals == 1:
            fake_api.cloud.flush("m1", request_id="first")
    official.ask("match_complete", match_id="m1", winner_id="p1")
    fake_api.cloud.flush("m1", request_id="last")
    return [each for each in watching.messages if "sequence" in each.get("data", {})]


def send(fake_api: FakeApi) -> Any:
    return event_bus.handler({"Records": fake_api.cloud.stream()}, fake_api.cloud.context)


def test_M12_what_a_room_received_goes_to_the_bus_with_its_numbers(
    fake_api: FakeApi, sent: Callable[[], list[Sent]]
) -> None:
    received = {
        (each["type"], each["data"]["sequence"]): each["data"]
        for each in played(fake_api)
        if "revision" in each["data"] or each["type"].startswith("match_")
    }

    assert send(fake_api) == {"batchItemFailures": []}

    entries = {
        (each["DetailType"], json.loads(each["Detail"])["sequence"]): json.loads(each["Detail"])
        for each in sent()
        if json.loads(each["Detail"]).get("match_id") == "m1"
    }
    for each in sent():
        on_the_bus = {
            "source": each["Source"],
            "detail-type": each["DetailType"],
            "detail": json.loads(each["Detail"]),
        }
        assert faults(on_the_bus, f"messages/{of_bus(each['DetailType'])}/payload") == []
    assert {kind for kind, _ in received} >= {"match_started", "score_updated", "match_completed"}
    assert {key: entries.get(key) for key in received} == received
    assert {each["Source"] for each in sent()} == {"scorecast"}
    assert OFFICIAL not in str(entries)


def test_M12_the_events_of_a_match_are_sent_in_its_order(
    fake_api: FakeApi, sent: Callable[[], list[Sent]]
) -> None:
    played(fake_api)
    send(fake_api)
    details = [json.loads(each["Detail"]) for each in sent()]
    numbers = [each["sequence"] for each in details if each.get("match_id") == "m1"]
    assert numbers == sorted(numbers) and len(numbers) >= 4


def test_scores_stay_here_unless_they_are_asked_for(
    fake_api: FakeApi, sent: Callable[[], list[Sent]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLISH_SCORES", "false")
    played(fake_api)
    send(fake_api)
    kinds = {each["DetailType"] for each in sent()}
    assert "match_completed" in kinds and "score_updated" not in kinds
    assert OFFICIAL not in str(sent())


class Bus:
    """A bus that refuses one event."""

    def __init__(self, refused: int) -> None:
        self.refused, self.requests = refused, list[list[int]]()

    def put_events(self, *, Entries: Any) -> Any:
        numbers = [json.loads(each["Detail"])["sequence"] for each in Entries]
        self.requests.append(numbers)
        return {"FailedEntryCount": int(self.refused in numbers)}


def test_an_event_that_the_bus_refuses_is_overtaken_by_none_of_its_match() -> None:
    bus = Bus(refused=2)
    events = [Outgoing("match_started", {"sequence": n}, "m:m1") for n in (1, 2, 3)]
    with pytest.raises(Exception, match="events"):
        EventBus("events", bus).put(events)
    assert bus.requests == [[1], [2]]


def test_the_largest_events_do_not_share_a_request() -> None:
    bus = Bus(refused=-1)
    large = {"note": "x" * (SENT_BYTES_MAX - 100)}
    events = [Outgoing("match_started", {"sequence": n, **large}, f"m:m{n}") for n in range(10)]
    EventBus("events", bus).put(events)
    assert [number for request in bus.requests for number in request] == list(range(10))
    assert max(map(len, bus.requests)) * SENT_BYTES_MAX < EVENTBRIDGE_BYTES_MAX


def test_events_of_different_matches_share_a_request() -> None:
    bus = Bus(refused=-1)
    events = [Outgoing("match_started", {"sequence": n}, f"m:m{n % 12}") for n in range(12)]
    EventBus("events", bus).put(events)
    assert bus.requests == [list(range(10)), [10, 11]]
