"""How a load is going: a live table in a terminal, a line every few seconds elsewhere."""

import asyncio
import sys
from typing import Any, Final

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from scorecast_client.cli.output import print_line, printable
from scorecast_client.load.run import Load

REFRESHES_PER_SECOND: Final = 4
LINE_SECONDS: Final = 5.0


async def with_progress(load: Load) -> dict[str, Any]:
    console = Console(stderr=True)
    if not console.is_terminal:
        return await _with_lines(load)
    with Live(
        console=console,
        refresh_per_second=REFRESHES_PER_SECOND,
        get_renderable=lambda: _table(load.phase, load.figures()),
    ):
        return await load.run()


async def _with_lines(load: Load) -> dict[str, Any]:
    async def report() -> None:
        while True:
            print_line(_line(load.phase, load.figures()), file=sys.stderr)
            await asyncio.sleep(LINE_SECONDS)

    reporting = asyncio.create_task(report())
    try:
        figures = await load.run()
        print_line(_line(load.phase, figures), file=sys.stderr)
        return figures
    finally:
        reporting.cancel()
        await asyncio.gather(reporting, return_exceptions=True)


def _line(phase: str, figures: dict[str, Any]) -> str:
    rows = ", ".join(f"{name} {value}" for name, value in _rows(figures).items())
    return f"{phase}, {figures['seconds']:.0f} s: {rows}"


def _table(phase: str, figures: dict[str, Any]) -> Table:
    table = Table(title=f"{phase}, {figures['seconds']:.0f} s", show_header=False)
    for name, value in _rows(figures).items():
        table.add_row(name, Text(printable(value)))
    return table


def _rows(figures: dict[str, Any]) -> dict[str, str]:
    delays, ratio = figures["accepted_to_received"], figures["merged_ratio"]
    storm = figures["connecting"]
    return {
        "connected": f"{figures['connected']} of {figures['viewers']}",
        "updates sent": f"{figures['sent']}",
        "accepted": f"{figures['accepted']}",
        "messages": f"{figures['messages']} ({figures['messages_per_second']} a second)",
        "accepted to received": " ".join(
            f"{name} {_shown(delays[f'{name}_ms'])}" for name in ("p50", "p99", "max")
        ),
        "handshake": " ".join(
            f"{name} {_shown(storm['handshake'][f'{name}_ms'])}" for name in ("p50", "p99", "max")
        ),
        "refused": ", ".join(f"{code}: {n}" for code, n in figures["refused"].items()) or "none",
        "memory": f"{figures['memory_mb']['now']} MB",
        "merged": "-" if ratio is None else f"{ratio:.0%}",
        "disconnected": ", ".join(figures["disconnected"]) or "none",
        "gaps": f"{figures['gaps']}",
        "reconnects": f"{figures['reconnects']}",
        "errors": ", ".join(f"{what}: {n}" for what, n in figures["errors"].items()) or "none",
    }


def _shown(delay_ms: int | None) -> str:
    return "-" if delay_ms is None else f"{delay_ms} ms"
