"""Post a message to connections, and pass on what follows from it.

What follows is best effort, reposts apart: a message that was posted is neither delayed nor posted
again because a queue or a table was not there for the rest.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from scorecast.app.best_effort import attempt
from scorecast.app.redelivery import Redelivery
from scorecast.aws.dynamodb.throttle_level import ThrottleLevel
from scorecast.aws.gateway import Gateway
from scorecast.aws.sqs.sweep_queue import SweepQueue
from scorecast.domain.delivery import Delivery, FanoutSummary, metrics_of, summarize
from scorecast.domain.publication import Posted, newest
from scorecast.domain.rooms import Room
from scorecast.protocol import messages
from scorecast.protocol.limits import FAN_OUT_MS_MAX, QUOTA_PAUSE_MS
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count, log


@dataclass(frozen=True, slots=True)
class Poster:
    gateway: Gateway
    throttle_level: ThrottleLevel
    queue: SweepQueue
    redelivery: Redelivery
    system: System

    def post(
        self,
        connection_ids: Iterable[str],
        posts: Sequence[Posted],
        *,
        room: Room,
        posts_per_second: float = math.inf,
    ) -> None:
        """Post one message, or several together, to each connection.

        A failed post does not affect the others. A numbered message is posted again later to
        members that did not get it, while it is the newest of its stream.
        """
        message = messages.batch([posted.message for posted in posts]).encode()
        first = self.gateway.post_all(
            connection_ids,
            message,
            time_ms_max=FAN_OUT_MS_MAX,
            posts_per_second=posts_per_second,
        )
        second = self._post_throttled(first, message)
        outcomes = metrics_of({**first, **second})
        count(**outcomes)
        log().info("posted", extra={"outcomes": outcomes})
        self._pass_on(summarize(first, second), room, newest(posts))

    def _post_throttled(self, first: dict[str, Delivery], message: bytes) -> dict[str, Delivery]:
        """Post again: the account's quota refills at once, a client's full buffer does not."""
        throttled = [each for each, got in first.items() if got is Delivery.THROTTLED]
        if not throttled:
            return {}
        self.system.sleep_ms(QUOTA_PAUSE_MS)
        return self.gateway.post_all(throttled, message, time_ms_max=FAN_OUT_MS_MAX // 2)

    def _pass_on(self, summary: FanoutSummary, room: Room, posts: Sequence[Posted]) -> None:
        """Queue the follow-up steps. After the first failure the others are skipped, since they
        would only take time."""
        steps = [partial(self.queue.put_slow, summary.slow)]
        if summary.quota_posts:
            steps.append(partial(self.throttle_level.note, room, posts=summary.quota_posts))
        all(attempt(step) for step in steps)
        self.redelivery.begin(posts, undelivered=summary.undelivered, gone=summary.gone)

    def shuffled(self, connection_ids: Iterable[str]) -> list[str]:
        """In another order each time, so that no member is always the last."""
        return sorted(connection_ids, key=lambda _: self.system.random())
