"""`scorecast watch`: a room's scores, live: a table in a terminal, a line an event in a pipe."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from scorecast_client.cli.access import (
    add_http,
    add_stack,
    add_token,
    add_ws,
    http_of,
    stack_of,
    token_of,
    ws_of,
)
from scorecast_client.cli.event_lines import Names, event_lines
from scorecast_client.cli.output import print_json, print_lines
from scorecast_client.cli.trace import tracing
from scorecast_client.errors import ConnectionLost, ScorecastError
from scorecast_client.messages import Event
from scorecast_client.scoreboard import OVER, Scoreboard, snapshot_of
from scorecast_client.urls import in_query

if TYPE_CHECKING:
    from scorecast_client.connection import Connection

Show = Callable[[Event], None]


def add_watch(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Show a match or a tournament live: a table in a terminal, a line an event elsewhere. "
        "Ends with the match or the tournament."
    )
    parser.add_argument(
        "url", nargs="?", help="the WebSocket's address; may contain token and room"
    )
    parser.add_argument("--tournament", metavar="ID", help="the tournament to watch")
    parser.add_argument("--match", metavar="ID", help="the match to watch")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="print each event as a line of JSON")
    output.add_argument(
        "--trace", action="store_true", help="print each message, in and out, as a line"
    )
    add_ws(parser)
    add_http(parser)
    add_token(parser, "a spectator's")
    add_stack(parser)
    parser.set_defaults(run=_watch)


def _watch(options: argparse.Namespace) -> int:
    stack = stack_of(options)
    url = options.url or ws_of(options, stack)
    if url is None:
        raise ScorecastError("Give the address of a WebSocket, or --stack.")
    in_url = in_query(url, "token") or in_query(url, "ticket")
    token = None if in_url else token_of(options, stack, "spectator")
    http_url = http_of(options, stack)
    names = _names(
        http_url=http_url,
        token=token or in_query(url, "token"),
        tournament=options.tournament or in_query(url, "tournament_id"),
    )
    with tracing() if options.trace else nullcontext():
        asyncio.run(_follow(url, options, token=token, http_url=http_url, names=names))
    return 0


def _names(*, http_url: str | None, token: str | None, tournament: str | None) -> Names:
    """A tournament's snapshot on the socket has no names; the HTTP API's has."""
    if http_url is None or token is None or tournament is None:
        return {}
    from scorecast_client.publisher import Publisher

    scoreboard = Scoreboard()
    with Publisher(http_url, token=token) as publisher:
        scoreboard.load(publisher.tournament(tournament))
    return {match_id: row.names for match_id, row in scoreboard.rows.items() if row.names}


async def _follow(
    url: str,
    options: argparse.Namespace,
    *,
    token: str | None,
    http_url: str | None,
    names: Names,
) -> None:
    """Show a room until it is over. Raises ScorecastError if the connection ends before."""
    from scorecast_client.connection import connect

    room = {"match": options.match, "tournament": options.tournament}
    async with connect(url, token=token, http_url=http_url, **room) as connection:
        snapshot = connection.established.get("snapshot")
        if not isinstance(snapshot, Mapping):
            raise ScorecastError("The address names no room: give a tournament or a match.")
        match_id = None if "matches" in snapshot else snapshot.get("match_id")
        scoreboard = Scoreboard()
        display, show = _display(options, scoreboard, names, connection)
        with display:
            async for event in connection:
                scoreboard.apply(event)
                show(event)
                if is_over(event, scoreboard, match_id):
                    return
    raise ConnectionLost(f"The connection ended. {connection.reason}")


def is_over(event: Event, scoreboard: Scoreboard, match_id: str | None) -> bool:
    """Whether the match is, or without one the tournament: nothing more is to come."""
    if match_id is not None:
        return match_id in scoreboard.rows and scoreboard.rows[match_id].state in OVER
    if event.type == "snapshot":
        return snapshot_of(event).get("state") in ("completed", "cancelled")
    return event.type == "tournament_completed"


def _display(
    options: argparse.Namespace, scoreboard: Scoreboard, names: Names, connection: "Connection"
) -> tuple[AbstractContextManager[object], Show]:
    if options.trace:
        return nullcontext(), lambda event: None
    if options.json:
        return nullcontext(), lambda event: print_json({"type": event.type, "data": event.data})
    if not sys.stdout.isatty():
        return nullcontext(), lambda event: print_lines(event_lines(event, scoreboard, names))
    from scorecast_client.cli.scoreboard_view import live_view

    return live_view(scoreboard, names, connection)
