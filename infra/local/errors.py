"""What ends a command with one sentence and exit code 2."""

from pathlib import Path
from typing import Final

LOG_LINES_SHOWN: Final = 15


class LocalError(Exception):
    """Something the person at the terminal can put right. The message says how."""


def with_log(sentence: str, log: Path) -> LocalError:
    """The sentence, and the last lines of the log that explains it."""
    lines = log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:] if log.exists() else []
    return LocalError("\n".join([sentence, *(f"    {line}" for line in lines)]))
