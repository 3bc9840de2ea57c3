"""All of a stack in one process: MiniStack with the guard around it, and the page beside it.

Runs in MiniStack's own Python environment, with its server, which listens on both ports. The guard
is part of the process, so no port leads past it and no hop is added.
"""

import asyncio
import os
import resource
import signal
import sys
import threading
import zipfile
from http import HTTPStatus
from types import SimpleNamespace
from typing import Final

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core import lambda_runtime
from ministack.core.router import extract_access_key_id
from ministack.services import sts
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.local.background import KEEP
from infra.local.extraction import SharedZipFile
from infra.local.guard import Guard, Request
from infra.local.page import page
from infra.local.paths import StackPaths

KEEP_ALIVE_SECONDS: Final = 75
"""As MiniStack's own command has it, like the number of open files."""


def main(name: str, *sockets: str) -> None:
    threading.Thread(target=_end_with_the_starter, daemon=True).start()
    _, files_max = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files_max, files_max))
    lambda_runtime.zipfile = SimpleNamespace(**vars(zipfile) | {"ZipFile": SharedZipFile})
    config = Config()
    config.bind = [f"fd://{each}" for each in sockets]
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    asyncio.run(serve(_application(page(StackPaths(name))), config))


def _end_with_the_starter() -> None:
    # The starter's end of the pipe closes when it dies, however it dies.
    if os.read(sys.stdin.fileno(), 1) != KEEP:
        os.killpg(0, signal.SIGKILL)


def _application(page: ASGIApp) -> ASGIApp:
    cloud: ASGIApp = ministack.app
    guard = Guard(
        port=int(os.environ["GATEWAY_PORT"]),
        access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        sessions=sts._sessions,
    )

    def chosen(scope: Scope) -> ASGIApp:
        if scope["type"] == "lifespan":
            return cloud
        if scope["server"][1] != guard.port:
            return page
        if rejection := guard.rejection(_request(scope)):
            return JSONResponse({"message": rejection}, HTTPStatus.FORBIDDEN)
        return cloud

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await chosen(scope)(scope, receive, send)

    return answer


def _request(scope: Scope) -> Request:
    asked = HTTPConnection(scope)
    query = {name: asked.query_params.getlist(name) for name in asked.query_params}
    signatures = asked.headers.getlist("authorization")
    # As MiniStack finds the key, which joins several headers; nobody sends several in good faith.
    signature = {"authorization": signatures[0]} if len(signatures) == 1 else {}
    return Request(
        path=scope["path"],
        hosts=tuple(asked.headers.getlist("host")),
        origins=tuple(asked.headers.getlist("origin")),
        access_key_id="" if len(signatures) > 1 else extract_access_key_id(signature, query),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
