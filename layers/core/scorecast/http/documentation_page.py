"""The page that shows the OpenAPI document: one file, which loads nothing but the document."""

import base64
import hashlib
import re
from pathlib import Path
from typing import Final

from scorecast.http.response import Response

_PAGE: Final = Path(__file__).with_suffix(".html")


def response() -> Response:
    page = _PAGE.read_text(encoding="utf-8")
    return Response(
        body=page,
        content_type="text/html; charset=utf-8",
        headers={"content-security-policy": policy(page), "referrer-policy": "no-referrer"},
    )


def policy(page: str) -> str:
    """Only the page's own script and style, by their hashes; requests to this API alone."""
    rules = {
        "default-src": "'none'",
        "script-src": _hash_of("script", page),
        "style-src": _hash_of("style", page),
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash_of(element: str, page: str) -> str:
    [inside] = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
    digest = hashlib.sha256(inside.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
