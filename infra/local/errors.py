"""What ends a command with one sentence and exit code 2."""

from pathlib import Path
from typing import Final

LINES_SHOWN: Final = 15


class LocalError(Exception):
    """Something the person at the terminal can fix. The message says how."""


def with_log(sentence: str, log: Path) -> LocalError:
    """The sentence, and the end of the log that explains it."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return LocalError("\n".join([sentence, *(f"    {line}" for line in lines[-LINES_SHOWN:])]))
