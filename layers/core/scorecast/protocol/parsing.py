"""Messages in, commands out."""

from dataclasses import dataclass
from typing import Any, Final

from scorecast.protocol import strict_json
from scorecast.protocol.commands import COMMANDS, Command
from scorecast.protocol.errors import Code, Rejection, invalid
from scorecast.protocol.fields import MessageId
from scorecast.protocol.requirements import requirement
from scorecast.protocol.validation import accepts, validate

_NOT_JSON: Final = Rejection(Code.INVALID_JSON, "The message is not JSON in UTF-8.")
_NOT_AN_OBJECT: Final = Rejection(Code.INVALID_SCHEMA, "A message is a JSON object.")
_UNKNOWN_TYPE: Final = Rejection(Code.UNSUPPORTED_MESSAGE_TYPE, "There is no command of this type.")


@dataclass(frozen=True, slots=True)
class Request:
    """One valid message. `id` is the client's own and is repeated in the reply."""

    command: Command
    id: str | None


@dataclass(frozen=True, slots=True)
class Malformed:
    """One invalid message, and its `id` if that was valid."""

    rejection: Rejection
    id: str | None = None


def parse(message: str) -> Request | Malformed:
    try:
        fields = strict_json.parse(message)
    except strict_json.InvalidJson:
        return Malformed(_NOT_JSON)
    if not isinstance(fields, dict):
        return Malformed(_NOT_AN_OBJECT)
    message_id = fields.pop("id", None)
    if message_id is not None and not accepts(MessageId, message_id):
        return Malformed(invalid({"id": requirement(MessageId)}))
    outcome = parse_command(fields)
    if isinstance(outcome, Rejection):
        return Malformed(outcome, message_id)
    return Request(outcome, message_id)


def parse_command(fields: dict[str, Any]) -> Command | Rejection:
    """The command in `fields`, chosen by its `type`."""
    kind = fields.pop("type", None)
    if not isinstance(kind, str):
        return invalid({"type": "is missing or not a string"})
    if kind not in COMMANDS:
        return _UNKNOWN_TYPE
    command = validate(COMMANDS[kind], fields)
    return invalid(command) if isinstance(command, dict) else command
