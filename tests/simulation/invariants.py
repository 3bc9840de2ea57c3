"""What must hold when all is quiet, from the tables and from what clients received."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from scorecast.aws.dynamodb.connection_items import connection_key
from scorecast.aws.dynamodb.items import from_item
from scorecast.aws.dynamodb.json_text import decode
from scorecast.aws.dynamodb.score_acceptance import RECENT_UPDATES
from scorecast.aws.sqs.sweep_queue import RequeueStalled
from scorecast.protocol.limits import (
    CONNECTION_SECONDS_MAX,
    DRAIN_BEFORE_SECONDS,
    RECONCILE_LOOKS,
    RECONCILE_SECONDS,
)
from tests.simulation.client import BESIDE, Beside, Client, Message, Registered, RoomState
from tests.simulation.expressions import Item
from tests.simulation.ledger import CONNECTIONS, HISTORY, MATCHES, is_live, number, rooms_of
from tests.simulation.scheduler import Violation
from tests.simulation.simulation import WELCOME_QUEUE, Simulation

REQUEUES_MAX: Final = 3
HEALING_US: Final = 150_000_000
"""Until whatever a fault has left behind has been swept up."""

PUBLISHED_US_MAX: Final = 20_000_000
"""T5: after an accepted update, or after the last fault if that came later."""

LOOK_US: Final = (RECONCILE_SECONDS + 3) * 1_000_000
"""Between two looks at a counter, by clocks that differ."""

LOOKS_MAX: Final = 2 * RECONCILE_LOOKS
"""Until a counter at rest is right.

