"""M12: MiniStack's EventBridge hands on what the adapter sends, as the document describes it."""

import json
from typing import Any

import pytest

from infra.local.aws import LocalAws
from infra.specs.event_bus import of_bus
from scorecast.aws.dynamodb.match_changes import Outgoing
from scorecast.aws.event_bus import EventBus
from tests.emulators.ministack import Cloud
from tests.message_schemas import faults

BUS = "scores"
STARTED = {"match_id": "m1", "tournament_id": "t1", "server_time": 1_795_360_250_000, "sequence": 2}


@pytest.fixture
def aws(cloud: Cloud) -> LocalAws:
    return LocalAws(cloud.endpoint)


@pytest.fixture
def queue(aws: LocalAws) -> str:
    """The URL of a queue that a rule of the bus sends the service's events to."""
    sqs, events = aws.client("sqs"), aws.client("events")
    url = sqs.create_queue(QueueName=BUS)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    events.create_event_bus(Name=BUS)
    pattern = json.dumps({"source": ["scorecast"], "detail-type": ["match_started"]})
    events.put_rule(Name=BUS, EventBusName=BUS, EventPattern=pattern)
    target = {"Id": "queue", "Arn": attributes["QueueArn"]}
    events.put_targets(Rule=BUS, EventBusName=BUS, Targets=[target])
    return str(url)


def test_M12_a_rule_on_the_bus_gets_the_events_that_it_asks_for(aws: LocalAws, queue: str) -> None:
    sent = [
        Outgoing("match_registered", {"sequence": 1}, "m1"),
        Outgoing("match_started", STARTED, "m1"),
    ]

    EventBus(BUS, aws.client("events")).put(sent)

    received = aws.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    [event] = [json.loads(message["Body"]) for message in received]
    assert event["detail"] == STARTED
    described: dict[str, Any] = {name: event[name] for name in ("source", "detail-type", "detail")}
    assert faults(described, f"messages/{of_bus('match_started')}/payload") == []
