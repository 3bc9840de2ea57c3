"""Request bodies, read by the same parser as messages, so that both reject the same input."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from http import HTTPStatus
from typing import Any, Final

from scorecast.aws.dynamodb.idempotency import KeyedRequest
from scorecast.http.problems import HttpRejection
from scorecast.http.request import Request
from scorecast.protocol import strict_json
from scorecast.protocol.errors import Code, Json, Rejection, invalid
from scorecast.protocol.fields import Id
from scorecast.protocol.ids import is_id
from scorecast.protocol.limits import BODY_BYTES_MAX
from scorecast.protocol.requirements import requirement

_NOT_JSON_TYPE: Final = HttpRejection(
    Code.INVALID_JSON,
    "The content type is not application/json.",
    status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
_NOT_JSON: Final = Rejection(Code.INVALID_JSON, "The body is not JSON in UTF-8.")
_NOT_AN_OBJECT: Final = Rejection(Code.INVALID_SCHEMA, "The body is not a JSON object.")
_UNSUPPORTED_TYPE: Final = Rejection(
    Code.UNSUPPORTED_MESSAGE_TYPE, "Unsupported event type for this endpoint."
)


def read(
    models: Sequence[type[Any]],
    request: Request,
    arguments: Mapping[str, str],
    *,
    bytes_max: int = BODY_BYTES_MAX,
) -> Any | Rejection:
    """The body as one of the models, which `type` chooses if there are several.

    A field that the path or `Idempotency-Key` gives is not part of the body.
    """
    fields = _object(request, bytes_max)
    if isinstance(fields, Rejection):
        return fields
    model = models[0] if len(models) == 1 else _chosen(models, fields)
    if isinstance(model, Rejection):
        return model
    given = _given(model, request, arguments)
    if isinstance(given, Rejection):
        return given
    repeated = {name: "is given outside the body" for name in given if name in fields}
    if repeated:
        return invalid(repeated)
    return _validated(model, fields | given)


def _validated(model: type[Any], fields: Json) -> Any | Rejection:
    # imported here, since a read needs no pydantic, which takes longer to load than the rest of
    # this API
    from scorecast.protocol.validation import validate

    body = validate(model, fields)
    return invalid(body) if isinstance(body, dict) else body


def _object(request: Request, bytes_max: int) -> dict[str, Any] | Rejection:
    """A body's fields: one object of I-JSON."""
    if request.body is None:
        return _NOT_JSON
    if len(request.body.encode()) > bytes_max:
        return Rejection(Code.PAYLOAD_TOO_LARGE, f"The body is larger than {bytes_max} bytes.")
    if not request.is_json:
        return _NOT_JSON_TYPE
    try:
        value = strict_json.parse(request.body)
    except strict_json.InvalidJson:
        return _NOT_JSON
    return value if isinstance(value, dict) else _NOT_AN_OBJECT


def _chosen(models: Sequence[type[Any]], fields: dict[str, Any]) -> type[Any] | Rejection:
    kind = fields.pop("type", None)
    if not isinstance(kind, str):
        return invalid({"type": "is missing or not a string"})
    by_type = {model.type: model for model in models}
    return by_type.get(kind, _UNSUPPORTED_TYPE)


def _given(model: type[Any], request: Request, arguments: Mapping[str, str]) -> Json | Rejection:
    own = {field.name for field in fields_of(model)}
    given: Json = {name: value for name, value in arguments.items() if name in own}
    key = idempotency_key(request)
    if isinstance(key, Rejection):
        return key
    return given if key is None or "update_id" not in own else given | {"update_id": key}


def idempotency_key(request: Request) -> str | Rejection | None:
    """An id, bare or as a quoted string: the IETF draft has it as a structured field."""
    key = request.headers.get("idempotency-key")
    if key is not None and len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    is_valid = key is None or is_id(key)
    return key if is_valid else invalid({"Idempotency-Key": requirement(Id)})


def keyed(request: Request) -> KeyedRequest | None:
    """The key and a digest of the request. The key has been checked with the body."""
    key = idempotency_key(request)
    asked = f"{request.method} {request.path}\n{request.body}"
    digest = hashlib.sha256(asked.encode()).hexdigest()
    return KeyedRequest(key, digest) if isinstance(key, str) else None
