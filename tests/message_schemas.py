"""Checks messages against docs/asyncapi.json."""

import json
from functools import cache
from typing import Any, Final

from jsonschema_rs import Draft7Validator

from infra.specs.asyncapi import of_client, of_server
from infra.specs.pages import ASYNCAPI
from infra.specs.schemas import GATEWAY_ERROR

DOCUMENT: Final[dict[str, Any]] = json.loads(ASYNCAPI.read_text(encoding="utf-8"))
MESSAGES: Final[dict[str, Any]] = DOCUMENT["components"]["messages"]


@cache
def _validator(pointer: str) -> Draft7Validator:
    whole = {"components": DOCUMENT["components"], "allOf": [{"$ref": f"#/components/{pointer}"}]}
    return Draft7Validator(whole)


def faults(value: object, pointer: str) -> list[str]:
    """What the document has against a value; `pointer` is a schema's place in its components."""
    found = _validator(pointer).iter_errors(value)
    return [f"{fault.instance_path}: {fault.message}" for fault in found]


def _faults_of(message: object, name: str) -> list[str]:
    if name not in MESSAGES:
        return [f"{name} is not in the document"]
    return faults(message, f"messages/{name}/payload")


def faults_of_server(message: object) -> list[str]:
    """Why a message that a client received is not allowed by the document."""
    kind = message.get("type", GATEWAY_ERROR) if isinstance(message, dict) else None
    return _faults_of(message, of_server(str(kind)))


def faults_of_client(message: object) -> list[str]:
    """Why a message that a client sends is not allowed by the document."""
    kind = message.get("type") if isinstance(message, dict) else None
    return _faults_of(message, of_client(str(kind)))


def must_be_documented(*texts: str | bytes) -> None:
    """Fail at the first message of the server that the document does not allow."""
    for text in texts:
        found = faults_of_server(json.loads(text))
        assert not found, (found, text)
