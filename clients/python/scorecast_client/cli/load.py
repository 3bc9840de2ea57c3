"""`scorecast load`: viewers and score updates on a match, measured."""

import argparse
import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from scorecast_client.cli import arguments
from scorecast_client.cli.access import add_api, add_ws, api_of, stack_of, ws_of
from scorecast_client.cli.exit_codes import DIFFERENT, DONE
from scorecast_client.errors import ScorecastError
from scorecast_client.load.plan import Plan
from scorecast_client.stack import Stack, read_stack
from scorecast_client.tokens import TokenSigner

PROCESSES_MAX: Final = 64
"""Of one machine: each is a Python of its own."""
MINUTES_BEYOND: Final = 60
"""How much longer than the load the viewers' tokens last."""


def add_load(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Connect viewers to a match, report scores at a rate, and check that every accepted one "
        "reaches every viewer. The latency runs from the answer `accepted` to each viewer's "
        "message, both by this machine's clock. Ends with 1 if anything was lost."
    )
    _add_plan(parser)
    parser.add_argument("--match", metavar="ID", help="a live match; default: a new one")
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="another stack's description, to compare with"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="for the result; default: stdout")
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
    lasts = parser.add_mutually_exclusive_group()
    lasts.add_argument(
        "--seconds",
        type=arguments.positive,
        default=plan.seconds,
        metavar="S",
        help="duration of the load",
    )
    lasts.add_argument(
        "--minutes",
        type=arguments.positive,
        metavar="M",
        help="duration of a soak test, instead of --seconds",
    )
    parser.add_argument(
        "--processes",
        type=_processes,
        default=plan.processes,
        metavar="P",
        help="processes for the viewers",
    )
    parser.add_argument(
        "--ramp",
        type=arguments.positive,
        default=plan.connections_per_second,
        metavar="C",
        help="new connections a second",
    )


def _processes(text: str) -> int:
    number = arguments.count(text)
    if number > PROCESSES_MAX:
        raise argparse.ArgumentTypeError(f"{text} is more than {PROCESSES_MAX}")
    return number


def _add_viewers(parser: argparse.ArgumentParser) -> None:
    viewers = parser.add_mutually_exclusive_group()
    viewers.add_argument("--secret", help="the shared secret, to sign the viewers' tokens")
    viewers.add_argument(
        "--anonymous", action="store_true", help="viewers without tokens, if the stack allows them"
    )
    parser.add_argument("--issuer", help="the claim iss of the viewers' tokens")
    parser.add_argument("--audience", help="the claim aud of the viewers' tokens")


def _load(options: argparse.Namespace) -> int:
    stack = stack_of(options)
    # Errors in these are reported before the load, not after an hour of it.
    against = None if options.against is None else read_stack(options.against)
    _check_writable(options.out)
    figures = _loaded(options, stack)
    lossy = [figures]
    if against is not None:
        other = _loaded(_without_addresses(options), against)
        lossy.append(other)
        figures = {"stack": figures, "against": other, "ratios": ratios(figures, other)}
    _write(figures, options.out)
    return DIFFERENT if any(map(_is_lossy, lossy)) else DONE


def _loaded(options: argparse.Namespace, stack: Stack | None) -> dict[str, Any]:
    from scorecast_client.cli.load_progress import with_progress
    from scorecast_client.load.run import Load

    http_url, token = api_of(options, stack)
    ws_url = ws_of(options, stack)
    if ws_url is None:
        raise ScorecastError("Give --stack or --ws.")
    load = Load(
        _plan(options),
        ws_url=ws_url,
        http_url=http_url,
        token=token,
        token_for=_token_for(options, stack),
        match_id=options.match,
    )
    return asyncio.run(with_progress(load))


def _plan(options: argparse.Namespace) -> Plan:
    seconds = options.minutes * 60 if options.minutes else options.seconds
    return Plan(options.viewers, options.rate, seconds, options.ramp, processes=options.processes)


def _without_addresses(options: argparse.Namespace) -> argparse.Namespace:
    """For the stack that is compared with, whose own file says where it is."""
    named = {"http": None, "ws": None, "token": None, "match": None}
    return argparse.Namespace(**(vars(options) | named))


def _is_lossy(figures: dict[str, Any]) -> bool:
    from scorecast_client.load.run import lost

    return lost(figures)


def ratios(first: dict[str, Any], second: dict[str, Any]) -> dict[str, float | None]:
    """The first stack's figures as multiples of the second's."""
    delays = {
        f"{part}_{name}": (_delay(first, part, name), _delay(second, part, name))
        for part in ("handshake", "accepted_to_received")
        for name in ("p50_ms", "p99_ms")
    }
    rates = (first["messages_per_second"], second["messages_per_second"])
    pairs = {"messages_per_second": rates, **delays}
    return {
        name: round(one / other, 3) if one is not None and other else None
        for name, (one, other) in pairs.items()
    }


def _delay(figures: dict[str, Any], part: str, name: str) -> int | None:
    found = figures["connecting"] if part == "handshake" else figures
    delay: int | None = found[part][name]
    return delay


@dataclass(frozen=True)
class ViewerTokens:
    """Each viewer is a user of its own, since a user may hold few connections."""

    signer: TokenSigner | None
    minutes: float

    def __call__(self, user_id: str) -> str | None:
        if self.signer is None:
            return None
        return self.signer.token(user_id, now=datetime.now(UTC), minutes=self.minutes)


def _token_for(options: argparse.Namespace, stack: Stack | None) -> Callable[[str], str | None]:
    minutes = _plan(options).seconds / 60 + MINUTES_BEYOND
    if options.anonymous:
        return ViewerTokens(None, minutes)
    if options.secret:
        signer = TokenSigner(options.secret, issuer=options.issuer, audience=options.audience)
        return ViewerTokens(signer, minutes)
    if stack is None:
        raise ScorecastError("Give --stack, --secret or --anonymous for the viewers.")
    return ViewerTokens(stack.signer, minutes)


def _check_writable(out: Path | None) -> None:
    if out is not None:
        with _written(out, "a"):
            pass


def _write(figures: dict[str, Any], out: Path | None) -> None:
    text = json.dumps(figures)
    if out is None:
        print(text)
        return
    with _written(out, "w") as file:
        file.write(text + "\n")


@contextmanager
def _written(out: Path, mode: str) -> Iterator[IO[str]]:
    try:
        with out.open(mode, encoding="utf-8") as file:
            yield file
    except OSError as fault:
        raise ScorecastError(f"{out} cannot be written: {fault.strerror}.") from fault
