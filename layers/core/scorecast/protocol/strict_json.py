"""JSON that every parser understands alike: I-JSON (RFC 7493), no duplicate keys, no NaN.

Written by hand, because every parser at hand accepts some of these.
"""

import json
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from scorecast.protocol.limits import INTEGER_MAX, JSON_DEPTH_MAX


class InvalidJson(ValueError):
    """The text is not I-JSON."""


def parse(text: str) -> Any:
    """The value of a JSON text. Raises InvalidJson for every kind of error."""
    try:
        value = _STRICT.decode(text)
        text.encode()
        # too few brackets to nest too deep: most messages
        if text.count("[") + text.count("{") > JSON_DEPTH_MAX and is_deeper(value, JSON_DEPTH_MAX):
            raise InvalidJson("too deep")
        # only an escape can hide a lone surrogate, which has no UTF-8, from the encoding above
        if "\\u" in text:
            for string in _strings(value):
                string.encode()
    except (ValueError, RecursionError):
        raise InvalidJson from None
    return value


_COMPACT: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def compact(value: object) -> str:
    return _COMPACT.encode(value)


def is_deeper(value: object, levels: int) -> bool:
    """Whether a value nests deeper; a scalar has no level, `[]` one."""
    if isinstance(value, dict):
        children = list(value.values())
    elif isinstance(value, list):
        children = value
    else:
        return False
    return levels == 0 or any(is_deeper(child, levels - 1) for child in children)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield key
            yield from _strings(child)
    elif isinstance(value, list):
        for child in value:
            yield from _strings(child)


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidJson(name)


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise InvalidJson(text)
    return value


def _exact(text: str) -> int:
    # int() itself refuses more than 4,300 digits, slowly; no exact integer has more than 17
    if len(text) > 17 or abs(value := int(text)) > INTEGER_MAX:
        raise InvalidJson(text)
    return value


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise InvalidJson("duplicate key")
    return value


_STRICT: Final = json.JSONDecoder(
    parse_constant=_refuse_constant,
    parse_float=_finite,
    parse_int=_exact,
    object_pairs_hook=_without_duplicates,
)
