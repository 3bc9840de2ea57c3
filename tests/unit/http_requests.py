"""Requests as the modules of `scorecast.http` read them."""

import json

from scorecast.http.request import Request


def request(body: object = "", *, method: str = "PUT", path: str = "/", **headers: str) -> Request:
    """Text is the body itself, anything else is sent as JSON; `_` in a header's name is `-`."""
    return Request(
        id="r",
        source_ip="192.0.2.1",
        received_at_ms=0,
        method=method,
        path=path,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=body if body is None or isinstance(body, str) else json.dumps(body),
    )
