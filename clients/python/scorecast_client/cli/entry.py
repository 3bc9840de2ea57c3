"""`scorecast`: reads the command line, runs the command, and reports errors."""

import argparse
import logging
import os
import re
import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from scorecast_client.cli.exit_codes import BAD_INPUT, DONE, INTERRUPTED, exit_code_of
from scorecast_client.cli.history import add_history
from scorecast_client.cli.import_schedule import add_import
from scorecast_client.cli.invite import add_invite
from scorecast_client.cli.load import add_load
from scorecast_client.cli.output import print_error, print_line
from scorecast_client.cli.publish import add_publish
from scorecast_client.cli.replay import add_replay
from scorecast_client.cli.token import add_token
from scorecast_client.cli.verify import add_verify
from scorecast_client.cli.watch import add_watch
from scorecast_client.errors import ScorecastError

NEGATIVE_SCORE: Final = re.compile(r"-\d+:-?\d+")
EXIT_CODES: Final = (
    "Exit codes: 0 done; 1 a replay differs, a load lost a score, or a check failed; 2 bad input; "
    "3 refused by the service; 4 the service cannot be reached; 130 interrupted."
)


class UsageError(ScorecastError):
    """The command line cannot be parsed."""

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message)
        self.usage = usage


class ShowVersion(argparse.Action):
    """Reads the package's metadata only when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version

        print(f"scorecast {version('scorecast-client')}")
        parser.exit()


class Formatter(argparse.HelpFormatter):
    """Adds the default to each option that has one."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        text = action.help or ""
        none = action.default is None or isinstance(action.default, (bool, list))
        if none or action.default == argparse.SUPPRESS or "%(default" in text:
            return text
        return f"{text} (default: %(default)s)"


class Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": Formatter, "allow_abbrev": False, **options})

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}.", self.format_usage())


def main(argv: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in given
    try:
        return _run(given)
    except ScorecastError as failure:
        if isinstance(failure, UsageError) and not as_json:
            print(failure.usage, end="", file=sys.stderr)
        print_error(failure, as_json=as_json)
        return exit_code_of(failure)
    except UnicodeEncodeError as fault:
        print_error(ScorecastError(_encoding_sentence(fault)), as_json=as_json)
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except SystemExit as end:  # --help and --version
        return int(end.code or 0)


def parser() -> argparse.ArgumentParser:
    command = Parser(
        prog="scorecast", description="Live scores, from a terminal.", epilog=EXIT_CODES
    )
    command.add_argument("--version", action=ShowVersion, nargs=0, help="print the version")
    commands = command.add_subparsers(required=True, metavar="COMMAND")
    add_watch(commands.add_parser("watch", help="show a room's scores live"))
    add_publish(commands.add_parser("publish", help="register, report and read over HTTP"))
    add_history(commands.add_parser("history", help="print the history of a match"))
    add_token(commands.add_parser("token", help="sign a development token"))
    add_invite(commands.add_parser("invite", help="create an official's link to one match"))
    add_replay(commands.add_parser("replay", help="replay a tournament file through the service"))
    add_import(commands.add_parser("import", help="register the matches of a schedule"))
    add_load(commands.add_parser("load", help="connect viewers, report scores, and measure"))
    add_verify(commands.add_parser("verify", help="check a deployed stack from outside"))
    return command


def _run(given: list[str]) -> int:
    _report_retries()
    # argparse takes what begins with a hyphen for an option, unless it contains a space
    spaced = [f" {text}" if NEGATIVE_SCORE.fullmatch(text) else text for text in given]
    options = parser().parse_args(spaced)
    code = int(options.run(options))
    sys.stdout.flush()
    return code


def _report_retries() -> None:
    """A command that takes longer says why, on a line of its own."""
    for name in ("scorecast_client", "stamina"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(RetryLines())
            logger.propagate = False


class RetryLines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        seconds = getattr(record, "stamina.wait_for", None)
        text = record.getMessage()
        if seconds is not None:  # stamina's own text is a key for structured logs
            text = f"{_cause(record)} Trying again in {seconds:.1f} s."
        print_line(f"scorecast: {text}", file=sys.stderr)


def _cause(record: logging.LogRecord) -> str:
    """`ConnectError('All attempts failed')` → `All attempts failed.`"""
    cause = str(getattr(record, "stamina.caused_by", ""))
    found = re.search(r"""\(["'](.*?)(\\n|["'],|["']\))""", cause)
    return f"{found[1] if found else cause}."


def _encoding_sentence(fault: UnicodeEncodeError) -> str:
    letter = fault.object[fault.start]
    if "\ud800" <= letter <= "\udfff":  # bytes of the command line, in a place for text
        return "An argument is not UTF-8 text."
    return (
        f"The output's encoding {fault.encoding} cannot represent the character U+{ord(letter):04X}"
        "; set PYTHONIOENCODING=utf-8."
    )
