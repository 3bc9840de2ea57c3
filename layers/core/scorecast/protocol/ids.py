"""Ids of matches, tournaments and users: short, and safe in a URL, a key and a log."""

import re
from typing import Final, TypeIs

from scorecast.protocol.limits import ID_CHARACTERS_MAX

ID_PATTERN: Final = f"^[A-Za-z0-9_-]{{1,{ID_CHARACTERS_MAX}}}$"
_ID: Final = re.compile(ID_PATTERN, re.ASCII)


def is_id(value: object) -> TypeIs[str]:
    # fullmatch, because Python's `$` also matches before a final newline
    return isinstance(value, str) and _ID.fullmatch(value) is not None
