"""What ends a command with one sentence and exit code 2."""

from pathlib import Path
from typing import Final

LINES_SHOWN: Final = 15


class LocalError(Exception):
    """Something the person at the terminal can fix. The message says how."""


def with_log(sentence: str, log: Path) -> LocalError:
    """The sentence, and the end of the log that explains it."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return LocalError("\n".join(filter(None, [sentence, last_lines(text)])))


def last_lines(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines()[-LINES_SHOWN:])
