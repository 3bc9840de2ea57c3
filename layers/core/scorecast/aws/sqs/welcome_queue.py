"""The standard queue of welcomes: connections that are to be greeted once they are open."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecast.aws.sqs.records import Record
from scorecast.protocol.strict_json import compact

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class Greeting:
    """A connection to greet, and the ids that its URL asked for, unchecked against the tables."""

    connection_id: str
    match_id: str | None
    tournament_id: str | None


@dataclass(frozen=True, slots=True)
class Welcomes:
    queue_url: str
    client: "SQSClient"

    def send(self, greeting: Greeting) -> None:
        body = {
            "connection_id": greeting.connection_id,
            "match_id": greeting.match_id,
            "tournament_id": greeting.tournament_id,
        }
        self.client.send_message(QueueUrl=self.queue_url, MessageBody=compact(body))


def greeting_of(record: Record) -> Greeting:
    body = json.loads(record.body)
    return Greeting(body["connection_id"], body["match_id"], body["tournament_id"])
