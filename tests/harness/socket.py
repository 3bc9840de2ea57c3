"""A client's connection to the fake API."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import disconnect
import message

from scorecast.aws.dynamodb.connection_items import connection_key
from tests.harness.events import disconnect_event, message_event
from tests.message_schemas import must_be_documented

if TYPE_CHECKING:
    from tests.harness.fake_api import FakeApi

type Message = dict[str, Any]


@dataclass
class Socket:
    """One client's connection, or its refusal: `status` is what the handshake ended with."""

    api: "FakeApi"
    id: str
    status: int
    body: str = ""
    authorizer: dict[str, str] = field(default_factory=dict)
    connected_at_ms: int = field(init=False)

    def __post_init__(self) -> None:
        self.connected_at_ms = self.api.cloud.system.now_ms()

    @property
    def is_open(self) -> bool:
        return self.status == 200 and self.id not in self.api.cloud.api.closed

    @property
    def has_not_left(self) -> bool:
        """Whether, as far as its client knows, it is open."""
        return self.status == 200 and self.api.cloud.api.statuses.get(self.id) != 410

    @property
    def messages(self) -> list[Message]:
        """What was posted to it, without the replies to its own messages."""
        return self.api.cloud.api.messages(self.id)

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.messages]

    @property
    def goodbyes(self) -> list[tuple[int, str]]:
        """Code and reason of each goodbye."""
        return [
            (each["code"], each["reason"]) for each in self.messages if each["type"] == "goodbye"
        ]

    def send_text(self, text: str) -> Message | None:
        """Send a message; the reply, if there is one."""
        answered = self.respond(text)
        return json.loads(answered["body"]) if "body" in answered else None

    def respond(self, text: str) -> dict[str, Any]:
        """Send a message; the whole of the route's response."""
        now_ms = self.api.cloud.system.now_ms()
        event = message_event(self.id, self.authorizer, text, now_ms=now_ms)
        response = message.handler(event, self.api.cloud.context)
        if "body" in response:
            must_be_documented(response["body"])
        return response

    def command(self, kind: str, **fields: Any) -> Message | None:
        """Send a command; the reply, if there is one."""
        return self.send_text(json.dumps({"type": kind, **fields}))

    def ask(self, kind: str, **fields: Any) -> Message:
        """Send a command that has a reply."""
        answer = self.command(kind, **fields)
        assert answer is not None
        return answer

    def vanish(self) -> None:
        """Go without a `$disconnect`."""
        self.api.cloud.api.statuses[self.id] = 410

    def close(self) -> int:
        """Go; the status of `$disconnect`, which may come more than once."""
        self.vanish()
        event = disconnect_event(self.id, self.authorizer, connected_at_ms=self.connected_at_ms)
        return int(disconnect.handler(event, self.api.cloud.context)["statusCode"])

    def item(self) -> dict[str, Any]:
        table = self.api.cloud.connections_table
        key = connection_key(self.id)
        return self.api.cloud.items(table, key[0])[key]
