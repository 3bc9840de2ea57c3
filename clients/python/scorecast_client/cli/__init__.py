"""The command `scorecast`. Libraries for terminals and HTTP are imported by the commands' runs."""

from scorecast_client.cli.entry import main, parser
from scorecast_client.cli.exit_codes import DIFFERENT, DONE

__all__ = ["DIFFERENT", "DONE", "main", "parser"]
