"""What operations cost: exact budgets, which the cost model of infra/cost.py is computed from."""

from collections.abc import Callable
from typing import Any

import history
import pytest

from infra.cost import (
    CALLS,
    HEARTBEAT_PERIOD_SECONDS,
    READ_UNIT_BYTES,
    TOURNAMENT_MATCH_BYTES,
    TOURNAMENT_MATCH_READ_UNITS,
    Calls,
    dollars,
    of_viewer_hours,
)
from scorecast.aws.dynamodb.connection_items import new_connection
from scorecast.aws.dynamodb.items import to_item
from scorecast.protocol.limits import (
    DETAILS_BYTES_MAX,
    HANDSHAKE_SECONDS_MAX,
    HISTORY_READ_MAX,
    HOLDERS_CHECKED_MAX,
    LAST_SEEN_WRITE_SECONDS,
    SWEEP_PERIOD_SECONDS,
    TOMBSTONE_SECONDS,
)
from scorecast.protocol.strict_json import compact
from tests import examples
from tests.harness.fake_api import FakeApi, Json
from tests.harness.meter import Meter
from tests.harness.socket import Socket
from tests.harness.wire import Wire

PER_USER = 3
PARTICIPANTS = [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}]
LATER = "2026-06-12T13:00:00-06:00"
QUIET = 1_000
SLOTS = {"ip_slot": "I", "user_slot": "U"}
QUIET_SECONDS = 30


@pytest.fixture
def meter(fake_api: FakeApi, wire: Wire) -> Meter:
    return Meter(fake_api, wire)


def known(fake_api: FakeApi, user_id: str = "u1", **how: Any) -> Socket:
    """A client that has been here before, so that its counters are there, and is here again."""
    fake_api.enter(user_id, **how).close()
    return fake_api.enter(user_id, **how)


def measured(meter: Meter, operation: Callable[[], object]) -> Calls:
    meter.reset()
    operation()
    return meter.read()


def test_a_connect_is_four_writes_one_read_one_send(fake_api: FakeApi, meter: Meter) -> None:
    known(fake_api)
    fake_api.wait(2)

    cost = measured(meter, lambda: fake_api.connect("u1"))

    assert (cost.transactions, cost.queued) == (0, 1)
    assert (cost.writes, cost.reads, cost.posted, cost.checked) == (4, 1, 0, 0)
    assert cost == CALLS["connect"]


def test_a_first_connect_costs_no_more(fake_api: FakeApi, meter: Meter) -> None:
    cost = measured(meter, lambda: fake_api.connect("new", ip="203.0.113.77"))

    assert cost == CALLS["first connect"]


def test_a_refused_connect_is_one_slot_asked_for_and_the_stale_connection_check(
    fake_api: FakeApi, meter: Meter
) -> None:
    for _ in range(PER_USER):
        fake_api.enter("u1")
    fake_api.wait(HANDSHAKE_SECONDS_MAX)
    refused: list[Socket] = []

    cost = measured(meter, lambda: refused.append(fake_api.connect("u1")))

    assert refused[0].status == 429
    assert (cost.transactions, cost.reads, cost.checked) == (0, 2, HOLDERS_CHECKED_MAX)
    assert (cost.writes, cost.queued, cost.posted, cost.closed) == (3, 0, 0, 0)
    assert cost == CALLS["refused connect"]


def test_a_welcome_into_a_room(fake_api: FakeApi, meter: Meter) -> None:
    fake_api.register("m1")
    fake_api.enter("u2", match_id="m1")
    fake_api.connect("u1", match_id="m1")

    cost = measured(meter, fake_api.deliver_welcomes)

    assert (cost.transactions, cost.writes, cost.posted) == (1, 1, 1)
    assert cost == CALLS["welcome"]


def test_a_disconnect_from_a_room(fake_api: FakeApi, meter: Meter) -> None:
    fake_api.register("m1")
    fake_api.enter("u2", match_id="m1")
    socket = fake_api.enter("u1", match_id="m1")

    cost = measured(meter, socket.close)

    assert (cost.transactions, cost.writes, cost.reads) == (0, 6, 0)
    assert cost == CALLS["disconnect"]


def test_coming_and_going_costs_at_most_sixteen_write_units() -> None:
    assert sum(CALLS[each].write_units for each in ("connect", "welcome", "disconnect")) <= 16


