"""Messages that some members did not get, posted to them again while they are the newest.

A lost message that has a successor is healed by it: the client sees the gap and asks. The last one
of a match has none, so it is posted again until it was taken, or until the client is gone.
"""

from dataclasses import dataclass, replace

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.app.redelivery import Redelivery
from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.dynamodb.undelivered import Undelivered
from scorecast.aws.gateway import Gateway
from scorecast.aws.sqs.sweep_queue import Repost, SweepQueue
from scorecast.domain.delivery import UNDELIVERED, Delivery, metrics_of
from scorecast.domain.publication import Posted
from scorecast.domain.rooms import room_from_key
from scorecast.protocol.limits import REPOST_MS_MAX, REPOSTS_SHARE
from scorecast.runtime.telemetry import count


@dataclass(frozen=True, slots=True)
class Reposts:
    matches: Matches
    gateway: Gateway
    sweep_queue: SweepQueue
    redelivery: Redelivery
    undelivered: Undelivered
    posts_per_second: int

    def post(self, repost: Repost) -> None:
        """Post again to the members that did not get the message, and plan the next attempt for the
        rest."""
        if self._newest_published(repost.posted) > repost.posted.sequence:
            return  # the newer message's own reposts make its loss good
        outcomes = self.gateway.post_all(
            repost.connection_ids,
            repost.posted.message.encode(),
            time_ms_max=REPOST_MS_MAX,
            posts_per_second=self.posts_per_second * REPOSTS_SHARE,
        )
        count(**metrics_of(outcomes))
        self.redelivery.continue_with(
            [replace(repost, tries=repost.tries + 1)],
            undelivered=[each for each, got in outcomes.items() if got in UNDELIVERED],
            gone=[each for each, got in outcomes.items() if got is Delivery.GONE],
        )

    def _newest_published(self, posted: Posted) -> int:
        """The last sequence number that was published in the room; 0 if it cannot be read.

        A number that is only claimed does not count: its flush may be locked out for a while.
        """
        try:
            return self.matches.published(room_from_key(posted.stream))
        except (BotoCoreError, ClientError):
            count(AdviceUnavailable=1)
            return 0  # A needless post does no harm: clients drop what is not newer.

    def begin_again(self) -> None:
        """Start another chain for each stored repost. It is sent before it is deleted: sending
        twice is harmless."""
        for key, repost in self.undelivered.kept():
            self.sweep_queue.put(repost)
            self.undelivered.forget(key)
