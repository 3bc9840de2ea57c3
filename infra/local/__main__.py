"""`python -m infra.local COMMAND`. Reads STACK, PORT, PAGE_PORT and PARAMS from the environment."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from infra.local.commands import WORLD_CUP, dev, down, replay, up
from infra.local.errors import LocalError
from infra.local.paths import StackPaths
from scorecast_client.errors import ScorecastError

CANNOT_GO_ON: Final = 2
INTERRUPTED: Final = 130
DEV_SPEED: Final = "3600"
"""An hour of a match in a second."""


def main(argv: Sequence[str] | None = None) -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # each ends what was started
    options, rest = _parser().parse_known_args(argv)
    try:
        code = _run(options, rest)
    except (LocalError, ScorecastError) as error:
        print(error, file=sys.stderr)
        return CANNOT_GO_ON
    except KeyboardInterrupt:
        code = INTERRUPTED
    # Ctrl-C is how dev ends; make would report any other code than 0 as an error.
    return 0 if options.command == "dev" and code == INTERRUPTED else code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start, build, deploy, and leave it running")
    commands.add_parser("down", help="end what up started")
    replayed = commands.add_parser("replay", help="play a tournament file; options as scorecast's")
    replayed.add_argument("file", type=Path)
    whole = commands.add_parser("dev", help="up, replay the World Cup, serve until Ctrl-C")
    whole.add_argument("--file", type=Path, default=WORLD_CUP)
    whole.add_argument("--speed", default=DEV_SPEED)
    return parser


def _run(options: argparse.Namespace, rest: Sequence[str]) -> int:
    paths = StackPaths.from_environ(os.environ)
    if rest and options.command != "replay":
        raise LocalError(f"{options.command} has no option {rest[0]}.")
    match options.command:
        case "up":
            return up(paths, os.environ)
        case "down":
            return down(paths)
        case "replay":
            return replay(paths, options.file, rest)
        case _:
            return dev(paths, os.environ, file=options.file, speed=options.speed)


if __name__ == "__main__":
    sys.exit(main())