def test_a_viewer_hour_costs_no_more_than_promised() -> None:
    """In dollars, of a thousand viewers: quiet, and with two messages a minute."""
    for messages_per_hour, most in ((0, 0.36), (120, 0.47)):
        assert dollars(of_viewer_hours(1_000, messages_per_hour=messages_per_hour)) <= most


def test_a_second_disconnect_is_one_write(fake_api: FakeApi, meter: Meter) -> None:
    socket = fake_api.enter("u1")
    socket.close()
    fake_api.wait(TOMBSTONE_SECONDS + 1)

    assert measured(meter, socket.close) == Calls(writes=1, write_units=1)


def test_a_ping_is_one_write(fake_api: FakeApi, meter: Meter) -> None:
    socket = known(fake_api)
    socket.ask("ping")
    fake_api.wait(1)

    cost = measured(meter, lambda: socket.ask("ping"))

    assert cost.writes <= 1 and cost.transactions == 0
    assert cost == CALLS["ping"]


def test_a_ping_in_a_burst_is_one_write_more(fake_api: FakeApi, meter: Meter) -> None:
    """A bucket that is not full is written twice: first as if it were, then as it is."""
    socket = known(fake_api)
    socket.ask("ping")

    assert measured(meter, lambda: socket.ask("ping")) == CALLS["ping in a burst"]


def test_life_is_written_at_most_once_in_ten_seconds_besides(
    fake_api: FakeApi, meter: Meter
) -> None:
    socket = known(fake_api)
    socket.ask("ping")

    def ping_a_second_later() -> None:
        fake_api.wait(1)
        socket.ask("ping")

    costs = [measured(meter, ping_a_second_later) for _ in range(2 * LAST_SEEN_WRITE_SECONDS)]

    usual, with_life = CALLS["ping"], CALLS["ping recorded as activity"]
    assert costs == ([usual] * (LAST_SEEN_WRITE_SECONDS - 1) + [with_life]) * 2
    assert with_life.writes == usual.writes + 1


def test_a_pong_is_one_write(fake_api: FakeApi, meter: Meter) -> None:
    socket = known(fake_api)
    fake_api.wait(QUIET_SECONDS)

    cost = measured(meter, lambda: socket.command("pong"))

    assert (cost.writes, cost.reads, cost.transactions) == (1, 0, 0)
    assert cost == CALLS["pong"]


def test_a_join_and_a_leave(fake_api: FakeApi, meter: Meter) -> None:
    fake_api.register("m1")
    fake_api.enter("u2", match_id="m1")
    socket = known(fake_api)

    join = measured(meter, lambda: socket.ask("subscribe", match_id="m1"))
    fake_api.wait(1)
    leave = measured(meter, lambda: socket.ask("unsubscribe", match_id="m1"))

    assert (join, leave) == (CALLS["join"], CALLS["leave"])
    assert join.transactions == leave.transactions == 1


