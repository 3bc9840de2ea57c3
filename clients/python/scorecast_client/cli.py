"""The command `scorecast`. Bad input and lost connections end it with a sentence and code 2."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import replace as changed
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from scorecast_client import arguments
from scorecast_client.connection import in_query
from scorecast_client.errors import ScorecastError
from scorecast_client.load_command import add_load
from scorecast_client.publish_command import add_publish
from scorecast_client.publisher import Publisher
from scorecast_client.replay import replay, replay_on
from scorecast_client.report import Latency, Report
from scorecast_client.stack import Stack
from scorecast_client.tokens import Mint
from scorecast_client.tournament import Tournament, load
from scorecast_client.watch import Names, watch

DIFFERENT: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130
DEFAULT_SPEED: Final = 3600.0


def main(argv: Sequence[str] | None = None) -> int:
    try:
        options = parser().parse_args(argv)
        code = int(options.run(options))
        sys.stdout.flush()
        return code
    except ScorecastError as failure:
        print(f"scorecast: {failure}", file=sys.stderr)
        return BAD_INPUT
    except UnicodeEncodeError:  # bytes of the command line, in a place where text must be
        print("scorecast: An argument is not UTF-8 text.", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit as end:  # argparse has said what is wrong
        return int(end.code or 0)


def parser() -> argparse.ArgumentParser:
    command = argparse.ArgumentParser(prog="scorecast", description="Live scores, from a terminal.")
    commands = command.add_subparsers(required=True, metavar="COMMAND")
    _add_watch(commands.add_parser("watch", help="show a room's scores live"))
    add_publish(commands.add_parser("publish", help="register, report and read over HTTP"))
    _add_token(commands.add_parser("token", help="mint a development token"))
    _add_replay(commands.add_parser("replay", help="play a tournament file through the service"))
    add_load(commands.add_parser("load", help="put viewers and updates on a match, and measure"))
    return command


def _add_watch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", nargs="?", help="the socket's; may hold token and room itself")
    parser.add_argument("--token")
    parser.add_argument("--tournament", metavar="ID")
    parser.add_argument("--match", metavar="ID")
    parser.add_argument("--http", metavar="URL", help="the HTTP API's, for the teams' names")
    arguments.add_stack(parser)
    parser.set_defaults(run=_watch)


def _add_token(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--secret", help="the shared secret, at least 32 bytes")
    parser.add_argument("--issuer")
    parser.add_argument("--audience")
    parser.add_argument("--sub", required=True, metavar="USER", help="the user's id")
    parser.add_argument("--role", choices=("admin", "service"))
    parser.add_argument(
        "--tournament", action="append", default=[], metavar="ID", help="organised by the user"
    )
    parser.add_argument(
        "--minutes", type=arguments.positive, default=60.0, help="how long it is good for"
    )
    arguments.add_stack(parser)
    parser.set_defaults(run=_token)


def _add_replay(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="a tournament in the form of openfootball")
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
    parser.add_argument("--ws", metavar="URL", help="the socket's, where there is no stack file")
    parser.add_argument("--http", metavar="URL", help="the HTTP API's")
    parser.add_argument("--token", help="an admin's")
    arguments.add_stack(parser)
    parser.set_defaults(run=_replay)


def _watch(options: argparse.Namespace) -> int:
    stack = arguments.stack_of(options)
    url = options.url or (stack.ws_url if stack else None)
    if url is None:
        raise ScorecastError("Give the address of a socket, or --stack.")
    in_url = in_query(url, "token") or in_query(url, "ticket")
    token = None if in_url else arguments.token_of(options, stack, "spectator")
    names = _names(
        http_url=options.http or (stack.http_url if stack else None),
        token=token or in_url,
        tournament=options.tournament or in_query(url, "tournament_id"),
    )
    room = {"match": options.match, "tournament": options.tournament}
    asyncio.run(watch(url, console=Console(), token=token, names=names, **room))
    return 0


def _names(*, http_url: str | None, token: str | None, tournament: str | None) -> Names:
    if http_url is None or token is None or tournament is None:
        return {}
    with Publisher(http_url, token=token) as publisher:
        matches = publisher.tournament(tournament)["matches"]
    return {
        match["match_id"]: (match["participants"][0]["name"], match["participants"][1]["name"])
        for match in matches
    }


def _token(options: argparse.Namespace) -> int:
    if bool(options.secret) == bool(options.stack):
        raise ScorecastError("Give either --secret or --stack.")
    stack = arguments.stack_of(options)
    mint = (
        stack.mint
        if stack
        else Mint(options.secret, issuer=options.issuer, audience=options.audience)
    )
    print(
        mint.token(
            options.sub,
            now=datetime.now(UTC),
            minutes=options.minutes,
            role=options.role,
            tournaments=tuple(options.tournament),
        )
    )
    return 0


def _replay(options: argparse.Namespace) -> int:
    tournament = load(options.file, tournament_id=options.identity)
    tournament = changed(tournament, matches=tournament.matches[: options.matches])
    stack = arguments.stack_of(options)
    if stack is None and not (options.ws and options.http and options.token):
        raise ScorecastError("Give --stack, or all of --ws, --http and --token.")
    console = Console()
    report = asyncio.run(_with_progress(options, stack, tournament, console))
    _show(report, console)
    return DIFFERENT if report.differences else 0


async def _with_progress(
    options: argparse.Namespace, stack: Stack | None, tournament: Tournament, console: Console
) -> Report:
    bar = BarColumn(bar_width=None)
    words = TextColumn("{task.description}")
    with Progress(bar, MofNCompleteColumn(), TimeElapsedColumn(), words, console=console) as shown:
        task = shown.add_task("")

        def progress(done: int, total: int, newest: str) -> None:
            shown.update(task, completed=done, total=total, description=newest)

        if stack:
            return await replay_on(stack, tournament, speed=options.speed, progress=progress)
        return await replay(
            tournament,
            ws_url=options.ws,
            http_url=options.http,
            token=options.token,
            speed=options.speed,
            progress=progress,
        )


def _show(report: Report, console: Console) -> None:
    console.print("Differences between the file and what the spectator ended with:")
    table = Table()
    for heading in ("match", "what", "in the file", "heard"):
        table.add_column(heading)
    for found in report.differences:
        table.add_row(found.match_id, found.what, str(found.file), str(found.heard))
    if not report.differences:
        table.add_row("none", "", "", "")
    console.print(table)
    console.print(
        f"{report.matches} matches in {report.seconds:.1f} s.\n"
        f"{report.accepted} updates accepted, {report.send_to_receipt.count} of them heard; "
        f"{report.frames} frames received, {report.score_frames} of them scores "
        f"({report.merged} updates merged into others).\n"
        f"Accept to receipt (the server's updated_at to the spectator's frame): "
        f"{_milliseconds(report.accept_to_receipt)}.\n"
        f"Send to receipt (the official's sending to the spectator's frame): "
        f"{_milliseconds(report.send_to_receipt)}.",
        highlight=False,
        soft_wrap=True,
    )


def _milliseconds(latency: Latency) -> str:
    if latency.p50_ms is None or latency.p99_ms is None:
        return "not measured"
    return f"p50 {latency.p50_ms:.0f} ms, p99 {latency.p99_ms:.0f} ms ({latency.count} measured)"
