"""Steps that may fail without consequences for the caller."""

from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.aws.dynamodb.table import Contention
from scorecast.runtime.telemetry import count, log


def attempt(step: Callable[[], None]) -> bool:
    """Run a step that may fail; True if it succeeded. A failure is logged and counted."""
    try:
        step()
    except (BotoCoreError, ClientError, Contention) as error:
        count(BestEffortFailed=1)
        log().warning("best effort failed", extra={"error": type(error).__name__})
        return False
    return True
