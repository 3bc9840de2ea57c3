"""The AsyncAPI 3.0 document of the WebSocket API and of the bus; the application is the service."""

import json
from typing import Any, Final

from infra.specs import event_bus
from infra.specs.examples import OF_CLIENTS, OF_THE_SERVER, Message
from infra.specs.schemas import (
    GATEWAY_ERROR,
    NOT_IN_SCHEMAS,
    SENT,
    Schema,
    command_schema,
    command_shapes,
    server_schemas,
    summary,
)
from scorecast.domain.connections.handshake import SUB_PROTOCOL
from scorecast.protocol.commands import COMMANDS
from scorecast.protocol.ids import ID_PATTERN
from scorecast.protocol.limits import TICKET_SECONDS, TOKEN_CHARACTERS_MAX
from scorecast.protocol.messages import VERSION

type Document = dict[str, Any]

CHANNEL: Final = "socket"
SERVER: Final = "aws"
UNASKED: Final = {
    "sendWelcome": ("The first message to a new connection.", ("connection_established",)),
    "sendMatchEvent": (
        "An event of a match, to its room and to its tournament's.",
        (
            "score_updated",
            "match_started",
            "match_state_changed",
            "dispute_created",
            "dispute_resolved",
            "match_completed",
            "result_amended",
            "match_reopened",
            "match_registered",
            "match_updated",
            "match_deleted",
        ),
    ),
    "sendTournamentEvent": (
        "An event of a tournament, to its room.",
        ("bracket_generated", "bracket_updated", "tournament_completed", "tournament_reopened"),
    ),
    "sendViewerCount": ("How many connections are in a room, to that room.", ("viewers",)),
    "sendBatch": (
        "Several events at once, to the members of a large room that has fallen behind.",
        ("batch",),
    ),
    "sendPing": ("To a client that has been silent.", ("ping",)),
    "sendError": (
        "An error that no command caused: a dropped message, an expired token, a room of the URL"
        " that cannot be joined.",
        ("error", GATEWAY_ERROR),
    ),
    "sendGoodbye": ("Why the server closes the connection.", ("goodbye",)),
}
"""What the server sends without being asked: why, and which messages."""

ON_THE_BUS: Final = [
    kind for name in ("sendMatchEvent", "sendTournamentEvent") for kind in UNASKED[name][1]
]
"""What goes to the EventBridge bus, too."""


def text() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def document() -> Document:
    payloads, shapes = server_schemas()
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": "application/json",
        "servers": {SERVER: _server(), event_bus.SERVER: event_bus.server()},
        "channels": {CHANNEL: _channel(), event_bus.CHANNEL: event_bus.channel(ON_THE_BUS)},
        "operations": _received()
        | _sent()
        | {event_bus.OPERATION: event_bus.operation(ON_THE_BUS)},
        "components": {
            "messages": _messages(payloads) | event_bus.messages(ON_THE_BUS, payloads),
            "schemas": shapes | command_shapes(),
            "securitySchemes": _security(),
        },
    }


def of_client(kind: str) -> str:
    """The name of a command's message: both sides send `ping` and `pong`."""
    return f"client.{kind}"


def of_server(kind: str) -> str:
    return f"server.{kind}"


def operation_id(kind: str) -> str:
    return "receive" + "".join(word.capitalize() for word in kind.split("_"))


def _info() -> Document:
    rules = "".join(f"\n- {rule}" for rule in NOT_IN_SCHEMAS)
    return {
        "title": "Scorecast",
        "version": str(VERSION),
        "description": (
            "The WebSocket API of a live-score service. Every message is a JSON object with a"
            " `type`. docs/protocol.md explains it, docs/reference.md lists it.\n\n"
            f"What the service rejects and no schema here can express:\n{rules}"
        ),
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    }


