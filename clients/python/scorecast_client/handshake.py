"""Opens a socket: the handshake, and then the server's welcome."""

import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import InvalidHandshake, InvalidProxy, InvalidStatus, InvalidURI

from scorecast_client.errors import AddressError, ConnectRefused
from scorecast_client.messages import Event
from scorecast_client.proxies import proxy_sentence
from scorecast_client.server_clock import ServerClock
from scorecast_client.socket import Socket
from scorecast_client.timings import Timings
from scorecast_client.urls import without_query

TOKEN: Final = re.compile(r"[!-~]+")
REFUSALS: Final = {
    401: "the token is missing, expired or not valid",
    403: "the token or the origin is not allowed",
    429: "the user or the address has too many connections open",
}


async def dial(
    url: str,
    *,
    token: str | None,
    on_event: Callable[[Event], None],
    clock: ServerClock,
    timings: Timings,
) -> Socket:
    """Open a socket and wait for the server's welcome. Raises ConnectRefused."""
    connection = await _open(url, token, timings)
    socket = Socket(connection, on_event=on_event, clock=clock, timings=timings)
    try:
        await socket.welcome()
    except BaseException:
        await socket.close()
        raise
    return socket


async def _open(url: str, token: str | None, timings: Timings) -> ClientConnection:
    if token and not TOKEN.fullmatch(token):
        raise AddressError("The token holds characters that no token has.")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        host = urlsplit(url).hostname
        return await open_socket(
            url,
            additional_headers=headers,
            open_timeout=timings.open_seconds,
            close_timeout=timings.close_seconds,
            ping_interval=None,  # the protocol has its own, which the server counts as life
        )
    except InvalidStatus as refused:
        raise _refusal(refused.response.status_code, str(host)) from refused
    except (ImportError, InvalidProxy) as fault:
        raise AddressError(proxy_sentence(fault)) from fault
    except (InvalidURI, ValueError) as fault:
        reason = fault.msg if isinstance(fault, InvalidURI) else fault
        raise AddressError(f"No WebSocket connection to {without_query(url)}: {reason}.") from fault
    except (OSError, InvalidHandshake) as fault:
        raise ConnectRefused(f"No WebSocket connection to {host}: {fault}.") from fault


def _refusal(status: int, host: str) -> ConnectRefused:
    reason = REFUSALS.get(status, "no reason is known")
    return ConnectRefused(f"{host} refused the connection with {status}: {reason}.", status=status)
