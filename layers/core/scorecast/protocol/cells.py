"""Cells: stacks that share nothing. A tournament lives in one of them."""

from typing import Literal, TypedDict

from scorecast.protocol.fields import Count, Id, Text


class Endpoint(TypedDict):
    """The addresses of a cell."""

    socket_url: Text
    """Where clients connect."""
    http_url: Text
    """Where the HTTP API is."""


class TournamentEndpoint(TypedDict):
    """Where a tournament lives."""

    tournament_id: Id
    """The tournament."""
    state: Literal["here", "moving", "moved"]
    """`moving`: on its way from or to this cell, for some seconds."""
    endpoint: Endpoint
    """The cell to use: this one unless the tournament has `moved`."""
    move: Count
    """The number of the tournament's last move, 0 before the first: one cell asks another by it."""
