"""`python -m infra.local COMMAND`. Reads STACK, PORT, PAGE_PORT and PARAMS from the environment."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from infra.local.commands import dev, down, replay, up
from infra.local.errors import LocalError
from infra.local.paths import StackPaths
from scorecast_client.cli.exit_codes import INTERRUPTED
from scorecast_client.errors import ScorecastError

CANNOT_GO_ON: Final = 2


def main(argv: Sequence[str] | None = None) -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if (number, signal.getsignal(number)) != (signal.SIGHUP, signal.SIG_IGN):  # as nohup has it
            signal.signal(number, signal.default_int_handler)  # each ends what was started
    options = vars(_parser().parse_args(argv))
    run = options.pop("run")
    try:
        return int(run(StackPaths.from_environ(os.environ), **options))
    except (LocalError, ScorecastError) as error:
        print(error, file=sys.stderr)
        return CANNOT_GO_ON
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for command in (dev, up, down, replay):
        described = commands.add_parser(command.__name__, help=command.__doc__)
        described.set_defaults(run=command)
    described.add_argument("file", type=Path)
    described.add_argument("options", nargs=argparse.REMAINDER, help="of `scorecast replay`")
    return parser


if __name__ == "__main__":
    sys.exit(main())
