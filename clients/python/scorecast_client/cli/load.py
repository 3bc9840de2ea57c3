"""`scorecast load`: viewers and score updates on a match, measured."""

import argparse
import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scorecast_client.cli import arguments
from scorecast_client.cli.access import add_api, add_ws, api_of, stack_of, ws_of
from scorecast_client.cli.exit_codes import DIFFERENT, DONE
from scorecast_client.errors import ScorecastError
from scorecast_client.load.plan import Plan
from scorecast_client.stack import Stack
from scorecast_client.tokens import TokenSigner

if TYPE_CHECKING:
    pass

MINUTES_BEYOND: Final = 60
"""How much longer than the load the viewers' tokens last."""


def add_load(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Connect viewers to a match, report scores at a rate, and check that every accepted one "
        "reaches every viewer. The latency runs from the answer `accepted` to each viewer's "
        "message, both by this machine's clock. Ends with 1 if anything was lost."
    )
    _add_plan(parser)
    parser.add_argument("--match", metavar="ID", help="a live one; else one is registered")
    parser.add_argument("--out", type=Path, metavar="FILE", help="for the result; else stdout")
    _add_viewers(parser)
    add_ws(parser)
    add_api(parser)
    parser.set_defaults(run=_load)


def _add_plan(parser: argparse.ArgumentParser) -> None:
    plan = Plan()
    parser.add_argument(
        "--viewers", type=arguments.count, default=plan.viewers, metavar="N", help="connections"
    )
    parser.add_argument(
        "--rate",
        type=arguments.positive,
        default=plan.updates_per_second,
        metavar="M",
        help="score updates a second",
    )
    parser.add_argument(
        "--seconds",
        type=arguments.positive,
        default=plan.seconds,
        metavar="S",
        help="how long scores are reported",
    )
    parser.add_argument(
        "--ramp",
        type=arguments.positive,
        default=plan.connections_per_second,
        metavar="C",
        help="new connections a second",
    )


def _add_viewers(parser: argparse.ArgumentParser) -> None:
    """A user may hold few connections, so every viewer is a user of its own."""
    viewers = parser.add_mutually_exclusive_group()
    viewers.add_argument("--secret", help="the shared secret, to sign the viewers' tokens")
    viewers.add_argument(
        "--anonymous", action="store_true", help="viewers without tokens, where that is allowed"
    )
    parser.add_argument("--issuer", help="the claim iss of the viewers' tokens")
    parser.add_argument("--audience", help="the claim aud of the viewers' tokens")


def _load(options: argparse.Namespace) -> int:
    from scorecast_client.cli.load_progress import with_progress
    from scorecast_client.load.run import Load, lost

    stack = stack_of(options)
    http_url, token = api_of(options, stack)
    ws_url = ws_of(options, stack)
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
    figures = asyncio.run(with_progress(load))
    _write(figures, options.out)
    return DIFFERENT if lost(figures) else DONE


def _token_for(options: argparse.Namespace, stack: Stack | None) -> Callable[[str], str | None]:
    if options.anonymous:
        return lambda user_id: None
    if options.secret:
        signer = TokenSigner(options.secret, issuer=options.issuer, audience=options.audience)
    elif stack:
        signer = stack.signer
    else:
        raise ScorecastError("Give --stack, --secret or --anonymous for the viewers.")
    minutes = options.seconds / 60 + MINUTES_BEYOND
    return lambda user_id: signer.token(user_id, now=datetime.now(UTC), minutes=minutes)


def _write(figures: dict[str, Any], out: Path | None) -> None:
    text = json.dumps(figures)
    if out is None:
        print(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as fault:
        raise ScorecastError(f"{out} cannot be written: {fault.strerror}.") from fault