The first may come too soon after an earlier one to count. Then those that were remembered are
completed, and prove nothing, or not the whole surplus, if somebody has come or gone since they
were made. After that it is seen as often as it must be.
"""

ENDING_MS_MAX: Final = 90_000
"""After which a connection has been ended that is to be: some sweeps, and the grace of a token."""

DRAINED_MS: Final = (CONNECTION_SECONDS_MAX - DRAIN_BEFORE_SECONDS) * 1_000

REQUEUE_PAUSE_US: Final = 10_000_000


def check_at_rest(simulation: Simulation) -> None:
    """Raises Violation. Sends the ticks that a sweep would, if faults may have cost some."""
    _rescue(simulation)
    for client in simulation.gateway.clients.values():
        _check_connection(simulation, client)
        _check_views(simulation, client)
    _check_reports(simulation)
    _check_disputes(simulation)
    _check_tickets(simulation)
    if simulation.plan.keeps_history:
        simulation.histories.check(simulation.dynamodb.tables[HISTORY], _violate)
    if simulation.faults.struck == 0 and not simulation.ledger.expired:
        _check_room_counters(simulation, but=simulation.ledger.surplus_rooms)


def _violate(claim: str) -> None:
    raise Violation(claim)


def check_healed(simulation: Simulation) -> None:
    """I2, after the sweeps of some minutes: items, sockets and every counter agree."""
    simulation.faults.left = 0
    simulation.sweep_for(HEALING_US)
    simulation.run()
    _reconcile(simulation)
    _check_room_counters(simulation)
    _check_left_behind(simulation)
    connections = simulation.dynamodb.tables[CONNECTIONS].items
    for client in simulation.gateway.clients.values():
        item = connections.get(connection_key(client.id))
        if is_live(item) and client.state != "open":
            raise Violation(f"I2: {client.id} is {client.state} and still holds its slots")
        if client.state == "open" and item is not None and is_live(item):
            _check_life(simulation, client, item)
    if _pending(simulation):
        raise Violation(f"I3: {_pending(simulation)} still have pending events")


def check_on_time(simulation: Simulation) -> None:
    """T5: what was accepted is posted, or something newer, soon after the last fault."""
    for client in simulation.gateway.clients.values():
        for message_id, answered_us in client.answered_us.items():
            message, _ = client.sent[message_id]
            revision = (client.answers[message_id].get("data") or {}).get("revision")
            if message["type"] != "score_update" or revision is None:
                continue
            posted_us = _posted_us(simulation, message["match_id"], revision)
            due_us = max(answered_us, simulation.faults.last_us) + PUBLISHED_US_MAX
            if posted_us is None or posted_us > due_us:
                raise Violation(f"T5: revision {revision} of {message['match_id']} came late")


def _posted_us(simulation: Simulation, match_id: str, revision: int) -> int | None:
    """When a revision, or whatever followed it, was first delivered; None if it never was.

    If its own post was lost, clients notice its number missing by what follows, and ask.
    """
    gateway = simulation.gateway
    numbers = [
        number
        for (sent_match_id, number), message in gateway.sent.items()
        if sent_match_id == match_id and message["data"].get("revision", 0) >= revision
    ]
    return min(
        (
            at_us
            for (posted_match_id, number), at_us in gateway.published_us.items()
            if posted_match_id == match_id and numbers and number >= min(numbers)
        ),
        default=None,
    )


def _check_life(simulation: Simulation, client: Client, item: Item) -> None:
    """L18, L22: an open connection is alive, has a good token, and is not about to be cut."""
    now_ms = simulation.scheduler.now_us // 1_000
    expires_at_ms = number(item, "token_expires_at_ms")
    if not client.answers_pings:
        raise Violation(f"L18: {client.id} has been silent for minutes and is still open")
    if expires_at_ms and now_ms - expires_at_ms > ENDING_MS_MAX:
        raise Violation(f"L22: the token of {client.id} has expired and it is still open")
    if now_ms - client.connected_at_ms > DRAINED_MS + ENDING_MS_MAX:
        raise Violation(f"{client.id} is near its cut and was not warned")


def check_reconciled(simulation: Simulation) -> None:
    """I2, after some rounds of the reconciliation and nothing else."""
    simulation.faults.left = 0
    _reconcile(simulation)
    _check_room_counters(simulation)


def _check_left_behind(simulation: Simulation) -> None:
    """I2: what is closed holds nothing; only a `$connect` that died may leave a slot.

    Nothing but time frees such a slot before it is needed; then the newcomer does.
    """
    ledger, items = simulation.ledger, simulation.dynamodb.tables[CONNECTIONS].items
    if ledger.loose_members():
        raise Violation(f"I2: {ledger.loose_members()} are closed and still in a room")
    surplus = ledger.surplus()
    closed = [
        connection_id
        for _, connection_id in sorted(surplus)
        if "ip_slot" in items.get(connection_key(connection_id), {})
    ]
    if closed:
        raise Violation(f"I2: {closed} are closed and still hold slots")
    if surplus and not simulation.faults.struck and not ledger.expired:
        raise Violation(f"I2: {surplus} are slots that nobody holds, though nothing failed")


def _reconcile(simulation: Simulation) -> None:
    """Until every surplus must have been repaired."""
    for look in range(LOOKS_MAX):
        simulation.scheduler.after(look * LOOK_US, simulation.reconcile)
    simulation.run()


def _check_room_counters(simulation: Simulation, but: Collection[str] = ()) -> None:
    for (pk, sk), item in simulation.dynamodb.tables[CONNECTIONS].items.items():
        room = pk.removeprefix("R#")
        if sk != "R" or room in but or number(item, "members") == simulation.ledger.members[room]:
            continue
        members = simulation.ledger.unexpired(room)
        if number(item, "members") != members:
            raise Violation(f"I2: {room} counts {number(item, 'members')} and has {members}")


def _rescue(simulation: Simulation) -> None:
    """What is pending is published once it is requeued; without faults nothing waits."""
    simulation.faults.left = 0
    for _ in range(REQUEUES_MAX):
        pending = _pending(simulation)
        if not pending:
            return
        if simulation.faults.struck == 0:
            raise Violation(f"I3: {pending} wait for a flush though nothing failed")
        simulation.scheduler.after(REQUEUE_PAUSE_US, lambda: simulation.put_task(RequeueStalled()))
        simulation.run()
    if _pending(simulation):
        raise Violation(f"I3: {_pending(simulation)} are pending after {REQUEUES_MAX} requeues")


def _pending(simulation: Simulation) -> list[str]:
    items = simulation.dynamodb.tables[MATCHES].items
    return [
        pk.removeprefix("M#")
        for (pk, sk), item in items.items()
        if sk == "M" and ("pending" in item or "unsent" in item or "window_id" in item)
    ]


def _check_connection(simulation: Simulation, client: Client) -> None:
    item = simulation.dynamodb.tables[CONNECTIONS].items.get(connection_key(client.id))
    if client.state != "open":
        return
    # Who dies between a release and the close leaves the socket to the gateway's idle time-out.
    is_left = simulation.faults.struck > 0 and (
        simulation.ends_the_living or not client.answers_pings
    )
    if not is_live(item) and not client.is_dismissed and not is_left:
        raise Violation(f"{client.id} is open and holds no slot")
    welcome_queue = simulation.queues.queues[WELCOME_QUEUE]
    if not (client.is_welcomed or client.is_dismissed or welcome_queue.dead_letters):
        raise Violation(f"{client.id} is open and was never welcomed")
    for room in sorted(client.rooms - client.left):
        if room not in rooms_of(item) and not (client.is_dismissed or is_left):
            raise Violation(f"{client.id} was notified that it is in {room}, and is not")


def _check_views(simulation: Simulation, client: Client) -> None:
    """I3, I7: every client in a match's room knows what is stored."""
    if client.state != "open":
        return
    connections = simulation.dynamodb.tables[CONNECTIONS].items
    member_of = rooms_of(connections.get(connection_key(client.id))).keys() & client.rooms
    for match_id, view in client.views.items():
        item = simulation.dynamodb.tables[MATCHES].items[f"M#{match_id}", "M"]
        rooms = {f"m:{match_id}", f"t:{item['tournament_id']['S']}"}
        is_exempt = match_id in client.lost and not simulation.plan.makes_good
        if rooms & member_of and client.reads and not is_exempt and match_id not in client.gaps:
            for check in _CHECKS_OF_DELETED if "is_deleted" in item else _CHECKS:
                check(client, match_id, view, item)
    for room in sorted(member_of):
        if room[0] == "t" and client.reads:
            _check_known(simulation, client, room[2:])


