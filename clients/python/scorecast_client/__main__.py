"""`python -m scorecast_client` is the command `scorecast`."""

import sys

from scorecast_client.cli import main

sys.exit(main())
