"""Serves the scoreboard page, and the configuration with the stack's addresses."""

from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from infra import template
from infra.local import stack_file
from infra.local.build import BUNDLE, PAGE
from infra.local.paths import StackPaths
from infra.local.ports import HOST
from infra.local.seed import TOURNAMENT_ID
from scorecast_client.stack import stack_from

HOSTED_SOCKET: Final = "wss://${SocketHost}"
LOCAL_CLOUD: Final = "http://127.0.0.1:* ws://127.0.0.1:* http://localhost:* ws://localhost:*"
"""On the local cloud the HTTP API has another origin than the page, and either any port."""
OWN_NAMES: Final = (HOST, "localhost")
"""Another name has been made to lead here (DNS rebinding)."""


def page(paths: StackPaths) -> Starlette:
    added = page_headers() | {"Cache-Control": "no-cache"}

    async def add_headers(request: Request, respond: RequestResponseEndpoint) -> Response:
        response = await respond(request)
        response.headers.update(added)
        return response

    # The files are built after the cloud has started, the client beside the page.
    return Starlette(
        routes=[
            Route("/config.json", lambda _: _json(configuration(paths))),
            Route("/tokens.json", lambda _: _json(demo_tokens(paths))),
            Mount("/client", StaticFiles(directory=BUNDLE.parent, check_dir=False)),
            Mount("/", StaticFiles(directory=PAGE, html=True, check_dir=False)),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=OWN_NAMES),
            Middleware(BaseHTTPMiddleware, dispatch=add_headers),
            Middleware(GZipMiddleware),
        ],
    )


def configuration(paths: StackPaths) -> dict[str, Any] | None:
    """What the page requests first; None while the stack is not ready."""
    description = stack_file.read(paths)
    if description is None:
        return None
    configured = {
        "ws_url": description["ws_url"],
        "http_url": description["http_url"],
        "tournament_id": paths.shown.read_text() if paths.shown.exists() else TOURNAMENT_ID,
        "tokens_url": "tokens.json",
    }
    if description["allows_anonymous"]:
        return configured
    # Each visitor is a user, so that many tabs stay within the connections of one user.
    visitor = f"visitor-{uuid4().hex[:12]}"
    return configured | {"token": stack_from(description).token_for(visitor)}


def page_headers() -> dict[str, str]:
    """The headers that CloudFront adds to the hosted page, for one that connects to this machine.

    Without Strict-Transport-Security, which browsers ignore over http.
    """
    policy = template.nested("Page")["Resources"]["PageHeaders"]["Properties"]
    config = policy["ResponseHeadersPolicyConfig"]
    secured, custom = config["SecurityHeadersConfig"], config["CustomHeadersConfig"]["Items"]
    content = secured["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    return {
        "Content-Security-Policy": content.replace(HOSTED_SOCKET, LOCAL_CLOUD),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": secured["FrameOptions"]["FrameOption"],
        "Referrer-Policy": secured["ReferrerPolicy"]["ReferrerPolicy"],
        **{each["Header"]: each["Value"] for each in custom},
    }


def demo_tokens(paths: StackPaths) -> list[dict[str, str]] | None:
    """What the official's page offers to sign in with; None while the stack is not ready."""
    if description := stack_file.read(paths):
        tokens = description["tokens"].items()
        return [{"role": role, **held} for role, held in tokens if role != "spectator"]
    return None


def _json(found: Any) -> Response:
    if found is None:
        return JSONResponse({"code": "not_ready"}, HTTPStatus.SERVICE_UNAVAILABLE)
    return JSONResponse(found)
