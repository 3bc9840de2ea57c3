"""Where the next page of a list begins."""

import base64
import binascii
import re
from typing import Final

_KEY: Final = re.compile(r"[\w:+.~#-]{1,160}", re.ASCII)


def cursor_of(key: str | None) -> str | None:
    """The place after which to continue, opaque, since the order of a list may change."""
    return None if key is None else base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def key_of_cursor(cursor: str) -> str | None:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True)
        key = raw.decode("ascii")
    except (ValueError, binascii.Error):
        return None
    return key if _KEY.fullmatch(key) else None
