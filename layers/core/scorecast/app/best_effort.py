"""What may fail without anything else failing."""

from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.aws.dynamodb.table import Contention
from scorecast.runtime.telemetry import count, log


def attempt(step: Callable[[], None]) -> bool:
    """Do what may fail, and say whether it did not: the log and a metric say it too."""
    try:
        step()
    except (BotoCoreError, ClientError, Contention) as error:
        count(BestEffortFailed=1)
        log().warning("best effort failed", extra={"error": type(error).__name__})
        return False
    return True
