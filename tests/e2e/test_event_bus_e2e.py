"""M12: what a match publishes goes to the bus of `EventBusName`, and on to those who ask."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from scorecast_client.publisher import Publisher
from tests.e2e.cup import Cup
from tests.e2e.deployed import EVENT_BUS, Deployed, unique, until

WAIT_SECONDS = 5


class Inbox:
    """A queue that a rule sends the service's events to."""

    def __init__(self, deployed: Deployed) -> None:
        self.name = unique("inbox")
        self._sqs, self._events = deployed.aws.client("sqs"), deployed.aws.client("events")
        self._url = self._sqs.create_queue(QueueName=self.name)["QueueUrl"]
        asked = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        pattern = json.dumps({"source": ["scorecast"]})
        self._events.put_rule(Name=self.name, EventBusName=EVENT_BUS, EventPattern=pattern)
        target = {"Id": "inbox", "Arn": asked["Attributes"]["QueueArn"]}
        self._events.put_targets(Rule=self.name, EventBusName=EVENT_BUS, Targets=[target])
        self.events: list[dict[str, Any]] = []

    def receive(self) -> None:
        received = self._sqs.receive_message(
            QueueUrl=self._url, WaitTimeSeconds=WAIT_SECONDS, MaxNumberOfMessages=10
        )
        self.events += [json.loads(message["Body"]) for message in received.get("Messages", ())]

    def close(self) -> None:
        self._events.remove_targets(Rule=self.name, EventBusName=EVENT_BUS, Ids=["inbox"])
        self._events.delete_rule(Name=self.name, EventBusName=EVENT_BUS)
        self._sqs.delete_queue(QueueUrl=self._url)


@pytest.fixture
def inbox(deployed: Deployed) -> Iterator[Inbox]:
    opened = Inbox(deployed)
    yield opened
    opened.close()


def test_M12_the_decisive_events_of_a_match_reach_a_rule_of_the_bus(
    cup: Cup, publisher: Publisher, inbox: Inbox
) -> None:
    match = cup.new_match()
    watching = cup.enter(cup.token(unique("watching")), match_id=match.id)
    publisher.start(match.id)
    publisher.complete(match.id, winner_id=match.first)
    sent = [watching.receive(kind) for kind in ("match_started", "match_completed")]

    def of_match() -> dict[str, Any]:
        own = [each for each in inbox.events if each["detail"].get("match_id") == match.id]
        return {each["detail-type"]: each["detail"] for each in own}

    def has_all() -> bool:
        inbox.receive()
        return of_match().keys() >= {"match_registered", "match_started", "match_completed"}

    until(has_all)
    found = of_match()
    assert [found["match_started"], found["match_completed"]] == sent
    assert found["match_registered"]["sequence"] == 1
