"""`scorecast replay`: plays a tournament file through the service, and compares the end."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import replace as changed
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scorecast_client.cli import arguments
from scorecast_client.cli.access import (
    add_http,
    add_stack,
    add_token,
    add_ws,
    given_token,
    http_of,
    stack_of,
    ws_of,
)
from scorecast_client.cli.exit_codes import DIFFERENT, DONE
from scorecast_client.cli.output import print_line, printable
from scorecast_client.errors import ScorecastError

if TYPE_CHECKING:
    from rich.console import Console

    from scorecast_client.replay.play import Progress
    from scorecast_client.replay.report import Latency, Report
    from scorecast_client.replay.tournament import Tournament

DEFAULT_SPEED: Final = 3600.0
NOTES_MAX: Final = 10
"""Of what the file has and is not played; the rest is counted."""


def add_replay(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Register the tournament of a file, play its matches, and compare what a spectator ended "
        "with. Ends with 1 if anything differs."
    )
    parser.add_argument("file", type=Path, help="a tournament in openfootball's JSON")
    parser.add_argument(
        "--speed",
        type=arguments.speed,
        default=DEFAULT_SPEED,
        metavar="N",
        help="times real time (default: %(default)g, an hour in a second), or max",
    )
    parser.add_argument(
        "--matches", type=arguments.count, metavar="N", help="play the first N only"
    )
    parser.add_argument("--as", dest="identity", metavar="ID", help="the tournament's id")
    add_ws(parser)
    add_http(parser)
    add_token(parser, "an admin's or a service's")
    add_stack(parser)
    parser.set_defaults(run=_replay)


def _replay(options: argparse.Namespace) -> int:
    from rich.console import Console

    from scorecast_client.replay.tournament_file import load

    tournament = load(options.file, tournament_id=options.identity)
    tournament = changed(tournament, matches=tournament.matches[: options.matches])
    _show_notes(tournament.notes)
    console = Console()
    report = asyncio.run(_with_progress(options, tournament, console))
    _show(report, console)
    return DIFFERENT if report.differences else DONE


def _show_notes(notes: Sequence[str]) -> None:
    for note in notes[:NOTES_MAX]:
        print_line(f"scorecast: {note}", file=sys.stderr)
    if len(notes) > NOTES_MAX:
        print_line(f"scorecast: And {len(notes) - NOTES_MAX} more such notes.", file=sys.stderr)


async def _with_progress(
    options: argparse.Namespace, tournament: "Tournament", console: "Console"
) -> "Report":
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    bar, text = BarColumn(bar_width=None), TextColumn("{task.description}", markup=False)
    with Progress(bar, MofNCompleteColumn(), TimeElapsedColumn(), text, console=console) as shown:
        task = shown.add_task("")

        def progress(done: int, total: int, newest: str) -> None:
            shown.update(task, completed=done, total=total, description=printable(newest))

        return await _play(options, tournament, progress)


async def _play(
    options: argparse.Namespace, tournament: "Tournament", progress: "Progress"
) -> "Report":
    from scorecast_client.replay.play import replay, replay_on

    stack = stack_of(options)
    if stack and not options.token:
        return await replay_on(stack, tournament, speed=options.speed, progress=progress)
    ws_url, http_url, token = ws_of(options, stack), http_of(options, stack), given_token(options)
    if not (ws_url and http_url and token):
        raise ScorecastError("Give --stack, or all of --ws, --http and --token.")
    speed = options.speed
    return await replay(
        tournament, ws_url=ws_url, http_url=http_url, token=token, speed=speed, progress=progress
    )


def _show(report: "Report", console: "Console") -> None:
    from rich.table import Table
    from rich.text import Text

    console.print("Differences between the file and what the spectator ended with:")
    table = Table()
    for heading in ("match", "what", "in the file", "received"):
        table.add_column(heading)
    for found in report.differences:
        values = (found.match_id, found.what, found.file, found.received)
        table.add_row(*(Text(printable(value)) for value in values))
    if not report.differences:
        table.add_row("none", "", "", "")
    console.print(table)
    for line in _summary(report):
        print_line(line)


def _summary(report: "Report") -> list[str]:
    return [
        f"{report.matches} matches in {report.seconds:.1f} s.",
        f"{report.accepted} updates accepted, {report.send_to_receipt.count} of them received; "
        f"{report.messages} messages received, {report.score_messages} of them scores "
        f"({report.merged} updates merged into others).",
        "Accept to receipt (the server's updated_at to the spectator's message): "
        f"{_milliseconds(report.accept_to_receipt)}.",
        "Send to receipt (the official's sending to the spectator's message): "
        f"{_milliseconds(report.send_to_receipt)}.",
    ]


def _milliseconds(latency: "Latency") -> str:
    if latency.p50_ms is None or latency.p99_ms is None:
        return "not measured"
    return f"p50 {latency.p50_ms:.0f} ms, p99 {latency.p99_ms:.0f} ms ({latency.count} measured)"
