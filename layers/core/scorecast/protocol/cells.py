"""Cells: stacks that share no data. A tournament belongs to one of them."""

from typing import Literal, TypedDict

from scorecast.protocol.fields import Count, Id, Text


class Endpoint(TypedDict):
    """The addresses of a cell."""

    socket_url: Text
    """Where clients connect."""
    http_url: Text
    """Where the HTTP API is."""


class TournamentEndpoint(TypedDict):
    """Which cell a tournament belongs to."""

    tournament_id: Id
    """The tournament."""
    state: Literal["here", "moving", "moved"]
    """`moving`: it is being moved from or to this cell, for some seconds."""
    endpoint: Endpoint
    """The cell to use: this one unless the tournament has `moved`."""
    move: Count
    """The number of the tournament's last move, 0 before the first: cells compare it."""