def _check_known(simulation: Simulation, client: Client, tournament_id: str) -> None:
    """M5: who watches a tournament knows of a match that was registered meanwhile."""
    unknown = simulation.matches_of(tournament_id) - client.views.keys()
    if unknown and (simulation.plan.makes_good or not unknown <= client.lost.keys()):
        raise Violation(f"M5: {client.id} does not know {sorted(unknown)}")


def _check_beside(client: Client, match_id: str, view: RoomState, item: Item) -> None:
    """M8: what stands beside a score is with its viewers as it is stored."""
    stored = _beside(item)
    if view.beside not in (None, stored):
        raise Violation(f"M8: {client.id} knows {view.beside} of {match_id}, stored is {stored}")


def _beside(item: Item) -> Beside:
    return tuple(decode(item.get(name, {}).get("S", "")) for name in BESIDE)


def _check_registered(client: Client, match_id: str, view: RoomState, item: Item) -> None:
    """M5: viewers know who plays and when, or which event has said so."""
    last, stored = number(item, "registered_sequence"), _registered(item)
    if view.registration != last or view.registered not in (None, stored):
        known = view.registration, view.registered
        raise Violation(f"M5: {client.id} knows {known} of {match_id}, stored is {last, stored}")


def _registered(item: Item) -> Registered:
    stored = from_item(item)
    who = tuple((each.get("id"), each.get("name")) for each in stored["participants"])
    return who, stored["scheduled_at"] or None


def _check_deleted(client: Client, match_id: str, view: RoomState, item: Item) -> None:
    """M10: who watches a match knows that it was deleted, and of nothing of it after that."""
    known, stored = (view.sequence, view.state), (number(item, "sequence_number"), "deleted")
    if known != stored:
        raise Violation(f"M10: {client.id} knows {known} of {match_id}, stored is {stored}")


def _check_view(client: Client, match_id: str, view: RoomState, item: Item) -> None:
    known = view.sequence, view.state, view.score, view.result, view.open_disputes
    stored = (
        number(item, "sequence_number"),
        item["match_state"]["S"],
        _score(item),
        tuple(item.get(name, {}).get("S") for name in ("winner_id", "outcome", "decided_by")),
        len(item.get("open_disputes", {}).get("M", {})),
    )
    if known != stored:
        raise Violation(f"I3: {client.id} knows {known} of {match_id}, stored is {stored}")


_CHECKS: Final = (_check_view, _check_beside, _check_registered)
_CHECKS_OF_DELETED: Final = (_check_deleted,)


def _score(item: Item) -> tuple[int, int]:
    return number(item, "participant1_score"), number(item, "participant2_score")


