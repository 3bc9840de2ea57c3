"""`python -m tests.simulation --profile scores --seeds 0-2000`, and `--replay 17` for one trace."""

import sys

from tests.simulation import environment

environment.make_importable()

from tests.simulation.command import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
