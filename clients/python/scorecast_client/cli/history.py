"""`scorecast history`: every accepted score and every decisive event of a match."""

import argparse
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from scorecast_client.cli import arguments
from scorecast_client.cli.access import add_api, api_of, stack_of
from scorecast_client.cli.output import print_json, print_line

SHOWN: Final = ("outcome", "decided_by", "winner_id", "new_state", "reason", "dispute_id")
"""What a line has of a decisive event, where it has it. The rest is in `--json`."""


def add_history(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Print all that has happened in a match, in order: each accepted score, merged ones too,"
        " and each decisive event. Officials and the match's participants see who reported it."
    )
    parser.add_argument("match", type=arguments.identifier, metavar="MATCH", help="its id")
    parser.add_argument(
        "--after", type=int, metavar="REVISION", help="only entries after this revision's score"
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON per entry")
    add_api(parser)
    parser.set_defaults(run=_history)


def _history(options: argparse.Namespace) -> int:
    from scorecast_client.publisher import Publisher

    url, token = api_of(options, stack_of(options))
    with Publisher(url, token=token) as publisher:
        for entry in publisher.history(options.match, after=options.after):
            if options.json:
                print_json(entry)
            else:
                print_line(described(entry))
    return 0


def described(entry: Mapping[str, Any]) -> str:
    """An entry on one line. Total: `details` are anything, and later versions may add fields."""
    data = entry.get("data")
    fields = data if isinstance(data, Mapping) else {}
    return "  ".join(filter(None, _parts(str(entry.get("type")), fields)))


def _parts(kind: str, data: Mapping[str, Any]) -> Iterator[str]:
    yield _time(data.get("updated_at") or data.get("server_time"))
    yield kind
    scores = [data.get(f"participant{side}_score") for side in (1, 2)]
    if None not in scores:
        yield f"{scores[0]}:{scores[1]}"
    if kind == "score_accepted":
        yield f"revision {data.get('revision')}"
        if data.get("corrects") is not None:
            yield f"corrects {data['corrects']}"
    yield from (f"{name} {data[name]}" for name in SHOWN if data.get(name) is not None)
    if data.get("updated_by"):
        yield f"by {data['updated_by']}"


def _time(at_ms: object) -> str:
    """In UTC; empty if it is none."""
    try:
        return f"{datetime.fromtimestamp(float(str(at_ms)) / 1_000, UTC):%Y-%m-%d %H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return ""
