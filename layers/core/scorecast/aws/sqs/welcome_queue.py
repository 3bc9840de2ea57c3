"""The standard queue of welcome requests: connections to welcome once they are open."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecast.aws.sqs.records import Record, correlated
from scorecast.protocol.strict_json import compact

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class WelcomeRequest:
    """A connection to welcome, and the ids in its URL, not yet looked up."""

    connection_id: str
    match_id: str | None
    tournament_id: str | None


@dataclass(frozen=True, slots=True)
class WelcomeQueue:
    queue_url: str
    client: "SQSClient"

    def send(self, request: WelcomeRequest) -> None:
        body = {
            "connection_id": request.connection_id,
            "match_id": request.match_id,
            "tournament_id": request.tournament_id,
        }
        self.client.send_message(
            QueueUrl=self.queue_url, MessageBody=compact(body), MessageAttributes=correlated()
        )


def request_of(record: Record) -> WelcomeRequest:
    body = json.loads(record.body)
    return WelcomeRequest(body["connection_id"], body["match_id"], body["tournament_id"])
