"""The AsyncAPI 3.0 document of the socket. The application that it describes is the service."""

import json
from typing import Any, Final

from infra.wire.commands import ASKED, UNSAID, Schema, schema
from infra.wire.examples import OF_CLIENTS, OF_THE_SERVER, Frame
from infra.wire.messages import GATEWAY_ERROR, MODELS, schemas, summary
from infra.wire.vocabulary import ID_SCHEMA
from scorecast.domain.connections.handshake import SUB_PROTOCOL
from scorecast.protocol.commands import COMMANDS
from scorecast.protocol.limits import TICKET_SECONDS, TOKEN_CHARACTERS_MAX
from scorecast.protocol.messages import VERSION

type Document = dict[str, Any]

CHANNEL: Final = "socket"
SERVER: Final = "aws"
SENT: Final = {
    "greet": ("The first word to a new connection.", ("connection_established",)),
    "tellOfMatch": (
        "News of a match, to its room and to its tournament's.",
        (
            "score_updated",
            "match_started",
            "match_state_changed",
            "dispute_created",
            "match_completed",
        ),
    ),
    "tellOfTournament": (
        "News of a tournament, to its room.",
        ("bracket_generated", "bracket_updated", "tournament_completed"),
    ),
    "tellViewers": ("How many watch, to the room that has changed.", ("viewers",)),
    "checkLife": ("To a client that has been silent.", ("ping",)),
    "refuse": (
        "What was not asked for: a dropped frame, an expired token, a room that cannot be joined.",
        ("error", GATEWAY_ERROR),
    ),
    "takeLeave": ("The last word.", ("goodbye",)),
}
"""What the server sends of its own accord: why, and which frames."""


def text() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


def document() -> Document:
    payloads, shared = schemas()
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": "application/json",
        "servers": {SERVER: _server()},
        "channels": {CHANNEL: _channel()},
        "operations": _received() | _sent(),
        "components": {
            "messages": _messages(payloads),
            "schemas": shared,
            "securitySchemes": _security(),
        },
    }


def of_client(kind: str) -> str:
    """The name of a command's message: both sides send `ping` and `pong`."""
    return f"client.{kind}"


def of_server(kind: str) -> str:
    return f"server.{kind}"


def _info() -> Document:
    unsaid = "".join(f"\n- {rule}" for rule in UNSAID)
    return {
        "title": "Scorecast",
        "version": str(VERSION),
        "description": (
            "The WebSocket of a live-score service. Every frame is a JSON object with a `type`. "
            "docs/protocol.md explains it, docs/reference.md lists it.\n\n"
            f"What the service refuses and no schema here can say:\n{unsaid}"
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
            "region": {"description": "Where the stack is.", "default": "eu-central-1"},
        },
        "security": schemes,
    }


def _security() -> Document:
    without = "Without any of these a client is a spectator, where `AllowAnonymous` is on."
    return {
        "ticket": {
            "type": "httpApiKey",
            "in": "query",
            "name": "ticket",
            "description": f"Bought by `POST /tickets`; good once and for {TICKET_SECONDS} s.",
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
            "description": f"`{SUB_PROTOCOL}, bearer.JWT`; the answer selects `{SUB_PROTOCOL}`.",
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
    return [*map(of_client, COMMANDS), *map(of_server, MODELS)]


def _query() -> Schema:
    token = {"type": "string", "maxLength": TOKEN_CHARACTERS_MAX}
    return {
        "type": "object",
        "properties": {
            "match_id": ID_SCHEMA | {"description": "Join this match's room; it wins."},
            "tournament_id": ID_SCHEMA | {"description": "Join this tournament's room."},
            "token": token | {"description": "A JWT."},
            "ticket": {"type": "string", "description": "A one-time ticket in its place."},
        },
    }


def _received() -> Document:
    return {kind: _operation_of(kind) for kind in COMMANDS}


def _operation_of(kind: str) -> Document:
    asked = ASKED[kind]
    operation = _operation("receive", asked.summary, [of_client(kind)])
    if asked.answer is None:
        return operation
    answers = [of_server(asked.answer), of_server("error"), of_server(GATEWAY_ERROR)]
    return operation | {"reply": {"channel": _channel_ref(), "messages": _refs(answers)}}


def _sent() -> Document:
    return {
        name: _operation("send", why, [of_server(kind) for kind in kinds])
        for name, (why, kinds) in SENT.items()
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


def _messages(payloads: dict[str, Schema]) -> Document:
    asked = {
        of_client(kind): _message(kind, ASKED[kind].summary, schema(kind), OF_CLIENTS[kind])
        | _CORRELATED
        for kind in COMMANDS
    }
    told = {
        of_server(kind): _message(kind, summary(kind), payload, OF_THE_SERVER[kind])
        | (_CORRELATED if kind in _ANSWERS else {})
        for kind, payload in payloads.items()
    }
    return asked | told


_CORRELATED: Final = {"correlationId": {"location": "$message.payload#/id"}}
_ANSWERS: Final = {"error", *(asked.answer for asked in ASKED.values())}


def _message(kind: str, why: str, payload: Schema, examples: list[Frame]) -> Document:
    return {
        "name": kind,
        "summary": why,
        "payload": payload,
        "examples": [{"payload": example} for example in examples],
    }
