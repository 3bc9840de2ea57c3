"""The hosted page's files: `python -m infra.hosting publish ENV`, or `clear ENV`.

They go into the bucket of a stack with HostPage=true. CloudFormation deletes a bucket only if it is
empty, so `clear` goes before the stack.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.build import BUNDLE, PAGE
from infra.preflight.environments import Environment, UnknownEnvironment, read_environment

CANNOT_GO_ON: Final = 2
CONFIGURATION: Final = "config.json"
CONTENT_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
"""The content types of the page's files, by suffix."""
REVALIDATED: Final = "no-cache"
"""Browsers ask whether a file has changed: modules of two versions would not fit together."""


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    try:
        environment = read_environment(options.environment)
        session = Session(region_name=environment.region)
        outputs = _outputs(session.client("cloudformation"), environment)
        if "PageBucket" in outputs:
            return int(options.run(session.client("s3"), outputs))
    except (UnknownEnvironment, BotoCoreError, ClientError) as error:
        print(error, file=sys.stderr)
        return CANNOT_GO_ON
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.hosting", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for command in (publish, clear):
        described = commands.add_parser(command.__name__, help=command.__doc__)
        described.add_argument("environment", help="a section of samconfig.toml")
        described.set_defaults(run=command)
    return parser


def _outputs(cloudformation: Any, environment: Environment) -> dict[str, str]:
    """Of the environment's stack; none if there is no such stack."""
    try:
        [stack] = cloudformation.describe_stacks(StackName=environment.stack_name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":
            return {}
        raise
    return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}


def publish(s3: Any, outputs: Mapping[str, str]) -> int:
    """upload the page and its configuration, and remove what is no longer part of it"""
    bucket = outputs["PageBucket"]
    contents = dict(_contents(outputs))
    for key, content in contents.items():
        s3.put_object(
            Bucket=bucket,
            Key=key,
            Body=content,
            ContentType=CONTENT_TYPES[Path(key).suffix],
            CacheControl=REVALIDATED,
        )
    _delete(s3, bucket, [key for key in _keys(s3, bucket) if key not in contents])
    print(f"The page is at {outputs['PageUrl']}/?tournament=ID")
    return 0


def clear(s3: Any, outputs: Mapping[str, str]) -> int:
    """delete the page's files, once this is confirmed"""
    bucket = outputs["PageBucket"]
    keys = list(_keys(s3, bucket))
    if keys and not _is_confirmed(f"Delete the page at {outputs['PageUrl']}? [y/N] "):
        return 1
    _delete(s3, bucket, keys)
    return 0


def _contents(outputs: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Modules before the pages that load them, so that a page finds all of its own version."""
    for path in sorted(BUNDLE.parent.glob("*.js")):
        yield f"client/{path.name}", path.read_bytes()
    served = [path for path in PAGE.rglob("*") if path.suffix in CONTENT_TYPES and path.is_file()]
    for path in sorted(served, key=lambda path: (path.suffix == ".html", path)):
        yield str(path.relative_to(PAGE)), path.read_bytes()
    # The HTTP API is under the page's own name.
    configuration = {"ws_url": outputs["SocketUrl"], "http_url": outputs["PageUrl"]}
    yield CONFIGURATION, json.dumps(configuration).encode()


def _keys(s3: Any, bucket: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        yield from (each["Key"] for each in page.get("Contents", []))


def _delete(s3: Any, bucket: str, keys: Sequence[str]) -> None:
    for key in keys:
        s3.delete_object(Bucket=bucket, Key=key)


def _is_confirmed(question: str) -> bool:
    try:
        return input(question).strip().lower() == "y"
    except EOFError:  # there is no terminal to answer
        return False


if __name__ == "__main__":
    sys.exit(main())
