"""Plan to post messages again to connections that did not get them.

This is not best effort: the last message of a match has no successor that would reveal its loss. So
if the queue fails, the repost is stored in the table, and if that fails as well, the caller fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from scorecast.app.best_effort import attempt
from scorecast.aws.dynamodb.undelivered import Undelivered
from scorecast.aws.sqs.sweep_queue import Repost, SweepQueue, portions
from scorecast.domain.publication import Posted
from scorecast.protocol.limits import FANOUT_BATCH_MEMBERS_MAX, REPOST_DELAYS_SECONDS
from scorecast.runtime.system import System


@dataclass(frozen=True, slots=True)
class Redelivery:
    queue: SweepQueue
    undelivered: Undelivered
    system: System

    def begin(
        self, posts: Sequence[Posted], *, undelivered: Sequence[str], gone: Sequence[str]
    ) -> None:
        """Plan the first attempt. Connections that answered 410 are verified first."""
        now_ms = self.system.now_ms()
        reposts = [Repost(posted, (), now_ms) for posted in posts]
        self.continue_with(reposts, undelivered=undelivered, gone=gone)

    def continue_with(
        self, reposts: Sequence[Repost], *, undelivered: Sequence[str], gone: Sequence[str] = ()
    ) -> None:
        """Plan the next attempt of each repost."""
        if gone and not attempt(partial(self.queue.put_gone, gone, reposts)):
            # They are not verified, so some of them may be open.
            undelivered = (*undelivered, *gone)
        for repost in reposts:
            for some in portions(undelivered, FANOUT_BATCH_MEMBERS_MAX):
                self._plan(replace(repost, connection_ids=some))

    def _plan(self, repost: Repost) -> None:
        """After the last try of a chain the table keeps the repost until another one begins.

        Lambda stops a function that calls itself through a queue some 16 times in a row, and the
        schedule's event begins a new chain.
        """
        if repost.tries < len(REPOST_DELAYS_SECONDS):
            delay_s = REPOST_DELAYS_SECONDS[repost.tries]
            put = partial(self.queue.put, repost, delay_s=delay_s)
            # Two attempts without a pause: the client's own retries would delay the next message.
            if attempt(put) or attempt(put):
                return
        self.undelivered.keep(replace(repost, tries=0))