def test_a_message_over_the_allowance_is_the_writes_that_refuse_it(
    fake_api: FakeApi, meter: Meter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESSAGE_BURST_PER_USER", "1")
    socket = known(fake_api)
    socket.ask("ping")

    cost = measured(meter, lambda: socket.ask("ping"))

    assert cost == CALLS["refused message"]
    assert (cost.writes, cost.reads, cost.transactions) == (2, 0, 0)


def quiet_connections(fake_api: FakeApi, number: int) -> list[str]:
    """Rows of connections that have said nothing since now."""
    table, dynamodb = fake_api.cloud.connections_table, fake_api.cloud.dynamodb
    ids = [f"quiet-{n}" for n in range(number)]
    at_ms = fake_api.cloud.system.now_ms()
    new = [examples.connection(each, connected_at_ms=at_ms) for each in ids]
    puts: list[Json] = [{"PutRequest": {"Item": to_item(new_connection(o, SLOTS))}} for o in new]
    for start in range(0, number, 25):
        dynamodb.batch_write_item(RequestItems={table: puts[start : start + 25]})  # type: ignore[dict-item]
    return ids


def test_a_sweep_costs_by_the_connections_that_are_quiet(fake_api: FakeApi, meter: Meter) -> None:
    nobody = measured(meter, fake_api.sweep)
    ids = quiet_connections(fake_api, QUIET)
    not_quiet_yet = measured(meter, fake_api.sweep)
    fake_api.wait(QUIET_SECONDS)

    pinging = measured(meter, fake_api.sweep)

    assert all(fake_api.cloud.api.types(each) == ["ping"] for each in ids)
    assert nobody == CALLS["sweep, none idle"]
    assert (not_quiet_yet.writes, not_quiet_yet.posted) == (0, 0)
    assert pinging == CALLS["sweep, 1,000 idle"]
    assert (pinging.posted, pinging.transactions) == (QUIET, 0)
    assert pinging.writes == 1, "one record, however many are pinged"
    fake_api.wait(SWEEP_PERIOD_SECONDS)
    assert measured(meter, fake_api.sweep).posted == 0, "pinged once"


def test_a_quiet_client_costs_a_post_and_a_write_in_its_interval(
    fake_api: FakeApi, meter: Meter
) -> None:
    socket = known(fake_api)
    seconds = 360
    sweeps = seconds // SWEEP_PERIOD_SECONDS
    idle = CALLS["sweep, none idle"]

    def answer_pings() -> None:
        for _ in range(sweeps):
            pinged = len(socket.types)
            fake_api.pass_time(SWEEP_PERIOD_SECONDS)
            if len(socket.types) > pinged:
                socket.command("pong")

    cost = measured(meter, answer_pings)

    assert cost.posted == seconds // HEARTBEAT_PERIOD_SECONDS <= seconds / 25
    records = CALLS["sweep, 1,000 idle"].writes
    assert cost.writes - sweeps * idle.writes == cost.posted * (1 + records)
    assert socket.is_open


def test_a_counter_is_compared_with_what_it_counts_by_two_reads(
    fake_api: FakeApi, meter: Meter
) -> None:
    fake_api.register("m1")
    known(fake_api, match_id="m1")
    task = [{"task": "Reconcile", "keys": ["R#m:m1"]}]

    cost = measured(meter, lambda: fake_api.run_tasks(task))

    assert cost == CALLS["comparison of a counter"]


def test_the_cost_of_a_read_over_http(fake_api: FakeApi, meter: Meter) -> None:
    fake_api.register("m1")

    cost = measured(meter, lambda: fake_api.http("GET", "/matches/m1", user_id="u1"))

    assert (cost.writes, cost.reads, cost.transactions) == (1, 3, 0)
    assert cost == CALLS["HTTP read of a match"]


def test_a_current_copy_of_a_tournament_costs_the_same_however_many_matches(
    fake_api: FakeApi, meter: Meter
) -> None:
    fake_api.register(*(f"m{n}" for n in range(30)))
    fake_api.http("GET", "/tournaments/t1", user_id="u1")
    fake_api.wait(1)

    cost = measured(
        meter,
        lambda: fake_api.http(
            "GET", "/tournaments/t1", user_id="u1", status=304, if_none_match="*"
        ),
    )

    assert (cost.writes, cost.reads, cost.read_units) == (1, 2, 3)
    assert cost == CALLS["HTTP 304 of a tournament"]


def reporting(fake_api: FakeApi) -> Socket:
    """An official, whose match is live and has had a score."""
    fake_api.register("m1")
    official = known(fake_api, token=fake_api.token("official", role="admin"))
    official.ask("match_start", match_id="m1")
    fake_api.cloud.flush("m1")
    official.ask("score_update", match_id="m1", participant1_score=1, participant2_score=0)
    fake_api.cloud.flush("m1")
    fake_api.wait(1)
    return official


def test_accepting_a_score_is_one_write_of_its_match(fake_api: FakeApi, meter: Meter) -> None:
    official = reporting(fake_api)
    score = {"participant1_score": 2, "participant2_score": 0, "details": {"scorer": "Ann"}}

    cost = measured(meter, lambda: official.ask("score_update", match_id="m1", **score))

    assert (cost.transactions, cost.queued) == (0, 1)
    assert cost == CALLS["score"]


def test_the_second_score_of_a_window_costs_no_more_than_the_first(
    fake_api: FakeApi, meter: Meter
) -> None:
    official = reporting(fake_api)
    official.ask("score_update", match_id="m1", participant1_score=2, participant2_score=0)
    fake_api.wait(0.2)

    def again() -> None:
        official.ask("score_update", match_id="m1", participant1_score=3, participant2_score=0)

    assert measured(meter, again).write_units <= CALLS["score"].write_units + 1


def test_a_flush_claims_a_score_and_settles_its_match(fake_api: FakeApi, meter: Meter) -> None:
    official = reporting(fake_api)
    for user in ("u1", "u2"):
        fake_api.enter(user, match_id="m1")
    official.ask("score_update", match_id="m1", participant1_score=2, participant2_score=0)

    cost = measured(meter, lambda: fake_api.cloud.flush("m1", request_id="another"))

    assert cost == CALLS["flush of a score"]


def test_a_viewer_count_is_published_once_and_claimed_with_one_write(
    fake_api: FakeApi, meter: Meter
) -> None:
    fake_api.register("m1")
    for user in ("u1", "u2"):
        fake_api.enter(user, match_id="m1")
    task = [{"task": "PublishViewerCount", "room_key": "m:m1"}]

    changed = measured(meter, lambda: fake_api.run_tasks(task))
    unchanged = measured(meter, lambda: fake_api.run_tasks(task))

    assert changed == CALLS["viewer count"]
    assert unchanged == CALLS["unchanged viewer count"]


def test_completing_a_match_is_one_transaction(fake_api: FakeApi, meter: Meter) -> None:
    official = reporting(fake_api)

    cost = measured(meter, lambda: official.ask("match_complete", match_id="m1", winner_id="p1"))

    assert (cost.transactions, cost.queued) == (1, 1)
    assert cost == CALLS["completion"]


def test_a_dispute_and_its_resolution_are_a_transaction_each(
    fake_api: FakeApi, meter: Meter
) -> None:
    official = reporting(fake_api)
    answers: list[Json] = []
    resolved = {"resolution": "upheld", "note": "Seen on video."}

    def open_one() -> None:
        answers.append(official.ask("dispute_create", match_id="m1", reason="Offside."))

    def resolve() -> None:
        [dispute_id] = [answer["data"]["dispute_id"] for answer in answers]
        official.ask("dispute_resolve", match_id="m1", dispute_id=dispute_id, **resolved)

    opening = measured(meter, open_one)
    fake_api.wait(1)
    resolution = measured(meter, resolve)

    assert (opening.transactions, opening.queued) == (resolution.transactions, resolution.queued)
    assert (opening.transactions, opening.queued) == (1, 1)
    assert (opening, resolution) == (CALLS["dispute"], CALLS["resolution of a dispute"])


def test_an_entry_of_the_history_is_a_unit_and_a_batch_one_write(
    fake_api: FakeApi, meter: Meter
) -> None:
    official = reporting(fake_api)
    for goals in range(2, 12):
        official.ask("score_update", match_id="m1", participant1_score=goals, participant2_score=0)
    records = fake_api.cloud.stream()[-10:]

    cost = measured(meter, lambda: history.handler({"Records": records}, fake_api.cloud.context))

    assert (cost.writes, cost.write_units, cost.reads, cost.transactions) == (1, 10, 0, 0)
    assert cost == CALLS["history of 10 scores"]


def test_a_registration_is_one_transaction_and_one_flush_request(
    fake_api: FakeApi, meter: Meter
) -> None:
    fake_api.register()
    fake_api.register("m1")
    later = {"tournament_id": "t1", "participants": PARTICIPANTS, "scheduled_at": LATER}

    new = measured(meter, lambda: fake_api.http("PUT", "/matches/m2", later))
    moved = measured(meter, lambda: fake_api.http("PUT", "/matches/m1", later))

    assert (new.transactions, new.queued) == (moved.transactions, moved.queued) == (1, 1)
    assert new == CALLS["registration of a match"]
    assert moved == CALLS["another time of a match"]


def test_a_page_of_matches_is_a_read_unit_for_each_and_for_a_page_of_keys(
    fake_api: FakeApi, meter: Meter
) -> None:
    fake_api.register(*(f"m{n}" for n in range(10)))
    query = {"limit": "10"}

    cost = measured(meter, lambda: fake_api.http("GET", "/tournaments/t1/matches", query=query))

    assert cost == CALLS["HTTP page of 10 matches"]


def test_a_ticket_is_a_write_and_what_limits_its_sender(fake_api: FakeApi, meter: Meter) -> None:
    cost = measured(meter, lambda: fake_api.http("POST", "/tickets", user_id="u1"))

    assert (cost.writes, cost.reads) == (2, 3)
    assert cost == CALLS["ticket"]


def test_an_unknown_ticket_is_one_read(fake_api: FakeApi, meter: Meter) -> None:
    cost = measured(meter, lambda: fake_api.connect(None, ticket="made-up"))

    assert cost == CALLS["handshake with an unknown ticket"]
    assert (cost.writes, cost.reads) == (0, 1)


def test_a_refresh(fake_api: FakeApi, meter: Meter) -> None:
    socket = known(fake_api)
    fake_api.wait(1)
    token = fake_api.token("u1", iat=fake_api.now_s())

    cost = measured(meter, lambda: socket.ask("refresh", token=token))

    assert cost == CALLS["refresh"]


def test_a_report_of_a_spectator(fake_api: FakeApi, meter: Meter) -> None:
    fake_api.register("m1")
    socket = known(fake_api)
    fake_api.wait(1)

    cost = measured(meter, lambda: socket.ask("match_start", match_id="m1"))

    assert cost == CALLS["forbidden report"]


def test_who_reports_the_matches_in_play_is_asked_once_for_all(
    fake_api: FakeApi, meter: Meter
) -> None:
    def reads(*match_ids: str) -> int:
        fake_api.register(*match_ids)
        for match_id in match_ids:
            fake_api.http("POST", f"/matches/{match_id}/events", {"type": "match_start"})
        listed: list[dict[str, Any]] = []
        cost = measured(
            meter, lambda: listed.append(fake_api.http("GET", "/matches", user_id="u1"))
        )
        assert set(match_ids) <= {match["match_id"] for match in listed[0]["matches"]}
        fake_api.wait(1)
        return cost.reads

    assert reads("m1") == reads("m2", "m3", "m4")


def test_a_forbidden_report_over_http_costs_no_more_than_a_read(
    fake_api: FakeApi, meter: Meter
) -> None:
    fake_api.register("m1")
    score = {"participant1_score": 1, "participant2_score": 0}

    cost = measured(
        meter, lambda: fake_api.http("PUT", "/matches/m1/score", score, user_id="u1", status=403)
    )

    assert cost == CALLS["forbidden report over HTTP"]


def test_a_page_of_a_history_reads_little_more_than_it_sends(
    fake_api: FakeApi, meter: Meter
) -> None:
    """Of entries as large as they may be, a page holds a few, and each that is read is paid for."""
    official = reporting(fake_api)
    details = {"text": "x" * (DETAILS_BYTES_MAX - len('{"text":""}'))}
    for goals in range(2 * HISTORY_READ_MAX):
        fake_api.wait(1)
        scores = {"participant1_score": goals, "participant2_score": 0, "details": details}
        assert official.ask("score_update", match_id="m1", **scores)["type"] == "accepted"
    fake_api.cloud.keep_history()

    page: list[dict[str, Any]] = []
    path = "/matches/m1/history"
    cost = measured(meter, lambda: page.append(fake_api.http("GET", path, user_id="u1")))

    sent = len(page[0]["entries"])
    assert 0 < sent < HISTORY_READ_MAX
    read_bytes = HISTORY_READ_MAX * (DETAILS_BYTES_MAX + 500)
    assert cost.read_units <= 5 + read_bytes / READ_UNIT_BYTES / 2
    rest = {"cursor": page[0]["next"]}
    following = fake_api.http("GET", path, user_id="u1", query=rest)["entries"]
    assert following[0]["data"]["revision"] == page[0]["entries"][-1]["data"]["revision"] + 1


def test_a_whole_tournament_costs_by_its_matches(fake_api: FakeApi, meter: Meter) -> None:
    """With details as large as they may be: no match costs more."""
    number = 20
    ids = [f"m{n}" for n in range(number)]
    fake_api.register(*ids)
    details = {"text": "x" * (DETAILS_BYTES_MAX - len('{"text":""}'))}
    for match_id in ids:
        fake_api.http("POST", f"/matches/{match_id}/events", {"type": "match_start"})
        score = {"participant1_score": 1, "participant2_score": 0, "details": details}
        fake_api.http("PUT", f"/matches/{match_id}/score", score)

    body: list[dict[str, Any]] = []
    cost = measured(
        meter, lambda: body.append(fake_api.http("GET", "/tournaments/t1", user_id="u1"))
    )

    assert cost.read_units / number <= TOURNAMENT_MATCH_READ_UNITS
    assert len(compact(body[0])) / number <= TOURNAMENT_MATCH_BYTES
