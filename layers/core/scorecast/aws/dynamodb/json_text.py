"""JSON as text in an attribute: DynamoDB's numbers would not come back as they were sent. Pure."""

import json
from typing import Any

from scorecast.protocol.strict_json import compact


def encode(value: object) -> str:
    return "" if value is None else compact(value)


def decode(text: str) -> Any:
    return json.loads(text) if text else None
