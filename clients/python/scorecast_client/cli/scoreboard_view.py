"""The scoreboard as a table in a terminal. Score and state are shown whole, names shortened."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, JustifyMethod, RenderResult
from rich.live import Live
from rich.table import Table
from rich.text import Text

from scorecast_client.cli.event_lines import Names, latest_detail, names_of
from scorecast_client.cli.output import printable
from scorecast_client.connection import Connection
from scorecast_client.messages import Event
from scorecast_client.scoreboard import MatchRow, Scoreboard, snapshot_of

HIGHLIGHT_SECONDS: Final = 3
REFRESHES_PER_SECOND: Final = 4
LINES_BESIDE_MATCHES: Final = 6
GAP_CELLS: Final = 1
NAME_CELLS_MIN: Final = 12
"""Each name keeps so much before the columns `last` and `match` get their room."""
LAST_CELLS_MAX: Final = 40
STYLES: Final = {"live": "bold", "completed": "dim", "disputed": "red", "paused": "yellow"}
HEADINGS: Final = ("match", "first", "score", "second", "state", "last")


class ScoreboardView:
    """Rich renders it again at every refresh; the last change is highlighted."""

    def __init__(self, scoreboard: Scoreboard, names: Names, connection: Connection) -> None:
        self._scoreboard = scoreboard
        self._connection = connection
        self._names = names
        self._title = ""
        self._changed_at: dict[str, float] = {}

    def take(self, event: Event) -> None:
        """Remember what an event, which the scoreboard has applied, changed."""
        if event.type == "snapshot":
            snapshot = snapshot_of(event)
            self._title = printable(snapshot.get("name") or snapshot.get("match_id") or "")
        elif event.match_id is not None:
            self._changed_at[event.match_id] = time.monotonic()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        shown_max = max(1, console.size.height - LINES_BESIDE_MATCHES)
        shown = self._in_order()[:shown_max]
        rows = [self._cells(match_id, row) for match_id, row in shown]
        widths = column_widths(rows, options.max_width)
        table = Table(box=None, pad_edge=False, padding=(0, GAP_CELLS, 0, 0), show_header=False)
        for heading, width in zip(HEADINGS, widths, strict=True):
            if width:
                justify: JustifyMethod = "center" if heading == "score" else "left"
                table.add_column(width=width, justify=justify, no_wrap=True, overflow="ellipsis")
        for (match_id, row), cells in zip(shown, rows, strict=True):
            texts = [cell for cell, width in zip(cells, widths, strict=True) if width]
            table.add_row(*self._styled(match_id, cells, texts), style=STYLES.get(row.state))
        hidden = len(self._scoreboard.rows) - len(shown)
        yield Group(self._heading(), table, Text(f"and {hidden} more" if hidden > 0 else ""))

    def _in_order(self) -> list[tuple[str, MatchRow]]:
        """Live matches first, then the last changed, then the matches' own order."""

        def rank(item: tuple[str, MatchRow]) -> tuple[bool, bool, float, str]:
            match_id, row = item
            is_live = row.state in ("live", "paused")
            changed_at = self._changed_at.get(match_id, 0)
            return not is_live, row.state == "scheduled", -changed_at, match_id

        return sorted(self._scoreboard.rows.items(), key=rank)

    def _cells(self, match_id: str, row: MatchRow) -> list[str]:
        first, second = names_of(match_id, row, self._names)
        score = " : ".join(row.shown_score)
        texts = (match_id, first, score, second, row.state, latest_detail(row))
        return [printable(text) for text in texts]

    def _styled(self, match_id: str, cells: list[str], texts: list[str]) -> list[Text]:
        changed_at = self._changed_at.get(match_id)
        fresh = changed_at is not None and time.monotonic() - changed_at < HIGHLIGHT_SECONDS
        score = cells[HEADINGS.index("score")]
        return [Text(text, "black on yellow" if fresh and text is score else "") for text in texts]

    def _heading(self) -> Text:
        completed, matches = self._scoreboard.completed(), len(self._scoreboard.rows)
        return Text(
            f"{self._title}  ·  {printable(self._status())}  ·  "
            f"{self._scoreboard.viewers} watching  ·  {completed} of {matches} over"
        )

    def _status(self) -> str:
        if self._connection.phase == "live":
            return "connected"
        return f"{self._connection.phase}: {self._connection.reason}"


def column_widths(rows: list[list[str]], width: int) -> list[int]:
    """How many cells each column gets; 0 leaves it out. Score and state keep theirs."""
    natural = [max((cell_len(row[n]) for row in rows), default=0) for n in range(len(HEADINGS))]
    match, first, score, second, state, last = natural
    last = min(last, LAST_CELLS_MAX)
    names_min = min(first, NAME_CELLS_MIN) + min(second, NAME_CELLS_MIN)
    left = width - score - state - 4 * GAP_CELLS
    last = last if last and left - last - GAP_CELLS >= names_min else 0
    left -= last + GAP_CELLS if last else 0
    match = match if left - match - GAP_CELLS >= names_min else 0
    left -= match + GAP_CELLS if match else 0
    first_width = max(0, min(first, max(left // 2, left - second)))
    return [match, first_width, score, max(0, min(second, left - first_width)), state, last]


def live_view(
    scoreboard: Scoreboard, names: Names, connection: Connection
) -> tuple[AbstractContextManager[object], Callable[[Event], None]]:
    view = ScoreboardView(scoreboard, names, connection)
    return Live(view, console=Console(), refresh_per_second=REFRESHES_PER_SECOND), view.take
