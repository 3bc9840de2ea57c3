"""How long the parts of a connection take at most."""

from dataclasses import dataclass

from scorecast_client.backoff import BASE_SECONDS, CAP_SECONDS


@dataclass(frozen=True)
class Timings:
    open_seconds: float = 30
    """The handshake, and then the greeting. As long is a refusal at first tried again."""
    answer_seconds: float = 30
    """A command that is sent once; then AnswerTimeout."""
    repeat_seconds: float = 10
    """A command that may be repeated; then it is."""
    deadline_seconds: float = 60
    """A command that may be repeated, with all its repetitions."""
    quiet_seconds: float = 25
    """Without a frame for so long, the server is asked for one."""
    pong_seconds: float = 25
    """Without an answer to that for so long, the connection counts as dead."""
    lifetime_seconds: float = 100 * 60
    """Then a new socket takes over, ahead of API Gateway's cut at two hours."""
    overlap_again_seconds: float = 5 * 60
    """Between two tries at opening it."""
    refresh_ahead_seconds: float = 60
    """Before its expiry the token is replaced, or in the middle of a shorter life."""
    late_seconds: float = 1.0
    """How much later than `viewers` the event that it numbers may come."""
    settled_seconds: float = 20
    """A connection that lasted so long makes the next wait short again."""
    close_seconds: float = 2
    """For the closing handshake."""
    backoff_base_seconds: float = BASE_SECONDS
    backoff_cap_seconds: float = CAP_SECONDS
