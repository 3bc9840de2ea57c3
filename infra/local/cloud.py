"""MiniStack, with the guard around it. Runs in MiniStack's own Python environment.

The guard is part of MiniStack's process, so no port leads past it and no hop is added.
"""

import json
import os
import zipfile
from collections.abc import Awaitable, Callable, MutableMapping
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs

from ministack import app as ministack
from ministack.core import lambda_runtime
from ministack.core.router import extract_access_key_id
from ministack.services import sts

from infra.local.extraction import SharedZipFile
from infra.local.guard import Guard, Request

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


def guarded(application: Application, guard: Guard) -> Application:
    async def serve(scope: Message, receive: Receive, send: Send) -> None:
        rejection = None if scope["type"] == "lifespan" else guard.rejection(_request(scope))
        if rejection is None:
            await application(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before accept: status 403
        else:
            await _forbid(send, rejection)

    return serve


def _request(scope: Message) -> Request:
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    signatures = _values(scope, b"authorization")
    # As MiniStack finds the key, which joins several headers; nobody sends several in good faith.
    signature = {"authorization": signatures[0]} if len(signatures) == 1 else {}
    return Request(
        path=scope["path"],
        hosts=_values(scope, b"host"),
        origins=_values(scope, b"origin"),
        access_key_id="" if len(signatures) > 1 else extract_access_key_id(signature, query),
    )


def _values(scope: Message, header: bytes) -> tuple[str, ...]:
    return tuple(value.decode("latin-1") for name, value in scope["headers"] if name == header)


async def _forbid(send: Send, reason: str) -> None:
    body = json.dumps({"message": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _shared_zipfile() -> ModuleType:
    module = ModuleType("zipfile")
    vars(module).update(vars(zipfile), ZipFile=SharedZipFile)
    return module


def main() -> None:
    guard = Guard(
        port=int(os.environ["GATEWAY_PORT"]),
        access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        sessions=sts._sessions,
    )
    lambda_runtime.zipfile = _shared_zipfile()
    ministack.app = guarded(ministack.app, guard)  # what its main serves
    ministack.main()


if __name__ == "__main__":
    main()
