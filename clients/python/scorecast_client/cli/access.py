"""The service's address and the user's token: from options, the environment or a stack file."""

import argparse
import os
from pathlib import Path
from typing import Final

from scorecast_client.errors import ScorecastError
from scorecast_client.stack import Stack, read_stack

STACK_VARIABLE: Final = "SCORECAST_STACK"
TOKEN_VARIABLE: Final = "SCORECAST_TOKEN"
HTTP_VARIABLE: Final = "SCORECAST_HTTP"
WS_VARIABLE: Final = "SCORECAST_WS"
ADDRESSES: Final = {"http": HTTP_VARIABLE, "ws": WS_VARIABLE}
"""The environment variables, by option."""


def add_stack(parser: argparse._ActionsContainer) -> None:
    parser.add_argument(
        "--stack",
        type=Path,
        metavar="FILE",
        help=f"a stack's description, such as .local/stack.json; default: ${STACK_VARIABLE}",
    )


def add_http(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--http", metavar="URL", help=f"the HTTP API's address; default: ${HTTP_VARIABLE}"
    )


def add_ws(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--ws", metavar="URL", help=f"the WebSocket's address; default: ${WS_VARIABLE}"
    )


def add_token(parser: argparse.ArgumentParser, whose: str) -> None:
    parser.add_argument(
        "--token", help=f"{whose} token; default: ${TOKEN_VARIABLE}, or the stack's"
    )


def add_api(parser: argparse.ArgumentParser) -> None:
    """The HTTP API's address, and a token for it."""
    add_http(parser)
    add_token(parser, "an official's")
    add_stack(parser)


def stack_of(options: argparse.Namespace) -> Stack | None:
    path = stack_file(options)
    return read_stack(path) if path else None


def stack_file(options: argparse.Namespace) -> Path | None:
    """The stack's description, if one is given: an address or a secret takes precedence over the
    variable."""
    variable = None if _has_address(options) else environment(STACK_VARIABLE)
    return options.stack or (Path(variable) if variable else None)


def _has_address(options: argparse.Namespace) -> bool:
    """Only a command that takes an address reads its variable."""
    is_named = any(getattr(options, name, None) for name in ("url", "http", "ws", "secret"))
    return is_named or any(
        hasattr(options, name) and environment(variable) for name, variable in ADDRESSES.items()
    )


def environment(variable: str) -> str | None:
    """An empty variable counts as not set."""
    return os.environ.get(variable) or None


def http_of(options: argparse.Namespace, stack: Stack | None) -> str | None:
    """The order of precedence: an option, the stack's file, the environment."""
    return options.http or (stack.http_url if stack else environment(HTTP_VARIABLE))


def ws_of(options: argparse.Namespace, stack: Stack | None) -> str | None:
    return options.ws or (stack.ws_url if stack else environment(WS_VARIABLE))


def given_token(options: argparse.Namespace) -> str | None:
    return options.token or environment(TOKEN_VARIABLE)


def token_of(options: argparse.Namespace, stack: Stack | None, role: str) -> str | None:
    """From --token, from the environment, or the stack's own for a role."""
    return given_token(options) or (stack.tokens.get(role) if stack else None)


def api_of(options: argparse.Namespace, stack: Stack | None) -> tuple[str, str]:
    """The HTTP API's address and a token for it."""
    url, token = http_of(options, stack), token_of(options, stack, "admin")
    if url is None or token is None:
        raise ScorecastError(
            f"Give --stack, or --http (${HTTP_VARIABLE}) with --token (${TOKEN_VARIABLE})."
        )
    return url, token
