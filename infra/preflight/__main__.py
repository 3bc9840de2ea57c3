"""`python -m infra.preflight ENV`: exit code 2 and a sentence if it cannot be deployed."""

import sys
from collections.abc import Sequence
from typing import Final

import boto3
from botocore.exceptions import BotoCoreError

from infra.preflight.environments import UnknownEnvironment, read_environment

CANNOT_GO_ON: Final = 2


def main(argv: Sequence[str]) -> int:
    [name] = argv
    try:
        environment = read_environment(name)
        region = environment.region or boto3.session.Session().region_name
    except (UnknownEnvironment, BotoCoreError) as error:
        print(error, file=sys.stderr)
        return CANNOT_GO_ON
    if not region:
        print(
            f'No AWS region: set AWS_REGION, or region = "…" under [{name}.global.parameters] '
            "in samconfig.toml.",
            file=sys.stderr,
        )
        return CANNOT_GO_ON
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
