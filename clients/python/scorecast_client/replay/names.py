"""Ids from names: plain ASCII, stable, and distinct for different names. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

ID_CHARACTERS_MAX: Final = 60
HASH_CHARACTERS: Final = 8
LATIN: Final = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "ħ": "h",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ŋ": "ng",
        "ŧ": "t",
    }
    | {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Latin letters that Unicode does not decompose into a plain one and a mark."""


def slug(name: str) -> str:
    """Lower case, words joined by hyphens: `Curaçao` → `curacao`, `Łódź` → `lodz`.

    A name with letters that have no Latin form gets a hash of itself: two teams called
    `Спартак-2` and `Зенит-2` are not both `2`.
    """
    normalized = unicodedata.normalize("NFC", name)
    plain = _ascii(normalized)
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not words or not is_latin(name):
        return with_hash(words, normalized)
    return words[:ID_CHARACTERS_MAX]


def is_latin(name: str) -> bool:
    """Whether each of its letters and digits has a plain form."""
    letters = unicodedata.normalize("NFC", name)
    return all(_ascii(letter) for letter in letters if letter.isalnum())


def ids_of(names: Iterable[str]) -> dict[str, str]:
    """An id for each name. Names whose plain forms are the same each get their hash."""
    named: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        named.setdefault(slug(name), []).append(name)
    return {
        name: plain if len(alike) == 1 else with_hash(plain, name)
        for plain, alike in named.items()
        for name in alike
    }


def with_hash(plain: str, name: str) -> str:
    digest = sha256(unicodedata.normalize("NFC", name).encode(errors="surrogatepass")).hexdigest()[
        :HASH_CHARACTERS
    ]
    return f"{plain[: ID_CHARACTERS_MAX - HASH_CHARACTERS - 1] or 'id'}-{digest}"


def _ascii(text: str) -> str:
    translated = text.lower().translate(LATIN)
    return unicodedata.normalize("NFKD", translated).encode("ascii", "ignore").decode()
