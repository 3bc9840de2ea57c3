"""Rows L of the acceptance list that need time to pass, or an origin."""

import json
from typing import Any

import pytest

from scorecast.domain.rooms import match_room
from scorecast.protocol.limits import REFRESH_GRACE_SECONDS
from tests.harness.fake_api import FakeApi
from tests.harness.socket import Socket

QUIET_SECONDS = 40
"""Long enough to be pinged, too short to be ended."""
AGES_SECONDS = 200
FRAMES = {
    "pong": '{"type":"pong"}',
    "ping": '{"type":"ping"}',
    "subscribe": '{"type":"subscribe","match_id":"m1"}',
    "refused command": '{"type":"match_start","match_id":"m1"}',
    "unknown type": '{"type":"of the next version"}',
    "no schema": '{"type":"subscribe"}',
    "no JSON": "{",
    "nothing": "",
}


def slots(fake_api: FakeApi, user_id: str = "u1") -> int:
    return fake_api.cloud.slots(f"U#{user_id}")


def held_items(fake_api: FakeApi, socket: Socket) -> list[tuple[str, str]]:
    """Rows of a connection that are no tombstone."""
    items = fake_api.cloud.items(fake_api.cloud.connections_table).items()
    return [key for key, item in items if socket.id in "".join(key) and "closed_at_ms" not in item]


@pytest.mark.parametrize("message", FRAMES.values(), ids=list(FRAMES))
def test_L11_any_message_puts_off_the_heartbeats_end(fake_api: FakeApi, message: str) -> None:
    """any frame, `pong` among them, puts off the heartbeat's end"""
    fake_api.register("m1")
    socket, silent = fake_api.enter("u1"), fake_api.enter("u2")

    for _ in range(3):
        fake_api.pass_time(QUIET_SECONDS)
        socket.send_text(message)

    assert "ping" in socket.types
    assert socket.goodbyes == [] and socket.is_open
    assert silent.goodbyes == [(4004, "heartbeat_timeout")]


def test_L18_silence_past_the_timeout_ends_a_connection(fake_api: FakeApi) -> None:
    """silence past the timeout: goodbye 4004 `heartbeat_timeout`, closed, released"""
    fake_api.register("m1")
    socket = fake_api.enter("u1", match_id="m1")

    fake_api.pass_time(20)
    assert socket.types == ["connection_established"]
    fake_api.pass_time(20)
    assert socket.types == ["connection_established", "ping"]
    fake_api.pass_time(30)

    assert socket.types == ["connection_established", "ping", "goodbye"]
    assert socket.messages[-1]["reconnect"] is True
    assert socket.messages[-1]["retry_after_ms"] > 0
    assert socket.goodbyes == [(4004, "heartbeat_timeout")]
    assert fake_api.cloud.api.closed == [socket.id]
    assert held_items(fake_api, socket) == []
    assert (slots(fake_api), fake_api.cloud.counted(match_room("m1"))) == (0, 0)


def test_L18_who_was_not_pinged_in_time_is_not_ended(fake_api: FakeApi) -> None:
    """silence past the timeout: goodbye 4004 `heartbeat_timeout`, closed, released"""
    socket = fake_api.enter("u1")

    fake_api.wait(AGES_SECONDS)  # no sweep came for a while
    fake_api.sweep()

    assert socket.types == ["connection_established", "ping"]


def test_L19_disconnect_ends_everything_that_was_scheduled(fake_api: FakeApi) -> None:
    """disconnect ends everything that was scheduled for the connection"""
    fake_api.register("m1")
    to_be_pinged = fake_api.enter("u1", match_id="m1")
    to_be_welcomed = fake_api.connect("u2", match_id="m1")
    to_be_ended = fake_api.enter("u3", token=fake_api.token("u3", seconds=60))
    fake_api.wait(61)
    assert to_be_ended.ask("ping")["code"] == "token_expired"
    gone = (to_be_pinged, to_be_welcomed, to_be_ended)
    published = [socket.types for socket in gone]

    for socket in gone:
        assert socket.close() == 200
        fake_api.cloud.api.statuses.pop(socket.id)  # what is still posted shall be seen
    fake_api.deliver_welcomes()
    fake_api.run_tasks([{"task": "VerifyGone", "connection_ids": [socket.id for socket in gone]}])
    fake_api.pass_time(AGES_SECONDS)

    assert [socket.types for socket in gone] == published
    assert fake_api.cloud.api.closed == []
    assert [held_items(fake_api, socket) for socket in gone] == [[], [], []]
    assert fake_api.cloud.members(match_room("m1")) == []
    assert fake_api.cloud.counted(match_room("m1")) == 0
    assert [slots(fake_api, user_id) for user_id in ("u1", "u2", "u3")] == [0, 0, 0]


def expiring(fake_api: FakeApi, *, seconds: float = 60) -> Socket:
    return fake_api.enter("u1", token=fake_api.token("u1", seconds=seconds))


