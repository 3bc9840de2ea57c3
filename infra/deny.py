"""Deny a user or an address: `python -m infra.deny STACK HASH --hours 24`.

HASH is the `user_hash` or `ip_hash` of a line of the log. `--hours 0` allows it again. Open
connections stay open: `DELETE /users/{id}/connections` closes a user's.
"""

import argparse
import re
from collections.abc import Sequence
from typing import Final

import boto3

from infra import layer  # noqa: F401
from scorecast.domain.connections.identity import HASH_CHARACTERS
from scorecast.runtime.settings import ConnectionsSettings
from scorecast.wiring import host, tables

_HASH: Final = re.compile(f"[0-9a-f]{{{HASH_CHARACTERS}}}")
_HOURS_MAX: Final = 24 * 365


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _parser().parse_args(arguments)
    until_ms = host.system().now_ms() + asked.hours * 3_600_000 if asked.hours else 0
    settings = ConnectionsSettings(connections_table=_table(asked.stack))
    tables.restrictions(settings).deny(asked.hash, until_ms=until_ms)
    print(f"{asked.hash}: {f'denied for {asked.hours} hours' if asked.hours else 'let in again'}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.deny", description=__doc__)
    parser.add_argument("stack", help="the stack's name")
    parser.add_argument("hash", type=_hash, help="user_hash or ip_hash, as the log shows it")
    parser.add_argument(
        "--hours", type=_hours, default=24, help="default: %(default)s; 0: allow again"
    )
    return parser


def _hash(text: str) -> str:
    if _HASH.fullmatch(text) is None:
        raise argparse.ArgumentTypeError(f"must be {HASH_CHARACTERS} of 0-9 a-f, as in the log")
    return text


def _hours(text: str) -> int:
    if not text.isdecimal() or int(text) > _HOURS_MAX:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 to {_HOURS_MAX}")
    return int(text)


def _table(stack: str) -> str:
    resources = boto3.client("cloudformation").describe_stack_resource(
        StackName=stack, LogicalResourceId="LiveConnectionsTable"
    )
    return resources["StackResourceDetail"]["PhysicalResourceId"]


if __name__ == "__main__":
    main()
