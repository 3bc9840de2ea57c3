"""Move tournaments to another cell: `python -m infra.move TOURNAMENT --from STACK --to STACK`.

A cell is a stack. Scores that are reported meanwhile are delayed for some seconds and never lost:
if this command ends before a tournament has left, the tournament stays; if it ends later, the other
cell opens the tournament by itself. Clients follow. The matches' history is copied last: if this
command ends before that, run it again.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError

from infra.move.cell import MATCHES_AT_ONCE, Cell
from infra.move.history import HistoryCopy
from infra.move.mover import Mover, NotMoved
from infra.move.signals import end_like_ctrl_c
from scorecast.aws.dynamodb.table import Contention
from scorecast.domain.matches.tournament import ARCHIVED, COMPLETED, OPEN
from scorecast.protocol.limits import DRAIN_SECONDS, DRAIN_SECONDS_MAX, PAGE_ITEMS_MAX
from scorecast.runtime.system import HostSystem

STAYED: Final = 1
CANNOT_GO_ON: Final = 2
INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    end_like_ctrl_c()
    system = HostSystem()
    try:
        source = Cell.of_stack(asked.source, _session(asked, "from"), system)
        target = Cell.of_stack(asked.target, _session(asked, "to"), system)
        tournament_ids = asked.tournaments or list(_all_of(source))
        with ThreadPoolExecutor(MATCHES_AT_ONCE) as pool:
            mover = Mover(source, target, system, pool, asked.drain_seconds, _report)
            outcomes = [_move(mover, each) for each in tournament_ids]
    except (BotoCoreError, ClientError, Contention) as error:
        print(f"{error}\nRun the same command again.", file=sys.stderr)
        return CANNOT_GO_ON
    except KeyboardInterrupt:
        print("Interrupted. Run the same command again.", file=sys.stderr)
        return INTERRUPTED
    return 0 if all(outcomes) else STAYED


def _move(mover: Mover, tournament_id: str) -> bool:
    try:
        match_ids = mover.move(tournament_id)
    except NotMoved as error:
        print(error, file=sys.stderr)
        return False
    is_whole = HistoryCopy(mover.source, mover.target, mover.system, mover.pool).copy_all(
        tournament_id, match_ids
    )
    if is_whole:
        _report(f"{tournament_id}: history copied, {len(match_ids)} matches")
    else:
        print(
            f"{tournament_id}: its history is not complete yet. Run the same command again.",
            file=sys.stderr,
        )
    return is_whole


def _report(line: str) -> None:
    print(line, flush=True)


def _all_of(cell: Cell) -> Iterator[str]:
    """Every tournament that lives in a cell. Read before the first one leaves."""
    for state in (OPEN, COMPLETED, ARCHIVED):
        after, is_first = None, True
        while is_first or after is not None:
            page = cell.listings.tournaments(state, after=after, limit=PAGE_ITEMS_MAX)
            yield from [tournament.id for tournament in page.items]
            after, is_first = page.last, False


def _session(asked: argparse.Namespace, side: str) -> Session:
    return Session(
        profile_name=getattr(asked, f"{side}_profile"),
        region_name=getattr(asked, f"{side}_region"),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.move", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "tournaments", nargs="*", default=[], metavar="TOURNAMENT", help="ids of tournaments"
    )
    which.add_argument("--all", action="store_true", help="all tournaments of the first stack")
    parser.add_argument("--from", dest="source", required=True, metavar="STACK")
    parser.add_argument("--to", dest="target", required=True, metavar="STACK")
    for side, stack in (("from", "first"), ("to", "second")):
        parser.add_argument(f"--{side}-profile", metavar="NAME", help=f"AWS profile of the {stack}")
        parser.add_argument(f"--{side}-region", metavar="REGION", help=f"region of the {stack}")
    parser.add_argument(
        "--drain-seconds",
        type=_drain_seconds,
        default=DRAIN_SECONDS,
        help="the time over which clients are redirected; default: %(default)s",
    )
    return parser


def _drain_seconds(text: str) -> int:
    if not text.isdecimal() or int(text) > DRAIN_SECONDS_MAX:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to {DRAIN_SECONDS_MAX}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
