"""Text that people read: in one spelling, and without what is unseen or reorders its surroundings.

A name that looks like another one, or reverses the score after it, misleads spectators.
"""

import re
from typing import Final
from unicodedata import bidirectional, category, combining, normalize

_JOINERS: Final = "\u200c\u200d"
_UNSEEN: Final = re.compile(
    "["
    "\u0000-\u001f\u007f-\u009f"  # C0, DEL and C1
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"  # soft hyphen, joiners, fillers
    "\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"  # zero-width, line breaks, bidi controls
    "\u2800\u3164\ufeff\uffa0\ufff0-\ufffb"  # blank characters other than spaces, annotations
    "\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e007f\U000e01f0-\U000e0fff"  # in music, tags
    "]"
)
_FLAG: Final = re.compile("\U0001f3f4[\U000e0030-\U000e007a]{3,6}\U000e007f")
"""England's, Scotland's, Wales': a black flag and the region in tags."""

_SEEN: Final = frozenset("LNPS")
"""Unicode's categories of what shows by itself: letters, numbers, punctuation and symbols."""


def normalized(text: str) -> str:
    """The one spelling of a text: composed (NFC), without space around it."""
    return normalize("NFC", text).strip()


def is_plain(text: str) -> bool:
    """Whether all characters of a normalized text are visible, and there is at least one."""
    visible = _FLAG.sub("\U0001f3f4", text)
    if _UNSEEN.search(visible) or not all(map(_joins, *_around(visible))):
        return False
    return any(category(each)[0] in _SEEN for each in visible)


def _around(text: str) -> tuple[str, str, str]:
    """Each character beside the one before it and the one after it."""
    return " " + text[:-1], text, text[1:] + " "


def _joins(before: str, each: str, after: str) -> bool:
    """Whether a joiner stands where it changes what is seen: Persian, Hindi, emoji."""
    if each not in _JOINERS:
        return True
    is_indic = combining(before) == _VIRAMA
    is_arabic = bidirectional(before) == bidirectional(after) == "AL"
    return is_indic or is_arabic or category(after) == "So"


_VIRAMA: Final = 9
"""The combining class of what silences a vowel (RFC 5892, A.1)."""
