"""Tables, queues and secrets: what is kept, what is repeated, what is kept apart."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from scorecast.protocol.limits import RECORD_RETRY_SECONDS, STREAM_RECORDS_MAX
from tests.template.conftest import Resource, Resources, is_stream

OfType = Callable[[str], Resources]
KEPT_IN_PRODUCTION = {"Fn::If": ["ProtectsData", "Retain", "Delete"]}
DEFAULT_RETENTION_SECONDS = 4 * 24 * 3600
INDEXES: dict[str, dict[str, list[str]]] = {
    "LiveConnectionsTable": {
        "by_counter": ["counts", "pk"],
    },
    "MatchesTable": {"pending": ["pending", "pending_since_ms"]},
    "HistoryTable": {},
}
WARMED = sorted(set(INDEXES) - {"HistoryTable"})
"""Tables that somebody waits for. The history is written from a stream, whose records wait."""


def _keys(schema: list[dict[str, str]]) -> list[str]:
    assert [key["KeyType"] for key in schema] == ["HASH", "RANGE"]
    return [key["AttributeName"] for key in schema]


def test_the_tables_are_those_that_the_code_knows(of_type: OfType) -> None:
    assert set(of_type("AWS::DynamoDB::Table")) == set(INDEXES)


@pytest.mark.parametrize("table", sorted(INDEXES))
def test_a_table_has_its_keys_and_indexes(table: str, resources: Resources) -> None:
    properties = resources[table]["Properties"]
    indexes = properties.get("GlobalSecondaryIndexes", [])

    assert _keys(properties["KeySchema"]) == ["pk", "sk"]
    found = {index["IndexName"]: _keys(index["KeySchema"]) for index in indexes}
    assert found.items() >= INDEXES[table].items()


@pytest.mark.parametrize("table", sorted(INDEXES))
def test_a_table_is_paid_by_use_encrypted_and_forgets(table: str, resources: Resources) -> None:
    properties = resources[table]["Properties"]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


@pytest.mark.parametrize("name", [*sorted(INDEXES), "JwtSecret", "IpHashSecret"])
def test_production_keeps_what_cannot_be_made_again(name: str, resources: Resources) -> None:
    assert resources[name]["DeletionPolicy"] == KEPT_IN_PRODUCTION
    assert resources[name]["UpdateReplacePolicy"] == KEPT_IN_PRODUCTION


@pytest.mark.parametrize("table", sorted(INDEXES))
def test_production_can_refuse_to_delete_a_table(table: str, resources: Resources) -> None:
    properties = resources[table]["Properties"]
    assert properties["DeletionProtectionEnabled"] == {"Ref": "ProtectData"}
    recovery = properties["PointInTimeRecoverySpecification"]
    assert recovery == {"PointInTimeRecoveryEnabled": {"Ref": "PointInTimeRecovery"}}


@pytest.mark.parametrize("table", WARMED)
def test_a_table_is_warmed_with_its_indexes_by_parameter(
    table: str, resources: Resources, template: dict[str, Any]
) -> None:
    """An index that is not warm throttles the writes of its table."""
    properties = resources[table]["Properties"]
    units = {
        "WriteUnitsPerSecond": {"Ref": "WarmWriteUnits"},
        "ReadUnitsPerSecond": {"Ref": "WarmReadUnits"},
    }
    for warmed in (properties, *properties["GlobalSecondaryIndexes"]):
        assert warmed["WarmThroughput"] == {
            "Fn::If": ["WarmsTables", units, {"Ref": "AWS::NoValue"}]
        }
    assert template["Parameters"]["WarmWriteUnits"]["Default"] == 0


@dataclass(frozen=True)
class Feed:
    """A function that a queue feeds."""

    mapping: Resource
    queue: Resource
    function: Resource


@pytest.fixture
def feeds(of_type: OfType, resources: Resources) -> dict[str, Feed]:
    found = {}
    for mapping in of_type("AWS::Lambda::EventSourceMapping").values():
        properties = mapping["Properties"]
        if is_stream(properties):
            continue
        queue = resources[properties["EventSourceArn"]["Fn::GetAtt"][0]]["Properties"]
        function = resources[properties["FunctionName"]["Ref"]]["Properties"]
        found[function["Handler"].removesuffix(".handler")] = Feed(properties, queue, function)
    return found


def test_queues_feed_the_functions_that_they_should(feeds: dict[str, Feed]) -> None:
    assert set(feeds) >= {"welcome", "flush"}


def test_a_record_stays_hidden_while_its_function_may_run_and_hardly_longer(
    feeds: dict[str, Feed],
) -> None:
    """AWS refuses less than the timeout. Six times as much, its advice, holds a killed match up."""
    for name, feed in feeds.items():
        timeout_s, hidden_s = feed.function["Timeout"], feed.queue["VisibilityTimeout"]
        assert timeout_s < hidden_s <= 1.2 * timeout_s, name


def test_a_match_whose_flush_was_killed_comes_again_within_twenty_seconds(
    feeds: dict[str, Feed],
) -> None:
    assert feeds["flush"].queue["VisibilityTimeout"] <= 18
    assert feeds["fanout"].queue["VisibilityTimeout"] <= 18


def test_dead_letters_can_be_reached_before_a_record_expires(feeds: dict[str, Feed]) -> None:
    for name, feed in feeds.items():
        receives = feed.queue["RedrivePolicy"]["maxReceiveCount"] + 1
        longest_s = feed.queue["VisibilityTimeout"] * receives
        assert feed.queue["MessageRetentionPeriod"] > longest_s, name


def test_a_welcome_outlasts_half_a_minute_of_throttling(feeds: dict[str, Feed]) -> None:
    receives = feeds["welcome"].queue["RedrivePolicy"]["maxReceiveCount"]
    assert receives * RECORD_RETRY_SECONDS >= 30


def test_a_record_outlives_all_its_tries(feeds: dict[str, Feed]) -> None:
    """It becomes a dead letter on the receive after the last one; before, it may expire."""
    for name, feed in feeds.items():
        receives = feed.queue["RedrivePolicy"]["maxReceiveCount"] + 1
        kept_seconds = feed.queue.get("MessageRetentionPeriod", DEFAULT_RETENTION_SECONDS)
        assert kept_seconds > feed.queue["VisibilityTimeout"] * receives, name


def test_a_batch_may_fail_in_part(feeds: dict[str, Feed]) -> None:
    for name, feed in feeds.items():
        assert feed.mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name


def test_what_keeps_failing_is_set_aside_and_outlives_its_queue(
    feeds: dict[str, Feed], resources: Resources
) -> None:
    for name, feed in feeds.items():
        redrive = feed.queue["RedrivePolicy"]
        dead = resources[redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]]["Properties"]
        kept_seconds = feed.queue.get("MessageRetentionPeriod", DEFAULT_RETENTION_SECONDS)

        assert 3 <= redrive["maxReceiveCount"] <= 30, name
        assert dead.get("FifoQueue") == feed.queue.get("FifoQueue"), name
        assert dead["MessageRetentionPeriod"] > kept_seconds, name


@pytest.fixture
def stream(of_type: OfType) -> Resource:
    """The mapping from the stream of the matches table to `history`."""
    mappings = [each["Properties"] for each in of_type("AWS::Lambda::EventSourceMapping").values()]
    found: list[Resource]
    found = [each for each in mappings if each["FunctionName"] == {"Ref": "HistoryFunction"}]
    [mapping] = found
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": ["MatchesTable", "StreamArn"]}
    return mapping


def test_the_history_is_written_from_a_stream_of_old_and_new_items(resources: Resources) -> None:
    streams = {name: resources[name]["Properties"].get("StreamSpecification") for name in INDEXES}
    assert streams == {
        "LiveConnectionsTable": None,
        "MatchesTable": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
        "HistoryTable": None,
    }


def test_a_record_of_the_stream_comes_again_until_it_is_a_dead_letter(
    stream: Resource, resources: Resources
) -> None:
    assert stream["StartingPosition"] == "TRIM_HORIZON"
    assert stream["BatchSize"] == STREAM_RECORDS_MAX
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["BisectBatchOnFunctionError"] is True
    assert "MaximumRetryAttempts" not in stream, "an outage may last longer than some tries"
    dead = stream["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
    assert dead == "HistoryDeadLetterQueue"
    assert resources[dead]["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_a_dead_letter_of_the_stream_can_still_be_read_from_it(stream: Resource) -> None:
    """The stream keeps a record for a day, and somebody has to look at the alarm."""
    assert stream["MaximumRecordAgeInSeconds"] <= 12 * 3600


def test_every_queue_is_encrypted(of_type: OfType) -> None:
    for queue in of_type("AWS::SQS::Queue").values():
        assert queue["Properties"]["SqsManagedSseEnabled"] is True


def test_flush_requests_of_one_match_hold_up_no_other(resources: Resources) -> None:
    queue = resources["FlushQueue"]["Properties"]
    assert queue["FifoQueue"] is True
    assert queue["DeduplicationScope"] == "messageGroup"
    assert queue["FifoThroughputLimit"] == "perMessageGroupId"
    assert queue["ContentBasedDeduplication"] is False