def test_L22_an_expired_token_is_announced_and_refreshed_in_time(fake_api: FakeApi) -> None:
    """token expires on an open connection: a warning, 25 s to `refresh`, then goodbye 4001"""
    socket = expiring(fake_api)
    fake_api.wait(59)
    assert socket.ask("ping")["type"] == "pong"
    fake_api.wait(1)
    assert socket.ask("ping", id="p")["code"] == "token_expired"
    fake_api.wait(REFRESH_GRACE_SECONDS - 1)

    refreshed = socket.ask("refresh", id="r", token=fake_api.token("u1"))

    assert (refreshed["type"], refreshed["id"]) == ("refreshed", "r")
    assert refreshed["data"]["expires_at"] > fake_api.cloud.system.now_ms()
    assert socket.ask("ping")["type"] == "pong"
    fake_api.wait(REFRESH_GRACE_SECONDS)
    fake_api.sweep()
    assert socket.goodbyes == []


def test_L22_without_a_refresh_the_next_message_ends_the_connection(fake_api: FakeApi) -> None:
    """token expires on an open connection: a warning, 25 s to `refresh`, then goodbye 4001"""
    socket = expiring(fake_api)
    fake_api.wait(60)
    assert socket.ask("ping")["code"] == "token_expired"
    fake_api.wait(REFRESH_GRACE_SECONDS)

    assert socket.command("ping") is None

    assert socket.goodbyes == [(4001, "token_expired")]
    assert not socket.is_open and slots(fake_api) == 0


def test_L22_a_quiet_client_is_notified_and_ended_by_the_sweep(fake_api: FakeApi) -> None:
    """token expires on an open connection: a warning, 25 s to `refresh`, then goodbye 4001"""
    socket = expiring(fake_api, seconds=10)

    fake_api.pass_time(30)
    assert [message.get("code") for message in socket.messages][1:] == ["token_expired"]
    fake_api.pass_time(30)

    assert socket.goodbyes == [(4001, "token_expired")]
    assert not socket.is_open and slots(fake_api) == 0


@pytest.mark.parametrize("message", [FRAMES["pong"], FRAMES["no JSON"]], ids=["pong", "no JSON"])
def test_L22_no_message_keeps_a_connection_whose_token_has_expired(
    fake_api: FakeApi, message: str
) -> None:
    """token expires on an open connection: a warning, 25 s to `refresh`, then goodbye 4001"""
    socket = expiring(fake_api)

    for _ in range(20):
        fake_api.pass_time(10)
        socket.send_text(message)

    assert socket.goodbyes == [(4001, "token_expired")]
    assert not socket.is_open and slots(fake_api) == 0


@pytest.mark.parametrize("of", ["another user", "nobody"])
def test_L22_a_refresh_needs_a_good_token_of_the_same_user(fake_api: FakeApi, of: str) -> None:
    """token expires on an open connection: a warning, 25 s to `refresh`, then goodbye 4001"""
    socket = expiring(fake_api)
    fake_api.wait(60)
    token = fake_api.token("u2") if of == "another user" else fake_api.token("u1", seconds=-30)

    assert socket.ask("refresh", token=token)["code"] == "forbidden"

    assert socket.ask("ping")["code"] == "token_expired"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://scores.example.com", 200),
        ("https://eu.example.org", 200),
        (None, 200),
        ("https://evil.example", 403),
        ("https://scores.example.com.evil.example", 403),
        ("http://scores.example.com", 403),
        ("https://example.org", 403),
        ("null", 403),
    ],
)
def test_L23_an_origin_that_is_not_listed_is_refused(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch, origin: str | None, status: int
) -> None:
    """origin not on the list: 403"""
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://scores.example.com, https://*.example.org")

    socket = fake_api.connect("u1", origin=origin)

    assert socket.status == status
    assert slots(fake_api) == (1 if status == 200 else 0)


def test_L23_a_missing_origin_is_refused_where_one_is_required(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """origin not on the list: 403"""
    monkeypatch.setenv("REQUIRE_ORIGIN", "true")

    assert fake_api.connect("u1").status == 403
    assert fake_api.connect("u1", origin="https://anywhere.example").status == 200


def test_the_schedule_plans_a_sweep_of_every_shard_every_ten_seconds(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `pass_time` of these tests does is what the schedule asks for."""
    import sweep

    from scorecast.runtime import settings
    from scorecast.wiring import host, queues

    planned: list[dict[str, Any]] = []
    sqs = queues.sweep_queue(host.settings(settings.SweepSettings)).client
    sqs.meta.events.register_first(
        "provide-client-params.sqs.SendMessage", lambda params, **_: planned.append(params)
    )

    assert sweep.handler({"source": "aws.scheduler"}, fake_api.cloud.context) == {}

    start_ms = fake_api.cloud.system.now_ms()
    sweeps = [
        (each["DelaySeconds"], body["at_ms"] - start_ms, body["portion"], body["of"])
        for each in planned
        if (body := json.loads(each["MessageBody"]))["task"] == "SweepPortion"
    ]
    assert sweeps == [(delay, delay * 1_000, 0, 1) for delay in range(0, 60, 12)]
