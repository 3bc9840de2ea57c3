"""The scoreboard in a terminal."""

import time
from collections.abc import Mapping
from typing import Final

from rich.console import Console, ConsoleOptions, Group, JustifyMethod, RenderResult
from rich.live import Live
from rich.table import Table
from rich.text import Text

from scorecast_client.board import Board, Row
from scorecast_client.connection import Connection, connect
from scorecast_client.credentials import Token
from scorecast_client.errors import ScorecastError
from scorecast_client.frames import Event

HIGHLIGHT_SECONDS: Final = 3
REFRESHES_PER_SECOND: Final = 4
LINES_BESIDE_MATCHES: Final = 6
STYLES: Final = {"live": "bold", "completed": "dim", "disputed": "red", "paused": "yellow"}

Names = Mapping[str, tuple[str, str]]
"""The names of a match's two participants, by its id."""


class Scoreboard:
    """Rich draws it anew at every refresh; what has just changed stands out."""

    def __init__(self, board: Board, names: Names, connection: Connection) -> None:
        self._board = board
        self._connection = connection
        self._names = names
        self._place = ""
        self._changed_at: dict[str, float] = {}

    def take(self, event: Event) -> None:
        self._board.apply(event)
        if event.type == "snapshot":
            snapshot = event.data["snapshot"]
            self._place = snapshot.get("name") or snapshot.get("match_id") or ""
        elif event.match_id is not None:
            self._changed_at[event.match_id] = time.monotonic()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table(box=None, pad_edge=False)
        for heading in ("match", "", "score", "", "state", "last"):
            justify: JustifyMethod = "center" if heading == "score" else "left"
            table.add_column(heading, justify=justify, no_wrap=True)
        shown = max(1, console.size.height - LINES_BESIDE_MATCHES)
        for match_id, row in self._in_order()[:shown]:
            table.add_row(*self._cells(match_id, row), style=STYLES.get(row.state))
        hidden = len(self._board.rows) - shown
        yield Group(self._heading(), table, Text(f"and {hidden} more" if hidden > 0 else ""))

    def _in_order(self) -> list[tuple[str, Row]]:
        """What is live first, then what changed last, then the matches' own order."""

        def rank(item: tuple[str, Row]) -> tuple[bool, float, str]:
            match_id, row = item
            return row.state == "scheduled", -self._changed_at.get(match_id, 0), match_id

        ranked = sorted(self._board.rows.items(), key=rank)
        return sorted(ranked, key=lambda item: item[1].state not in ("live", "paused"))

    def _cells(self, match_id: str, row: Row) -> list[Text]:
        first, second = row.names or self._names.get(match_id, ("", ""))
        fresh = time.monotonic() - self._changed_at.get(match_id, -60) < HIGHLIGHT_SECONDS
        score = Text(f"{row.score[0]} : {row.score[1]}", style="black on yellow" if fresh else "")
        texts = (match_id, first, score, second, row.state, _last_word(row))
        return [text if isinstance(text, Text) else Text(_printable(text)) for text in texts]

    def _status(self) -> str:
        if self._connection.phase == "live":
            return "connected"
        return f"{self._connection.phase}: {self._connection.reason}"

    def _heading(self) -> Text:
        completed, matches = self._board.completed(), len(self._board.rows)
        place = _printable(self._place)
        return Text(
            f"{place}  ·  {self._status()}  ·  {self._board.viewers} watching  ·  "
            f"{completed} of {matches} over"
        )


async def watch(
    url: str,
    *,
    console: Console,
    token: Token = None,
    match: str | None = None,
    tournament: str | None = None,
    names: Names | None = None,
) -> None:
    """Show a room until its connection ends for good, which raises ScorecastError."""
    async with connect(url, token=token, match=match, tournament=tournament) as connection:
        if not connection.established.get("snapshot"):
            raise ScorecastError("The address names no room: give a tournament or a match.")
        scoreboard = Scoreboard(Board(), names or {}, connection)
        with Live(scoreboard, console=console, refresh_per_second=REFRESHES_PER_SECOND):
            async for event in connection:
                scoreboard.take(event)
    raise ScorecastError(f"The connection ended. {connection.reason}")


def _printable(text: str) -> str:
    """Without what a terminal would obey: names and details are others'."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _last_word(row: Row) -> str:
    """The newest goal; of a finished match what the score does not tell."""
    details = row.details or {}
    if "scorer" in details:
        kind = str(details.get("kind", "goal")).replace("_", " ")
        return f"{details.get('minute')}' {details['scorer']}" + f" ({kind})" * (kind != "goal")
    if shoot_out := details.get("penalties"):
        return f"{shoot_out[0]} : {shoot_out[1]} on penalties"
    return "after extra time" if "extra_time" in details else ""