@dataclass(frozen=True, slots=True)
class Report:
    """One score that was sent, and what became of it."""

    match_id: str
    score: tuple[int, int]
    client_revision: int | None
    received_at_ms: int
    update_id: str
    base_revision: int | None
    answer: Message | None
    message: Message

    @property
    def revision(self) -> int | None:
        if self.answer is None or self.answer["type"] != "accepted":
            return None
        revision: int = self.answer["data"]["revision"]
        return revision

    @property
    def refusal(self) -> str | None:
        """A refusal's code; None if it was accepted, or if nobody knows."""
        if self.answer is None or self.answer["type"] != "error":
            return None
        code: str = self.answer["code"]
        return None if code == "internal_error" else code


def _reports(simulation: Simulation) -> Iterator[Report]:
    for client in simulation.gateway.clients.values():
        for message_id, (message, received_at_ms) in client.sent.items():
            if message["type"] == "score_update":
                yield Report(
                    message["match_id"],
                    (message["participant1_score"], message["participant2_score"]),
                    message.get("client_revision"),
                    received_at_ms,
                    message.get("update_id") or f"{client.id}-{message_id}",
                    message.get("base_revision"),
                    client.answers.get(message_id),
                    message,
                )


def _check_reports(simulation: Simulation) -> None:
    by_match: dict[str, list[Report]] = defaultdict(list)
    for report in _reports(simulation):
        by_match[report.match_id].append(report)
    for match_id, reports in by_match.items():
        _check_order(reports)
        _check_bases(reports)
        _check_ids(reports)
        if simulation.faults.struck == 0:
            _check_refusals(reports, _outdated_ms(simulation, match_id))
        _check_contents(simulation, match_id, reports)
        _check_state(simulation, match_id, reports)
    if simulation.faults.struck == 0:
        _check_answers(simulation)


def _is_before(one: Report, other: Report) -> bool:
    """By their revisions if both have one, else by the time of their receipt."""
    if one.client_revision is not None and other.client_revision is not None:
        return one.client_revision < other.client_revision
    return one.received_at_ms < other.received_at_ms


def _is_tie(one: Report, other: Report) -> bool:
    """Whether both have one client revision: of these the first that is stored counts."""
    return one.client_revision is not None and one.client_revision == other.client_revision


def _check_ids(reports: list[Report]) -> None:
    """What was accepted under one id is one update, unless newer ones have made it forgotten."""
    by_id: dict[str, set[int]] = defaultdict(set)
    for report in reports:
        if report.revision is not None:
            by_id[report.update_id].add(report.revision)
    for update_id, revisions in by_id.items():
        if max(revisions) - min(revisions) in range(1, RECENT_UPDATES + 1):
            raise Violation(f"I6: {update_id} was stored as {sorted(revisions)}")


def _check_order(reports: list[Report]) -> None:
    """I6: what was accepted stands in the order in which it was sent.

    An update that was sent twice has two orders; either may be the one that counts. Of two kinds of
    order each update must be newer than the one that was stored when it came: three updates may
    be before each other in a circle.
    """
    ids = Counter(report.update_id for report in reports)
    once = [report for report in reports if ids[report.update_id] == 1]
    accepted = [(report.revision, report) for report in once if report.revision is not None]
    is_mixed = len({report.client_revision is None for report in reports}) > 1
    for revision, stored in accepted:
        for later_revision, later in accepted:
            is_compared = later_revision == revision + 1 or not is_mixed
            if is_compared and later_revision >= revision and _is_before(later, stored):
                raise Violation(f"I6: {later} was stored after {stored}")
            if later_revision > revision and _is_tie(later, stored):
                raise Violation(f"I6: {later} was stored after {stored}, which has its order")


def _check_bases(reports: list[Report]) -> None:
    """M7: what is accepted upon a score is the next one after it."""
    for report in reports:
        base, revision = report.base_revision, report.revision
        if base is not None and revision is not None and revision != base + 1:
            raise Violation(f"M7: {report} was accepted upon another score")


def _outdated_ms(simulation: Simulation, match_id: str) -> int:
    """Until when scores may have been received that a reopening or an undone start made stale."""
    sent = [sent for client in simulation.gateway.clients.values() for sent in client.sent.values()]
    return max(
        (
            received_at_ms
            for message, received_at_ms in sent
            if message.get("match_id") == match_id
            and (message["type"] == "match_reopen" or message.get("new_state") == "scheduled")
        ),
        default=0,
    )


