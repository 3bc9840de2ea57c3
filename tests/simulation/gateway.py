"""A model of API Gateway's WebSocket API: handshakes, frames, posts, and ends of connections.

Functions of one connection run concurrently and in any order. A post reaches a connection that is
open, and no other; `$disconnect` comes late, twice, not at all, or before `$connect` has ended.
"""

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final, Protocol

from scorecast.domain.connections.identity import from_context, to_context
from scorecast.domain.delivery import Delivery
from scorecast.protocol.errors import CloseReason
from scorecast.protocol.limits import POST_TIMEOUT_MS, POSTS_IN_FLIGHT_MAX
from tests.simulation.calls import Faults
from tests.simulation.client import CHANGES_OF_ROOM, EVENTS, Client, Message
from tests.simulation.outages import TokenBucket
from tests.simulation.scheduler import Invocation, Scheduler

_METHOD_ARN: Final = "arn:aws:execute-api:us-east-1:123456789012:abc123/live/$connect"
API_TIMEOUT_US: Final = 10_000_000
ANSWER_US_MAX: Final = 10_000_000
"""After which both clients send again what is not answered: they cannot know when a Lambda ends.

Events that come meanwhile they hold back for three seconds, not for all that time. This client
applies them at once: T3 looks at what has arrived.
"""

MESSAGE_BYTES_MAX: Final = 131_072
"""What API Gateway takes; a larger post is answered 413."""

LIFE_US: Final = 7_200_000_000
"""After which API Gateway cuts a connection."""

_UNDELIVERED: Final = {
    "throttled": Delivery.THROTTLED,
    "gone": Delivery.GONE,
    "failed": Delivery.FAILED,
}
FAULTS: Final = ("crash_before", "crash_after", "lost_reply", "stall", *_UNDELIVERED)

ANSWER_BYTES_MAX: Final = 30_720
"""T10: what any answer or message may have, below what a single frame holds."""

POST_TIMEOUT_US: Final = POST_TIMEOUT_MS * 1_000

type Interceptor = Callable[[str, Message], Delivery | None]
"""What becomes of a post that a test decides about; None: what would have become of it."""

type Start = Callable[[str, str, dict[str, Any], int, Callable[[Invocation], None]], None]
"""Invokes a function: its name, its connection, the event, its time-out, a callback for its end."""


def unpacked(message: Message) -> list[Message]:
    """The messages of a batch; any other message alone."""
    packed: list[Message] = message["data"]["messages"] if message["type"] == "batch" else [message]
    return packed


class Trace(Protocol):
    def __call__(self, operation: str, request: str, outcome: str) -> None: ...


@dataclass(slots=True)
class Habits:
    """What the network does to this run's connections, as probabilities."""

    disconnect_lost: float = 0.0
    disconnect_twice: float = 0.2
    disconnect_late: float = 0.2
    slow_authorizer: float = 0.0
    false_gone: float = 0.0
    """How often a ping to an open connection is answered as if it were gone."""
    returns: bool = False
    """Whether who is sent away comes back."""
    disorder_us: int = 20_000
    """How far apart two frames sent at once may begin to be processed."""


@dataclass(slots=True)
class Network:
    """What posts cost and how many are taken. By default none costs anything."""

    is_timed: bool = False
    """Whether fan-outs keep the pace that they are asked for, and posts take their time."""
    post_us: int = 10_000
    quota: TokenBucket | None = None
    """The account's; whatever is above it is throttled."""
    buffer_bytes: int = 4_096
    """Of one client that does not read. AWS names no figure."""
    hangs_until_us: int = 0
    """No post is answered before this."""
    false_throttled: float = 0.0
    """The share of posts that the quota throttles whatever their pace."""


