"""Messages that some members did not get, posted to them again while they are the newest.

A lost message that has a successor is healed by it: the client sees the gap and asks. The last one
of a match has none, so it is posted again until it was taken, or until the client is gone.
"""

from dataclasses import dataclass, replace
from functools import partial

from scorecast.app.post import attempt
from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.dynamodb.undelivered import Undelivered
from scorecast.aws.gateway import Gateway
from scorecast.aws.sqs.sweep_queue import Repost, SweepQueue
from scorecast.domain.delivery import UNDELIVERED, Delivery, metrics_of
from scorecast.domain.rooms import room_from_key
from scorecast.protocol.limits import (
    REPOST_DELAYS_SECONDS,
    REPOST_MS_MAX,
    REPOSTS_SHARE,
)
from scorecast.runtime.telemetry import count


@dataclass(frozen=True, slots=True)
class Reposts:
    matches: Matches
    gateway: Gateway
    sweep_queue: SweepQueue
    undelivered: Undelivered
    posts_per_second: int

    def post(self, repost: Repost) -> None:
        """Post once more to those who did not get it, and plan the next try for the rest."""
        room = room_from_key(repost.posted.stream)
        if self.matches.newest(room) != repost.posted.sequence:
            return
        outcomes = self.gateway.post_all(
            repost.connection_ids,
            repost.posted.message.encode(),
            time_ms_max=REPOST_MS_MAX,
            posts_per_second=self.posts_per_second * REPOSTS_SHARE,
        )
        count(**metrics_of(outcomes))
        gone = [each for each, got in outcomes.items() if got is Delivery.GONE]
        attempt(partial(self.sweep_queue.put_gone, gone))
        left = tuple(each for each, got in outcomes.items() if got in UNDELIVERED)
        if left:
            self._again(replace(repost, connection_ids=left, tries=repost.tries + 1))

    def _again(self, repost: Repost) -> None:
        """Plan the next try. After the last of a chain the next minute begins another one.

        Lambda stops a function that calls itself through a queue some 16 times in a row, and the
        schedule's event begins a new chain.
        """
        if repost.tries < len(REPOST_DELAYS_SECONDS):
            self.sweep_queue.put(repost, delay_s=REPOST_DELAYS_SECONDS[repost.tries])
        else:
            self.undelivered.keep(replace(repost, tries=0))

    def begin_again(self) -> None:
        """Begin another chain for what is kept. Sent before it is deleted: twice is harmless."""
        for key, repost in self.undelivered.kept():
            self.sweep_queue.put(repost, delay_s=REPOST_DELAYS_SECONDS[0])
            self.undelivered.forget(key)
