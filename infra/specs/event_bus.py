"""The part of the AsyncAPI document about the EventBridge bus that events may go to."""

from typing import Any, Final

from infra.specs.examples import OF_THE_SERVER, Message
from infra.specs.schemas import Schema
from scorecast.aws.event_bus import SOURCE

type Document = dict[str, Any]

CHANNEL: Final = "eventBus"
SERVER: Final = "eventBridge"
OPERATION: Final = "publishToEventBus"


def of_bus(kind: str) -> str:
    """The name of an event's message on the bus."""
    return f"bus.{kind}"


def server() -> Document:
    return {
        "host": "events.{region}.amazonaws.com",
        "protocol": "eventbridge",
        "description": (
            "Amazon EventBridge. Rules on the bus choose events by `source` and `detail-type`. Each"
            " event is sent at least once, those of a match or tournament in their order."
        ),
        "variables": {"region": {"description": "The stack's region.", "default": "eu-central-1"}},
    }


def channel(kinds: list[str]) -> Document:
    return {
        "address": "{EventBusName}",
        "description": "The bus of the parameter `EventBusName`; without it nothing is sent.",
        "parameters": {"EventBusName": {"description": "The bus's name."}},
        "servers": [{"$ref": f"#/servers/{SERVER}"}],
        "messages": {
            of_bus(kind): {"$ref": f"#/components/messages/{of_bus(kind)}"} for kind in kinds
        },
    }


def operation(kinds: list[str]) -> Document:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{CHANNEL}"},
        "summary": (
            "A published event, to other systems: every decisive one, and `score_updated` with"
            " `PublishScores`. Drop repeats by match or tournament and `sequence`."
        ),
        "messages": [{"$ref": f"#/channels/{CHANNEL}/messages/{of_bus(kind)}"} for kind in kinds],
    }


def messages(kinds: list[str], payloads: dict[str, Schema]) -> Document:
    return {of_bus(kind): _message(kind, payloads[kind]) for kind in kinds}


def _message(kind: str, payload: Schema) -> Document:
    properties = {
        "source": {"const": SOURCE},
        "detail-type": {"const": kind},
        "detail": {"$ref": f"{payload['$ref']}/properties/data"},
    }
    return {
        "name": kind,
        "summary": f"`{kind}` as EventBridge has it: `detail` is the `data` that rooms receive.",
        "payload": {
            "type": "object",
            "required": list(properties),
            "properties": properties,
        },
        "examples": [{"payload": _example(kind, example)} for example in OF_THE_SERVER[kind]],
    }


def _example(kind: str, example: Message) -> Message:
    return {"source": SOURCE, "detail-type": kind, "detail": example["data"]}
