"""What stands on a command line: numbers, scores, people, times, and how to get in."""

import argparse
import json
import math
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from scorecast_client.errors import ScorecastError
from scorecast_client.stack import Stack, read_stack

SCORE_MAX: Final = 1_000_000
NUMBER_MAX: Final = 1_000_000_000
"""Of minutes, seconds, updates a second, viewers: more is a slip, and would never end."""
TOKEN_VARIABLE: Final = "SCORECAST_TOKEN"


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
    parts = text.split(":")
    if len(parts) == 2 and all(part.isdecimal() and part.isascii() for part in parts):
        first, second = (int(part[:10]) for part in parts)
        if max(first, second) <= SCORE_MAX:
            return first, second
    raise argparse.ArgumentTypeError(f"{text} is not a score such as 2:1")


def participant(text: str) -> tuple[str, str]:
    """`id=Name`, or the id alone."""
    ident, _, name = text.partition("=")
    return ident, name or ident


def moment(text: str) -> datetime:
    """An ISO time; without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(
            f"{text} is not a time such as 2026-06-11T19:00Z"
        ) from fault
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def json_object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise argparse.ArgumentTypeError(f"not JSON: {fault}") from fault
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError('not a JSON object such as {"minute": 37}')
    return found


def add_stack(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--stack", type=Path, metavar="FILE", help="a stack's description: .local/stack.json"
    )


def add_api(parser: argparse.ArgumentParser) -> None:
    """The HTTP API's address, and the right to use it."""
    parser.add_argument("--http", metavar="URL", help="the HTTP API's address")
    parser.add_argument("--token", help=f"an official's; else ${TOKEN_VARIABLE}, or the stack's")
    add_stack(parser)


def stack_of(options: argparse.Namespace) -> Stack | None:
    return read_stack(options.stack) if options.stack else None


def token_of(options: argparse.Namespace, stack: Stack | None, role: str) -> str | None:
    """From --token, from the environment, or the stack's own for a role."""
    given: str | None = options.token or os.environ.get(TOKEN_VARIABLE)
    return given or (stack.tokens.get(role) if stack else None)


def api_of(options: argparse.Namespace, stack: Stack | None) -> tuple[str, str]:
    """The HTTP API's address and a token for it."""
    url = options.http or (stack.http_url if stack else None)
    token = token_of(options, stack, "admin")
    if url is None or token is None:
        raise ScorecastError(f"Give --stack, or --http with --token or ${TOKEN_VARIABLE}.")
    return url, token


def _number(text: str, kind: Callable[[str], float]) -> float:
    try:
        return kind(text)
    except ValueError as fault:
        raise argparse.ArgumentTypeError(f"{text} is not a number") from fault
