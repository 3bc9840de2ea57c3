"""Output to the terminal without control characters, since names and errors come from others."""

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final, TextIO

from scorecast_client.errors import CommandRefused, PublishError, ScorecastError

REPLACEMENT: Final = "\ufffd"
JOINERS: Final = "\u200c\u200d"
"""Invisible, but part of how Persian, Hindi and emoji are written."""


def printable(value: object) -> str:
    """Text on one line, without control, bidirectional and other invisible characters."""
    return "".join(map(_printable, str(value)))


def print_line(text: str, *, file: TextIO | None = None) -> None:
    """Print a line at once, also into a pipe."""
    print(printable(text), file=file or sys.stdout, flush=True)


def print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print_line(line)


def print_json(value: object) -> None:
    """One line of JSON; everything beyond ASCII is escaped, and so safe on any terminal."""
    print(json.dumps(value), flush=True)


def print_error(error: ScorecastError, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"error": _described(error)}), file=sys.stderr, flush=True)
    else:
        print_line(f"scorecast: {error}", file=sys.stderr)


def printable_tree(value: Any) -> Any:
    """The same JSON value with every text in it made printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {printable(key): printable_tree(held) for key, held in value.items()}
    return [printable_tree(held) for held in value] if isinstance(value, list) else value


def _printable(letter: str) -> str:
    if letter.isprintable() or letter in JOINERS:
        return letter
    return " " if unicodedata.category(letter) == "Zs" else REPLACEMENT


def _described(error: ScorecastError) -> dict[str, Any]:
    described: dict[str, Any] = {"message": str(error)}
    if isinstance(error, CommandRefused):
        described |= {"code": error.code}
    if isinstance(error, PublishError):
        described |= {"code": error.code, "status": error.status, "errors": dict(error.errors)}
    return {name: value for name, value in described.items() if value}
