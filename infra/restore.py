"""Restore a table's items: `python -m infra.restore --from RESTORED --into TABLE`.

Point-in-time recovery makes a new table. Its items are copied from there into the stack's own, so
that functions, streams and permissions stay as they are. By default only what is missing is
written; `--overwrite` replaces what is there. A copy that was interrupted can be started again.
The command reads `AWS_DEFAULT_REGION` and `AWS_ENDPOINT_URL`.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CANNOT_GO_ON: Final = 2
RETRIES: Final = Config(retries={"mode": "adaptive", "max_attempts": 20})
REPORT_EVERY: Final = 1_000
Item = dict[str, Any]


@dataclass
class Copied:
    read: int = 0
    written: int = 0

    def __str__(self) -> str:
        return f"{self.read:,} items read, {self.written:,} written"


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    copied = Copied()
    try:
        source = Session(region_name=options.from_region).client("dynamodb", config=RETRIES)
        target = Session().client("dynamodb", config=RETRIES)
        for item in _items(source, options.source, options.key):
            copied.read += 1
            copied.written += _put(target, options.into, item, is_overwritten=options.overwrite)
            if copied.read % REPORT_EVERY == 0:
                print(copied, flush=True)
    except (BotoCoreError, ClientError) as error:
        print(f"{error}\nInterrupted: {copied}.", file=sys.stderr)
        return CANNOT_GO_ON
    print(f"{copied}.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.restore", description=__doc__)
    parser.add_argument(
        "--from", dest="source", required=True, metavar="TABLE", help="the restored table"
    )
    parser.add_argument("--from-region", metavar="REGION", help="its region, if it differs")
    parser.add_argument("--into", required=True, metavar="TABLE", help="the stack's table")
    parser.add_argument("--key", metavar="PK", help="only this partition: M#MATCH, or T#TOURNAMENT")
    parser.add_argument("--overwrite", action="store_true", help="replace items that are there")
    return parser


def _items(dynamodb: Any, table: str, key: str | None) -> Iterator[Item]:
    if key is None:
        pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    else:
        pages = dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": key}},
            ConsistentRead=True,
        )
    for page in pages:
        yield from page["Items"]


def _put(dynamodb: Any, table: str, item: Item, *, is_overwritten: bool) -> bool:
    """Whether it was written."""
    condition = {} if is_overwritten else {"ConditionExpression": "attribute_not_exists(pk)"}
    try:
        dynamodb.put_item(TableName=table, Item=item, **condition)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True


if __name__ == "__main__":
    sys.exit(main())
