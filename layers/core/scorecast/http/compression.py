"""gzip for clients that accept it (RFC 9110 §12.5.3): API Gateway's HTTP APIs compress nothing."""

import gzip
import re
from typing import Final

_ZERO: Final = re.compile(r"q=0(\.0*)?")


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether gzip is named, or else `*`, with a weight above 0."""
    weights = dict(map(_weighted, accept_encoding.lower().split(",")))
    weight = weights.get("gzip", weights.get("*", "q=0"))
    return not _ZERO.fullmatch(weight)


def compress(text: str) -> bytes:
    """The same bytes for the same text: the entity tag depends on them."""
    return gzip.compress(text.encode(), mtime=0)


def _weighted(part: str) -> tuple[str, str]:
    coding, _, weight = part.partition(";")
    return coding.strip(), weight.strip()
