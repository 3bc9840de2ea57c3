"""The exit codes of `scorecast`, so that a script can distinguish a refusal from a typing error."""

from typing import Final

from scorecast_client.errors import (
    AddressError,
    AnswerTimeout,
    CommandRefused,
    ConnectionLost,
    ConnectRefused,
    RequestRefused,
    ScorecastError,
    Unreachable,
)

DONE: Final = 0
DIFFERENT: Final = 1
"""A replay that differs from its file; a load that lost a score; a check that failed."""
BAD_INPUT: Final = 2
"""The command line, a file, or the environment."""
REFUSED: Final = 3
"""The service answered, and refused."""
UNREACHABLE: Final = 4
"""The service did not answer, or the connection to it was lost."""
INTERRUPTED: Final = 130
"""By Ctrl-C, as a shell counts it: 128 and the signal's number."""


def exit_code_of(error: ScorecastError) -> int:
    match error:
        case AddressError():
            return BAD_INPUT
        case CommandRefused() | RequestRefused():
            return REFUSED
        case ConnectRefused():
            answered = error.status is not None or error.goodbye is not None
            return REFUSED if answered else UNREACHABLE
        case Unreachable() | ConnectionLost() | AnswerTimeout():
            return UNREACHABLE
        case ScorecastError(__cause__=ScorecastError() as cause):
            return exit_code_of(cause)
        case _:
            return BAD_INPUT
