"""`scorecast load`: viewers and updates on a match, with a live table and a result in JSON."""

import argparse
import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.live import Live
from rich.table import Table

from scorecast_client import arguments
from scorecast_client.errors import ScorecastError
from scorecast_client.load import Load, Plan, lost
from scorecast_client.stack import Stack
from scorecast_client.tokens import Mint

LOST: Final = 1
MINUTES_BEYOND: Final = 60
"""How much longer than the load the viewers' tokens last."""
REFRESHES_PER_SECOND: Final = 4


def add_load(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Connect viewers to a match, report scores at a rate, and check that every accepted one "
        "reaches everybody. The latency runs from the answer `accepted` to each viewer's frame, "
        "both by this machine's clock. Ends with 1 if anything was lost."
    )
    plan = Plan()
    parser.add_argument("--viewers", type=arguments.count, default=plan.viewers, metavar="N")
    parser.add_argument(
        "--rate",
        type=arguments.positive,
        default=plan.updates_per_second,
        metavar="M",
        help="score updates a second",
    )
    parser.add_argument("--seconds", type=arguments.positive, default=plan.seconds, metavar="S")
    parser.add_argument(
        "--ramp",
        type=arguments.positive,
        default=plan.connections_per_second,
        metavar="C",
        help="new connections a second (default: %(default)g)",
    )
    parser.add_argument("--match", metavar="ID", help="a live one; else one is registered")
    parser.add_argument("--out", type=Path, metavar="FILE", help="for the result; else stdout")
    parser.add_argument("--ws", metavar="URL", help="the socket's address")
    _add_viewers(parser)
    arguments.add_api(parser)
    parser.set_defaults(run=_load)


def _add_viewers(parser: argparse.ArgumentParser) -> None:
    """A user may hold few connections, so every viewer is a user of its own."""
    viewers = parser.add_mutually_exclusive_group()
    viewers.add_argument("--secret", help="the shared secret, to mint the viewers' tokens")
    viewers.add_argument(
        "--anonymous", action="store_true", help="viewers without tokens, where that is allowed"
    )
    parser.add_argument("--issuer")
    parser.add_argument("--audience")


def _load(options: argparse.Namespace) -> int:
    stack = arguments.stack_of(options)
    http_url, token = arguments.api_of(options, stack)
    ws_url = options.ws or (stack.ws_url if stack else None)
    if ws_url is None:
        raise ScorecastError("Give --stack or --ws.")
    load = Load(
        Plan(options.viewers, options.rate, options.seconds, options.ramp),
        ws_url=ws_url,
        http_url=http_url,
        token=token,
        token_for=_token_for(options, stack),
        match_id=options.match,
    )
    figures = asyncio.run(_with_table(load, Console(stderr=True)))
    _write(figures, options.out)
    return LOST if lost(figures) else 0


def _token_for(options: argparse.Namespace, stack: Stack | None) -> Callable[[str], str | None]:
    if options.anonymous:
        return lambda user_id: None
    if options.secret:
        mint = Mint(options.secret, issuer=options.issuer, audience=options.audience)
    elif stack:
        mint = stack.mint
    else:
        raise ScorecastError("Give --stack, --secret or --anonymous for the viewers.")
    minutes = options.seconds / 60 + MINUTES_BEYOND
    return lambda user_id: mint.token(user_id, now=datetime.now(UTC), minutes=minutes)


async def _with_table(load: Load, console: Console) -> dict[str, Any]:
    with Live(
        console=console,
        refresh_per_second=REFRESHES_PER_SECOND,
        get_renderable=lambda: _table(load.phase, load.figures()),
    ):
        return await load.run()


def _table(phase: str, figures: dict[str, Any]) -> Table:
    table = Table(title=f"{phase}, {figures['seconds']:.0f} s", show_header=False)
    delays, ratio = figures["accepted_to_received"], figures["merged_ratio"]
    rows = {
        "connected": f"{figures['connected']} of {figures['viewers']}",
        "updates sent, accepted": f"{figures['sent']}, {figures['accepted']}",
        "frames": f"{figures['frames']}, {figures['frames_per_second']} a second",
        "accepted to received": ", ".join(
            f"{name} {_shown(delays[f'{name}_ms'])}" for name in ("p50", "p99", "max")
        ),
        "merged": "-" if ratio is None else f"{ratio:.0%}",
        "away": ", ".join(figures["away"]) or "none",
        "gaps, reconnects": f"{figures['gaps']}, {figures['reconnects']}",
        "errors": ", ".join(f"{what}: {n}" for what, n in figures["errors"].items()) or "none",
    }
    for name, value in rows.items():
        table.add_row(name, value)
    return table


def _shown(delay_ms: int | None) -> str:
    return "-" if delay_ms is None else f"{delay_ms} ms"


def _write(figures: dict[str, Any], out: Path | None) -> None:
    text = json.dumps(figures)
    if out is None:
        print(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as fault:
        raise ScorecastError(f"{out} cannot be written: {fault.strerror}.") from fault
