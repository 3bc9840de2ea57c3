"""The API's description: the OpenAPI document, and a page that shows it. Both are constants."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from scorecast.http import documentation_page
from scorecast.http.caching import conditional
from scorecast.http.compression import accepts_gzip, compress
from scorecast.http.request import Request
from scorecast.http.response import Response
from scorecast.http.routing import Routes

OPENAPI: Final = Path(__file__).with_name("openapi.json")
"""Written from the routes by `make docs`, so that no request waits for the generator."""

_CACHE_CONTROL: Final = "public, max-age=300"

routes: Final = Routes()


@routes.get("/openapi.json", public=True)
def get_openapi(request: Request) -> Response:
    """This document."""
    return _sent(_openapi, request)


@routes.get("/docs", public=True)
def get_docs(request: Request) -> Response:
    """This document, as a page."""
    return _sent(documentation_page.response, request)


def _openapi() -> Response:
    return Response(body=OPENAPI.read_text(encoding="utf-8"))


def _sent(read: Callable[[], Response], request: Request) -> Response:
    is_gzip = accepts_gzip(request.headers.get("accept-encoding", ""))
    if_none_match = request.headers.get("if-none-match", "")
    return conditional(_encoded(read, is_gzip), if_none_match, cache_control=_CACHE_CONTROL)


@cache
def _encoded(read: Callable[[], Response], is_gzip: bool) -> Response:
    response = read().with_headers({"vary": "Accept-Encoding, Origin"})
    if not is_gzip:
        return response
    encoded = response.with_headers({"content-encoding": "gzip"})
    return replace(encoded, body=compress(str(response.body)))
