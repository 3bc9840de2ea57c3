"""How long the parts of a connection take at most."""

from collections.abc import Callable
from dataclasses import dataclass

from scorecast_client.backoff import BASE_SECONDS, CAP_SECONDS, Backoff


@dataclass(frozen=True)
class Timings:
    open_seconds: float = 30
    """The handshake, and then the welcome. For so long the first connection is tried again."""
    answer_seconds: float = 30
    """A command that is sent once; then AnswerTimeout."""
    repeat_seconds: float = 10
    """A command that may be repeated; then it is."""
    hold_seconds: float = 3
    """A room's events, for the answer about what is missing before them. Then they are emitted."""
    deadline_seconds: float = 60
    """A command that may be repeated, with all its repetitions."""
    quiet_seconds: float = 25
    """After so long without a message, the server is pinged."""
    pong_seconds: float = 25
    """After so long without an answer to that, the connection counts as dead."""
    lifetime_seconds: float = 100 * 60
    """Then a new socket takes over, ahead of API Gateway's cut at two hours."""
    overlap_again_seconds: float = 5 * 60
    """Between two attempts to open it."""
    refresh_ahead_seconds: float = 60
    """Before its expiry the token is replaced, or in the middle of a shorter life."""
    poll_seconds: float = 2.0
    """Between two snapshots of a full room: longer than a cache may keep one."""
    poll_seconds_max: float = 10.0
    """While nothing changes."""
    late_seconds: float = 1.0
    """How much later than `viewers` the event with its number may arrive."""
    settled_seconds: float = 20
    """A connection that lasted so long makes the next wait short again."""
    close_seconds: float = 2
    """For the closing handshake."""
    backoff_base_seconds: float = BASE_SECONDS
    backoff_cap_seconds: float = CAP_SECONDS

    def backoff(self, random: Callable[[], float]) -> Backoff:
        return Backoff(random, self.backoff_base_seconds, self.backoff_cap_seconds)