def _check_refusals(reports: list[Report], outdated_ms: int) -> None:
    """Stale is what was late. (After a fault also what was stored, and superseded before that
    was known.)"""
    applied = [report for report in reports if report.refusal is None]
    ids = Counter(report.update_id for report in reports)
    for report in reports:
        if report.received_at_ms <= outdated_ms:
            continue
        if report.refusal == "stale" and ids[report.update_id] == 1:
            if not any(not _is_before(other, report) for other in applied):
                raise Violation(f"I6: {report} was refused, though nothing newer was sent")


def _check_contents(simulation: Simulation, match_id: str, reports: list[Report]) -> None:
    """A revision is one accepted score, wherever it is seen."""
    accepted: dict[int, tuple[int, int]] = {}
    for report in reports:
        if report.revision is not None:
            before = accepted.setdefault(report.revision, report.score)
            if before != report.score:
                raise Violation(f"two scores of {match_id} have revision {report.revision}")
    item = simulation.dynamodb.tables[MATCHES].items[f"M#{match_id}", "M"]
    last = max(accepted, default=0)
    revision = number(item, "revision")
    if revision < last or (revision == last and last and _score(item) != accepted[last]):
        raise Violation(f"I3: {match_id} holds {_score(item)} ({revision}), accepted: {accepted}")
    for (sent_match_id, _), message in simulation.gateway.sent.items():
        data = message["data"]
        if sent_match_id == match_id and data.get("revision") in accepted:
            published = data["participant1_score"], data["participant2_score"]
            if published != accepted[data["revision"]]:
                raise Violation(f"revision {data['revision']} was published as {published}")


def _check_state(simulation: Simulation, match_id: str, reports: list[Report]) -> None:
    """M8: a message has its score's own details, and of all else what was given last."""
    given = {each.revision: each.message for each in reports if each.revision is not None}
    expected: dict[int, Beside] = {0: (None,) * len(BESIDE)}
    for revision in count(1):
        if revision not in given:
            break  # a decision has made it
        update = given[revision]
        kept = dict(zip(BESIDE, expected[revision - 1], strict=True)) | {"details": None}
        expected[revision] = tuple(update.get(name, kept[name]) for name in BESIDE)
    for (sent_match_id, _), message in simulation.gateway.sent.items():
        if sent_match_id == match_id and message["type"] == "score_updated":
            data = message["data"]
            sent = tuple(data.get(name) for name in BESIDE)
            if sent != expected.get(data["revision"], sent):
                wanted = expected[data["revision"]]
                raise Violation(f"M8: {data} was published of {match_id}, not {wanted}")


def _check_disputes(simulation: Simulation) -> None:
    """M6: the disputes of a match are those that it counts, and a user has one open at most."""
    items = simulation.dynamodb.tables[MATCHES].items
    for (pk, sk), item in items.items():
        if sk != "M":
            continue
        stored = {
            key[1].removeprefix("D#"): dispute
            for key, dispute in items.items()
            if key[0] == pk and key[1].startswith("D#")
        }
        open_ones = [id for id, dispute in stored.items() if "resolution" not in dispute]
        users = [stored[id]["initiated_by"]["S"] for id in open_ones]
        counted = item.get("open_disputes", {}).get("M", {})
        if counted.keys() != set(open_ones) or number(item, "disputes") != len(stored):
            raise Violation(f"M6: {pk} counts {counted} as open, and {open_ones} are")
        if len(set(users)) != len(users):
            raise Violation(f"M6: {users} have open disputes of {pk}")


def _check_tickets(simulation: Simulation) -> None:
    """A ticket lets one connection in, however many show it."""
    shown = Counter(
        client.shows.get("ticket") for client in simulation.gateway.authorized if client.shows
    )
    for ticket, times in shown.items():
        if ticket is not None and times > 1:
            raise Violation(f"{ticket} let {times} connections in")


def _check_answers(simulation: Simulation) -> None:
    """I9: without faults nothing ends as our fault, and everyone who asks is answered."""
    simulation.http.check()
    for client in simulation.gateway.clients.values():
        for message_id, (message, _) in client.sent.items():
            answer = client.answers.get(message_id)
            if message["type"] == "pong":
                continue
            if answer is None and client.state == "open":
                raise Violation(f"I9: {client.id}'s {message['type']} was not answered")
            if answer is not None and answer.get("code") == "internal_error":
                raise Violation(
                    f"I9: {client.id}'s {message['type']} failed though nothing else did"
                )