class Gateway:
    """The socket's side of a run; as `scorecast.aws.gateway.Gateway` it is what handlers call."""

    def __init__(
        self,
        scheduler: Scheduler,
        start: Start,
        faults: Faults,
        habits: Habits,
        clients: Iterable[Client],
        trace: Trace | None,
    ) -> None:
        self._scheduler = scheduler
        self._start = start
        self._faults = faults
        self._habits = habits
        self._trace = trace
        self._requests = 0
        self._parsed: dict[bytes, Message] = {}
        self.clients = {client.id: client for client in clients}
        self.sent: dict[tuple[str, int], Message] = {}
        """Every event ever posted, by match and number."""
        self.published_us: dict[tuple[str, int], int] = {}
        """When each of them was first posted to a client that is open."""
        self.turns: dict[str, dict[int, bool]] = {}
        """By match, the numbers of the events that ended or reopened it: whether it has ended."""
        self.authorized: list[Client] = []
        """Whom the authorizer let pass."""
        self.on_disconnected: Callable[[Client], None] = lambda client: None
        self.on_posted: Callable[[str, Message, Delivery], None] = lambda client_id, message, got: (
            None
        )
        self.on_made_good: Callable[[Client, str, int], None] = lambda client, match_id, at_us: None
        self.matches_of: Callable[[str], set[str]] = lambda tournament_id: set()
        self.network = Network()
        self.interceptors: list[Interceptor] = []

    # The clients' side

    def connect(self, client: Client) -> None:
        self.clients[client.id] = client
        client.state = "handshake"
        client.connected_at_ms = self._scheduler.now_us // 1_000
        rng = self._scheduler.rng
        slow = rng.random() < self._habits.slow_authorizer
        authorizer_us = int(rng.random() * (5_000_000 if slow else 20_000))
        ask = self._invoke_connect if client.shows is None else self._invoke_authorizer
        self._scheduler.after(authorizer_us, lambda: ask(client))

    def _invoke_authorizer(self, client: Client) -> None:
        """What the client shows is looked at; for others the authorizer counts as passed."""
        event: dict[str, Any] = {
            "methodArn": _METHOD_ARN,
            "headers": {},
            "queryStringParameters": client.shows,
            "requestContext": {"identity": {"sourceIp": client.address}},
        }
        self._start(
            "authorizer", client.id, event, API_TIMEOUT_US, lambda e: self._authorized(client, e)
        )

    def _authorized(self, client: Client, ended: Invocation) -> None:
        if client.state != "handshake":
            return
        if ended.error is not None:
            self._scheduler.seen["socket not authorized"] += 1
            client.state = "refused"
            return
        context = ended.result["context"]
        self._scheduler.seen["socket authorized"] += 1
        client.identity, client.ip = from_context(context), context["ip_hash"]
        self.authorized.append(client)
        self._invoke_connect(client)

    def _invoke_connect(self, client: Client) -> None:
        asked = {"match_id": client.match_id, "tournament_id": client.tournament_id}
        event = self._event(client) | {
            "headers": {},
            "queryStringParameters": {k: v for k, v in asked.items() if v is not None} or None,
        }
        self._start(
            "connect", client.id, event, API_TIMEOUT_US, lambda e: self._connected(client, e)
        )

    def _connected(self, client: Client, ended: Invocation) -> None:
        if client.state != "handshake":
            return
        is_admitted = ended.error is None and ended.result["statusCode"] == 200
        client.state = "open" if is_admitted else "refused"
        self._note(client, "handshake", client.state)

    def drop(self, client: Client) -> None:
        """The connection ends, by whomever; the handshake too if it is still under way."""
        if client.state not in ("open", "handshake"):
            return
        was_early = client.state == "handshake"
        client.state = "closed"
        self._note(client, "closed", "")
        rng, habits, seen = self._scheduler.rng, self._habits, self._scheduler.seen
        if was_early:
            seen["disconnect before the handshake ended"] += 1
        if rng.random() < habits.disconnect_lost:
            seen["disconnect lost"] += 1
            return
        is_twice = rng.random() < habits.disconnect_twice
        if is_twice:
            seen["disconnect twice"] += 1
        for _ in range(2 if is_twice else 1):
            late = rng.random() < habits.disconnect_late
            if late:
                seen["disconnect late"] += 1
            delay_us = int(rng.random() * (20_000_000 if late else 10_000))
            self._scheduler.after(delay_us, lambda: self._invoke_disconnect(client))

    def pause(self, client: Client, time_us: int) -> None:
        """A client's buffer is full, as during a change of networks, and then it is read again."""
        if not client.reads:
            return
        client.reads, client.buffered_bytes = False, self.network.buffer_bytes
        self._scheduler.seen["client paused"] += 1

        def resume() -> None:
            client.reads, client.buffered_bytes = True, 0
            self._faults.last_us = max(self._faults.last_us, self._scheduler.now_us)

        self._scheduler.after(time_us, resume)

    def _invoke_disconnect(self, client: Client) -> None:
        def ended(invocation: Invocation) -> None:
            if invocation.error is None and invocation.result["statusCode"] == 200:
                self.on_disconnected(client)

        self._start("disconnect", client.id, self._event(client), API_TIMEOUT_US, ended)

    def send(self, client: Client, message: Message) -> None:
        """A client's frame; lost if its connection is not open."""
        if client.state != "open":
            return
        self._requests += 1
        event = self._event(client) | {"body": json.dumps(message)}
        event["requestContext"]["requestId"] = f"request-{self._requests}"
        sent_us = self._scheduler.now_us
        received_at_ms = sent_us // 1_000
        event["requestContext"]["requestTimeEpoch"] = received_at_ms
        client.sent[message["id"]] = (message, received_at_ms)
        delay_us = int(self._scheduler.rng.random() * self._habits.disorder_us)
        about = f"{client.id} {message['type']}"

        def answered(ended: Invocation) -> None:
            body = None if ended.error is not None else ended.result.get("body")
            if client.state != "open":
                return
            if body is None:
                self._ask_again(client, message, sent_us)
            else:
                self._check_size(body.encode())
                client.answered_us.setdefault(message["id"], self._scheduler.now_us)
                self._receive(client, json.loads(body))
                self._note(client, "answered", body)

        self._scheduler.after(
            delay_us, lambda: self._start("message", about, event, API_TIMEOUT_US, answered)
        )

    def _ask_again(self, client: Client, message: Message, sent_us: int) -> None:
        """Ask what was not answered in time again, unless the client wants otherwise by now."""

        def ask() -> None:
            if client.wants(message):
                self._scheduler.seen["client asked again"] += 1
                self.send(client, message)

        if message["type"] in CHANGES_OF_ROOM:
            waited_us = self._scheduler.now_us - sent_us
            self._scheduler.after(max(0, ANSWER_US_MAX - waited_us), ask)

    def _event(self, client: Client) -> dict[str, Any]:
        context = {
            "connectionId": client.id,
            "connectedAt": client.connected_at_ms,
            "authorizer": to_context(client.identity) | {"ip_hash": client.ip},
        }
        return {"requestContext": context}

    # The handlers' side

    def post(self, connection_id: str, message: bytes) -> Delivery:
        outcome = self._post(connection_id, message)
        self._await_posts(self._scheduler.now_us + POST_TIMEOUT_US, 1)
        return outcome

    def _post(self, connection_id: str, message: bytes) -> Delivery:
        fault = self._call("POST", connection_id)
        self._check(message)
        client = self.clients.get(connection_id)
        if client is not None and client.state == "handshake":
            self._scheduler.seen["socket post before the handshake ended"] += 1
        parsed = self.parsed(message)
        outcome = self._outcome(client, fault, message) or self._intercepted(connection_id, parsed)
        outcome = outcome or Delivery.DELIVERED
        for one in unpacked(parsed):
            self._arrive(client, one, outcome)
            self.on_posted(connection_id, one, outcome)
        about = f"{connection_id} {message.decode()}" if self._trace is not None else ""
        return self._end(fault, "POST", about, outcome)

    def _outcome(self, client: Client | None, fault: str, message: bytes) -> Delivery | None:
        """What becomes of a post that does not arrive; None of one that does."""
        is_open = client is not None and client.state == "open"
        if fault in _UNDELIVERED:
            return _UNDELIVERED[fault]
        if client is None or not is_open or self._is_gone_falsely(message):
            return Delivery.GONE
        if len(message) > MESSAGE_BYTES_MAX:
            return Delivery.TOO_LARGE
        return self._hung() or self._throttled(client, message)

    def _hung(self) -> Delivery | None:
        if self._scheduler.now_us >= self.network.hangs_until_us:
            return None
        self._faults.note(self._scheduler.now_us)
        return Delivery.FAILED

    def _throttled(self, client: Client, message: bytes) -> Delivery | None:
        """429 is the account's quota, or the full buffer of a client that does not read."""
        network, now_us = self.network, self._scheduler.now_us
        over = network.quota is not None and not network.quota.take(now_us)
        if over or (
            network.false_throttled and self._scheduler.rng.random() < network.false_throttled
        ):
            self._scheduler.seen["gateway quota exceeded"] += 1
            self._faults.note(now_us)
            return Delivery.THROTTLED
        if client.reads:
            return None
        if client.buffered_bytes + len(message) > network.buffer_bytes:
            self._scheduler.seen["gateway buffer full"] += 1
            return Delivery.THROTTLED
        client.buffered_bytes += len(message)
        return None

    def _intercepted(self, connection_id: str, message: Message) -> Delivery | None:
        for interceptor, one in product(self.interceptors, unpacked(message)):
            outcome = interceptor(connection_id, one)
            if outcome is not None:
                if outcome is not Delivery.DELIVERED:
                    self._faults.note(self._scheduler.now_us)
                return outcome
        return None

    def _is_gone_falsely(self, message: bytes) -> bool:
        chance = self._habits.false_gone
        if not chance or self.parsed(message)["type"] != "ping":
            return False
        is_false = self._scheduler.rng.random() < chance
        if is_false:
            self._scheduler.seen["gateway gone, and was not"] += 1
        return is_false

    def _arrive(self, client: Client | None, message: Message, outcome: Delivery) -> None:
        if client is not None and client.state == "open":
            if outcome is Delivery.DELIVERED:
                self._deliver(client, message)
            else:
                client.lose(message, self._scheduler.now_us)
        if outcome is Delivery.DELIVERED and message["type"] in EVENTS:
            data = message["data"]
            number = data["match_id"], data["sequence"]
            self.published_us.setdefault(number, self._scheduler.now_us)

    def _receive(self, client: Client, message: Message) -> None:
        client.receive(message, self._scheduler.fail)
        if client.lost:
            for match_id, at_us in client.made_good():
                self.on_made_good(client, match_id, at_us)
        data = message.get("data")
        if data and "snapshot" in data and data["tournament_id"] is not None:
            self._check_complete(client, data)

    def _check_complete(self, client: Client, data: Message) -> None:
        """I7: a snapshot that does not say otherwise lists every match of its tournament."""
        snapshot = data["snapshot"]
        if data["match_id"] is not None or snapshot is None or not snapshot.get("complete", True):
            return
        listed = {summary["match_id"] for summary in snapshot["matches"]}
        missing = self.matches_of(data["tournament_id"]) - listed
        if missing:
            self._scheduler.fail(f"I7: {client.id}'s snapshot does not list {sorted(missing)}")

    def _deliver(self, client: Client, message: Message) -> None:
        if not client.reads:
            client.lose(message, self._scheduler.now_us)
            return
        self._receive(client, message)
        if message["type"] == "ping":
            client.pinged_at_us = self._scheduler.now_us
        while client.wanted:
            self._catch_up(client, *client.wanted.popitem())
        if message["type"] == "goodbye":
            self._scheduler.seen[f"goodbye {message['reason']}"] += 1
            if message["reason"] == CloseReason.SLOW_CONSUMER.value[1]:
                self._scheduler.fail(f"R19: {client.id} reads, and is ended as a slow client")
            if self._habits.returns:
                self._return(client, message)
        if message["type"] == "ping" and client.answers_pings:
            self._requests += 1
            pong = {"type": "pong", "id": f"pong-{self._requests}"}
            self._scheduler.after(client.pong_delay_us, lambda: self.send(client, pong))

    def _catch_up(self, client: Client, match_id: str, since: int) -> None:
        """Ask for what is missing, as clients do that notice it."""
        self._scheduler.seen["client noticed a missing number"] += 1
        self._requests += 1
        room: Message = {"match_id": match_id, "since": max(since, 0)}
        if f"m:{match_id}" not in client.rooms - client.left:
            tournaments = [key[2:] for key in client.rooms - client.left if key.startswith("t:")]
            if not tournaments:
                return
            room = {"tournament_id": tournaments[0]}
        message = {"type": "subscribe", "id": f"catch-{self._requests}", **room}
        self._scheduler.after(client.pong_delay_us, lambda: self.send(client, message))

    def _return(self, client: Client, goodbye: Message) -> None:
        """Come back with a token that lasts, when it was asked to."""
        identity = replace(client.identity, expires_at_ms=None)
        again = Client(
            f"{client.id}-again", identity, client.ip, client.match_id, client.tournament_id
        )
        if goodbye["reconnect"] and not client.id.endswith("-again"):
            pause_us = (goodbye.get("retry_after_ms") or 500) * 1_000
            self._scheduler.after(pause_us, lambda: self.connect(again))

    def post_all(
        self,
        connection_ids: Iterable[str],
        message: bytes,
        *,
        time_ms_max: int,
        posts_per_second: float = math.inf,
    ) -> dict[str, Delivery]:
        """What fails is tried once more, as `scorecast.aws.gateway` does."""
        self._check(message)
        deadline_us = self._scheduler.now_us + time_ms_max * 1_000
        outcomes = self._post_until(deadline_us, connection_ids, message, posts_per_second)
        failed = [each for each, got in outcomes.items() if got is Delivery.FAILED]
        again = self._post_until(deadline_us, failed, message, posts_per_second)
        return outcomes | {each: got for each, got in again.items() if got is not Delivery.SKIPPED}

    def _post_until(
        self,
        deadline_us: int,
        connection_ids: Iterable[str],
        message: bytes,
        posts_per_second: float,
    ) -> dict[str, Delivery]:
        outcomes: dict[str, Delivery] = {}
        begun_us = self._scheduler.now_us
        for place, connection_id in enumerate(connection_ids):
            self._keep_pace(begun_us, place, posts_per_second)
            if self._scheduler.now_us > deadline_us:
                outcomes[connection_id] = Delivery.SKIPPED
                client = self.clients.get(connection_id)
                if client is not None and client.state == "open":
                    for one in unpacked(self.parsed(message)):
                        client.lose(one, self._scheduler.now_us)
            else:
                outcomes[connection_id] = self._post(connection_id, message)
        self._await_posts(deadline_us, len(outcomes))
        return outcomes

    def _keep_pace(self, begun_us: int, place: int, posts_per_second: float) -> None:
        if not self.network.is_timed or not math.isfinite(posts_per_second):
            return
        due_us = begun_us + int(place / posts_per_second * 1_000_000)
        if due_us > self._scheduler.now_us:
            self._scheduler.sleep(due_us - self._scheduler.now_us)

    def _await_posts(self, deadline_us: int, posts: int) -> None:
        """Many posts are under way at once: the last one's time is what is waited for."""
        now_us = self._scheduler.now_us
        if posts and now_us < self.network.hangs_until_us:
            late_us = min(POST_TIMEOUT_US * -(-posts // POSTS_IN_FLIGHT_MAX), deadline_us - now_us)
            self._scheduler.sleep(max(0, late_us))
        elif posts and self.network.is_timed:
            self._scheduler.sleep(self.network.post_us)

    def is_open(self, connection_id: str) -> bool:
        fault = self._call("GET", connection_id)
        client = self.clients.get(connection_id)
        is_open = client is not None and client.state == "open"
        if fault in _UNDELIVERED:
            is_open = True  # no answer, which counts as open
        outcome = Delivery.DELIVERED if is_open else Delivery.GONE
        return self._end(fault, "GET", connection_id, outcome) is not Delivery.GONE

    def close(self, connection_id: str) -> None:
        fault = self._call("DELETE", connection_id)
        client = self.clients.get(connection_id)
        if client is not None and fault not in _UNDELIVERED:
            self.drop(client)
        self._end(fault, "DELETE", connection_id, Delivery.DELIVERED)

    def _call(self, method: str, about: str) -> str:
        self._scheduler.switch()
        rng = self._scheduler.rng
        if self._faults.left <= 0 or rng.random() >= self._faults.rate:
            return ""
        self._faults.strike(self._scheduler.now_us)
        fault = rng.choice(FAULTS)
        self._scheduler.seen[f"gateway {fault}"] += 1
        if fault == "stall":
            self._scheduler.sleep(int(rng.random() * 3_000_000))
        if fault == "crash_before":
            self._publish(method, about, "crash before")
            self._scheduler.crash()
        return fault

    def _end(self, fault: str, method: str, about: str, outcome: Delivery) -> Delivery:
        if self._trace is not None:
            self._publish(method, about, f"{outcome} [{fault}]" if fault else outcome)
        if fault == "crash_after":
            self._scheduler.crash()
        return Delivery.FAILED if fault == "lost_reply" else outcome

    def parsed(self, message: bytes) -> Message:
        if message not in self._parsed:
            self._parsed[message] = json.loads(message)
        return self._parsed[message]

    def _check(self, message: bytes) -> None:
        """I4: one number, one content. I5: no score after the end."""
        if message in self._parsed:
            return
        self._check_size(message)
        for one in unpacked(self.parsed(message)):
            self._check_number(one)

    def _check_number(self, parsed: Message) -> None:
        if parsed["type"] not in EVENTS:
            return
        match_id, sequence = parsed["data"]["match_id"], parsed["data"]["sequence"]
        before = self.sent.setdefault((match_id, sequence), parsed)
        if before != parsed:
            self._scheduler.fail(f"I4: number {sequence} of {match_id} is {before} and {parsed}")
        turns = self.turns.setdefault(match_id, {})
        if parsed["type"] == "score_updated":
            last = max((number for number in turns if number < sequence), default=None)
            if last is not None and turns[last]:
                self._scheduler.fail(f"I5: {parsed} after {match_id} was completed")
        elif parsed["type"] in ("match_completed", "result_amended", "match_reopened"):
            turns[sequence] = parsed["type"] != "match_reopened"

    def _check_size(self, message: bytes) -> None:
        if len(message) > ANSWER_BYTES_MAX:
            self._scheduler.fail(f"T10: a message has {len(message)} bytes")

    def _publish(self, operation: str, request: str, outcome: str) -> None:
        if self._trace is not None:
            self._trace(operation, request, outcome)

    def _note(self, client: Client, what: str, detail: str) -> None:
        if self._trace is not None:
            self._trace(what, client.id, detail)
