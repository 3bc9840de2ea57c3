"""`scorecast import`: registers the matches of a schedule, or shows what that would change."""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scorecast_client.cli import arguments
from scorecast_client.cli.access import add_api, api_of, stack_of
from scorecast_client.cli.exit_codes import DONE, REFUSED
from scorecast_client.cli.output import print_line, printable
from scorecast_client.errors import RequestRefused

if TYPE_CHECKING:
    from scorecast_client.publisher import Publisher
    from scorecast_client.schedule.comparison import Compared

BATCH_MATCHES: Final = 100


def add_import(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Register the matches of a schedule: CSV with a heading, JSON as the API takes it, or"
        " openfootball's JSON, with its groups and rounds. Run it again after a change: it brings"
        " about what the file says."
    )
    parser.add_argument("file", type=Path, help="schedule.csv or schedule.json")
    parser.add_argument(
        "--tournament", type=arguments.identifier, required=True, metavar="ID", help="its id"
    )
    parser.add_argument("--name", help="the tournament's name, if it is not registered yet")
    parser.add_argument("--dry-run", action="store_true", help="only show what would change")
    add_api(parser)
    parser.set_defaults(run=_import)


def _import(options: argparse.Namespace) -> int:
    from scorecast_client.publisher import Publisher
    from scorecast_client.schedule.comparison import compare
    from scorecast_client.schedule.schedule import read

    path: Path = options.file
    is_json = path.suffix.lower() == ".json"
    schedule = read(_text(path), tournament_id=options.tournament, is_json=is_json)
    for note in schedule.notes:
        print_line(f"scorecast: {note}", file=sys.stderr)
    url, token = api_of(options, stack_of(options))
    with Publisher(url, token=token) as publisher:
        is_known, registered = _registered(publisher, options.tournament)
        compared = compare(schedule.planned, registered)
        _show(compared, schedule.structure)
        if options.dry_run:
            return DONE
        if not is_known:
            name = options.name or options.tournament
            publisher.put_tournament(options.tournament, name=name, organizers=[])
        rejected = list(_put(publisher, options.tournament, compared))
        if schedule.structure is not None:
            publisher.put_structure(options.tournament, schedule.structure)
    for each in rejected:
        print_line(f"scorecast: {each['match_id']}: {each['detail']}", file=sys.stderr)
    return REFUSED if rejected else DONE


def _text(path: Path) -> str:
    from scorecast_client.schedule.planned import ScheduleError

    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise ScheduleError(f"{path} cannot be read: {fault.strerror}.") from fault
    except UnicodeDecodeError as fault:
        raise ScheduleError(f"{path} is not UTF-8 text.") from fault


def _registered(publisher: "Publisher", tournament_id: str) -> tuple[bool, dict[str, Any]]:
    """Whether the tournament is registered, and its matches by id."""
    found: dict[str, Any] = {}
    cursor = None
    while True:
        try:
            page = publisher.matches(tournament_id, cursor=cursor)
        except RequestRefused as refusal:
            if refusal.code == "not_found":
                return False, {}
            raise
        found |= {match["match_id"]: match for match in page["matches"]}
        cursor = page["next"]
        if cursor is None:
            return True, found


def _put(
    publisher: "Publisher", tournament_id: str, compared: Iterable["Compared"]
) -> Iterable[dict[str, Any]]:
    """Those that the service has rejected."""
    differing = [each.planned for each in compared if each.change != "same"]
    for some in batched(differing, BATCH_MATCHES, strict=False):
        matches = [match.as_sent() for match in some]
        results = publisher.put_matches(tournament_id, matches)["results"]
        yield from (each for each in results if each["outcome"] == "rejected")


def _show(compared: Sequence["Compared"], structure: Mapping[str, Any] | None) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for heading in ("match", "participants", "time", "change"):
        table.add_column(heading, overflow="fold")
    for each in compared:
        if each.change == "same":
            continue
        match = each.planned
        names = " v ".join(side.label for side in match.participants)
        change = "; ".join(each.differences) or each.change
        time = match.scheduled_at.isoformat() if match.scheduled_at else "unknown"
        cells = (match.id, names, time, change)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    if table.row_count:
        Console().print(table)
    if structure is not None:
        print_line(f"groups: {len(structure['groups'])}, rounds: {len(structure['rounds'])}")
    counts = {
        kind: sum(each.change == kind for each in compared) for kind in ("new", "changed", "same")
    }
    print_line(", ".join(f"{count} {kind}" for kind, count in counts.items()))
