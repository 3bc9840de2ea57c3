"""The types of arguments: numbers, scores, ids, people, times, JSON."""

import argparse
import json
import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

SCORE_MAX: Final = 10**12
"""The maximum size; the service decides what a match allows."""
NUMBER_MAX: Final = 1_000_000_000
"""The maximum of minutes, seconds, updates per second and viewers: a larger number is a mistake."""
ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
SCORE: Final = re.compile(r"(-?[0-9]{1,13}):(-?[0-9]{1,13})")


def positive(text: str) -> float:
    number = _number(text, float)
    if not 0 < number <= NUMBER_MAX:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0, up to a billion")
    return number


def speed(text: str) -> float:
    return math.inf if text == "max" else positive(text)


def count(text: str) -> int:
    number = _number(text, int)
    if not 1 <= number <= NUMBER_MAX:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above 0, up to a billion")
    return int(number)


def score(text: str) -> tuple[int, int]:
    """`2:1`."""
    if parts := SCORE.fullmatch(text.strip()):
        first, second = int(parts[1]), int(parts[2])
        if max(abs(first), abs(second)) <= SCORE_MAX:
            return first, second
    raise argparse.ArgumentTypeError(f"{text} is not a score such as 2:1")


def identifier(text: str) -> str:
    if not ID.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an id: 1 to 64 of A-Z a-z 0-9 _ and -")
    return text


def participant(text: str) -> tuple[str, str] | dict[str, Any]:
    """`id=Name`, the id alone, or an object of the API, such as a placeholder or a bye."""
    if text.startswith("{"):
        return json_object(text)
    ident, _, name = text.partition("=")
    return ident, name or ident


def moment(text: str) -> datetime | None:
    """An ISO time with its offset: without one, two machines read it differently.

    None means that the time is not known yet.
    """
    if text == "unknown":
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(
            f"{text} is not a time such as 2026-06-11T19:00Z"
        ) from fault
    if parsed.tzinfo is None:
        raise argparse.ArgumentTypeError(
            f"{text} has no offset from UTC: add Z, or an offset such as +02:00"
        )
    return parsed


def json_object(text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise argparse.ArgumentTypeError(f"not JSON: {fault}") from fault
    if not isinstance(parsed, dict):
        raise argparse.ArgumentTypeError('not a JSON object such as {"minute": 37}')
    return parsed


def json_objects(text: str) -> list[dict[str, Any]]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise argparse.ArgumentTypeError(f"not JSON: {fault}") from fault
    if not isinstance(parsed, list) or not all(isinstance(each, dict) for each in parsed):
        raise argparse.ArgumentTypeError("not a JSON list of objects")
    return parsed


def _number(text: str, kind: Callable[[str], float]) -> float:
    try:
        return kind(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(f"{text} is not a number") from fault
