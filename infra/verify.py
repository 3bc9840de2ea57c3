"""`python -m infra.verify ENV [OPTIONS]`: `scorecast verify` for an environment's stack."""

import sys
from collections.abc import Sequence

from infra.preflight.environments import UnknownEnvironment, read_environment
from scorecast_client.cli import main as scorecast
from scorecast_client.cli.exit_codes import BAD_INPUT


def main(argv: Sequence[str] | None = None) -> int:
    name, *options = (sys.argv[1:] if argv is None else argv) or [""]
    try:
        environment = read_environment(name)
    except UnknownEnvironment as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    region = ["--region", environment.region] if environment.region else []
    return scorecast(["verify", environment.stack_name, *region, *options])


if __name__ == "__main__":
    sys.exit(main())
