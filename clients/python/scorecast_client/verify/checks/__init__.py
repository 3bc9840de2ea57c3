"""The checks, in the order in which they run."""

from typing import Final

from scorecast_client.verify.check import Check
from scorecast_client.verify.checks import (
    cleanup,
    handshakes,
    http_api,
    matches,
    messages,
    page,
    timing,
)

CHECKS: Final[tuple[Check, ...]] = (
    *handshakes.checks,
    *messages.checks,
    *matches.checks,
    *http_api.checks,
    *page.checks,
    *timing.checks,
    *cleanup.checks,
)