def _server() -> Document:
    schemes = [{"$ref": f"#/components/securitySchemes/{name}"} for name in _security()]
    return {
        "host": "{api}.execute-api.{region}.amazonaws.com",
        "protocol": "wss",
        "description": "API Gateway. The stack's output `SocketUrl` has the whole address.",
        "variables": {
            "api": {"description": "The API's id: the stack's output `SocketApiId`."},
            "region": {"description": "The stack's region.", "default": "eu-central-1"},
        },
        "security": schemes,
    }


def _security() -> Document:
    without = "Without any of these a client is a spectator, if `AllowAnonymous` is on."
    return {
        "ticket": {
            "type": "httpApiKey",
            "in": "query",
            "name": "ticket",
            "description": f"Issued by `POST /tickets`; valid once, for {TICKET_SECONDS} s.",
        },
        "token": {
            "type": "httpApiKey",
            "in": "query",
            "name": "token",
            "description": f"A JWT. {without}",
        },
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "subProtocol": {
            "type": "httpApiKey",
            "in": "header",
            "name": "Sec-WebSocket-Protocol",
            "description": f"`{SUB_PROTOCOL}, bearer.JWT`; the server selects `{SUB_PROTOCOL}`.",
        },
    }


def _channel() -> Document:
    return {
        "address": "/live",
        "description": "One connection. The URL may name a room to join at once.",
        "servers": [{"$ref": f"#/servers/{SERVER}"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _names()},
        "bindings": {"ws": {"method": "GET", "query": _query(), "bindingVersion": "0.1.0"}},
    }


def _names() -> list[str]:
    return [*map(of_client, COMMANDS), *map(of_server, SENT)]


def _query() -> Schema:
    room = {"type": "string", "pattern": ID_PATTERN}
    token = {"type": "string", "maxLength": TOKEN_CHARACTERS_MAX}
    return {
        "type": "object",
        "properties": {
            "match_id": room | {"description": "Join this match's room. It takes precedence."},
            "tournament_id": room | {"description": "Join this tournament's room."},
            "token": token | {"description": "A JWT."},
            "ticket": {"type": "string", "description": "A single-use ticket in its place."},
        },
    }


def _received() -> Document:
    return {operation_id(kind): _operation_of(kind) for kind in COMMANDS}


def _operation_of(kind: str) -> Document:
    command = COMMANDS[kind]
    operation = _operation("receive", str(command.__doc__), [of_client(kind)])
    if command.reply is None:
        return operation
    replies = [of_server(name) for name in (command.reply, "error", GATEWAY_ERROR)]
    return operation | {"reply": {"channel": _channel_ref(), "messages": _refs(replies)}}


def _sent() -> Document:
    return {
        name: _operation("send", why, [of_server(kind) for kind in kinds])
        for name, (why, kinds) in UNASKED.items()
    }


def _operation(action: str, why: str, names: list[str]) -> Document:
    return {
        "action": action,
        "channel": _channel_ref(),
        "summary": why,
        "messages": _refs(names),
    }


def _channel_ref() -> Document:
    return {"$ref": f"#/channels/{CHANNEL}"}


def _refs(names: list[str]) -> list[Document]:
    return [{"$ref": f"#/channels/{CHANNEL}/messages/{name}"} for name in names]


_CORRELATED: Final = {"correlationId": {"location": "$message.payload#/id"}}
_REPLIES: Final = {"error", *(command.reply for command in COMMANDS.values())}


def _messages(payloads: dict[str, Schema]) -> Document:
    received = {
        of_client(kind): _message(
            kind, str(command.__doc__), command_schema(kind), OF_CLIENTS[kind]
        )
        | _CORRELATED
        for kind, command in COMMANDS.items()
    }
    sent = {
        of_server(kind): _message(kind, summary(kind), payload, OF_THE_SERVER[kind])
        | (_CORRELATED if kind in _REPLIES else {})
        for kind, payload in payloads.items()
    }
    return received | sent


def _message(kind: str, why: str, payload: Schema, examples: list[Message]) -> Document:
    return {
        "name": kind,
        "summary": why,
        "payload": payload,
        "examples": [{"payload": example} for example in examples],
    }
