"""Rows L of the acceptance list: connecting, speaking, hearing, leaving."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from scorecast.aws.dynamodb.connection_items import connection_key
from tests.e2e.client import Client, Frame
from tests.e2e.cup import Cup, kick_off
from tests.e2e.deployed import Deployed, unique, until

REFUSED_BY_AUTHORIZER = (401, 500)
"""AWS answers 401 to an authorizer's "Unauthorized", MiniStack 500."""
SCORE = {"participant1_score": 1, "participant2_score": 0}
OWN_ADDRESS = "127.0.0.17"


def about_event(data: Frame) -> dict[str, Any]:
    """What every event carries, and that its time is a time."""
    assert abs(data["server_time"] - time.time() * 1000) < 60_000
    return {name: data[name] for name in ("match_id", "tournament_id", "sequence")}


def both_receive(kind: str, clients: Iterable[Client]) -> Frame:
    """One frame for the match's room and the tournament's alike."""
    received = [client.receive(kind) for client in clients]
    assert all(data == received[0] for data in received)
    return received[0]


def test_L1_a_participant_is_welcomed_to_their_match(cup: Cup) -> None:
    """participant connects to their match: welcome with `is_participant` true"""
    match = cup.new_match()

    welcome = cup.enter(cup.token(match.first), match_id=match.id).established

    assert (welcome["user_id"], welcome["username"]) == (match.first, match.first)
    assert (welcome["role"], welcome["is_participant"]) == ("participant", True)
    assert (welcome["match_id"], welcome["tournament_id"]) == (match.id, cup.id)
    assert (welcome["sequence"], welcome["viewers"]) == (1, 1)
    assert welcome["snapshot"] == cup.shown(match)
    assert (welcome["heartbeat_interval"], welcome["heartbeat_timeout"]) == (25, 50)
    assert welcome["protocol"] == 1
    assert welcome["connection_id"]
    assert 59 * 60_000 < welcome["expires_at"] - welcome["server_time"] <= 60 * 60_000


@pytest.mark.parametrize("role", ["organizer", "admin", "service"])
def test_L2_an_official_of_any_match_is_sent_the_role(cup: Cup, role: str) -> None:
    """organizer or admin connects to any match: the role is named, `is_participant` is false"""
    match = cup.new_match()
    listed = role == "organizer"
    token = cup.token(cup.organizer) if listed else cup.token(unique("user"), role=role)

    welcome = cup.enter(token, match_id=match.id).established

    assert (welcome["role"], welcome["is_participant"]) == (role, False)
    assert welcome["match_id"] == match.id


def test_L2_a_token_may_name_the_tournaments_of_its_organizer(cup: Cup) -> None:
    """organizer or admin connects to any match: the role is named, `is_participant` is false"""
    match = cup.new_match()
    token = cup.token(unique("user"), tournaments=(cup.id,))

    welcome = cup.enter(token, match_id=match.id).established

    assert (welcome["role"], welcome["is_participant"]) == ("organizer", False)


def test_L3_without_a_room_in_the_url_one_is_in_none(cup: Cup, deployed: Deployed) -> None:
    """no match or tournament in the URL: connected, welcomed, in no room"""
    match = cup.new_match()
    official, fan = cup.official(), cup.fan(match)

    idler = cup.enter(cup.token(unique("user")))

    welcome = idler.established
    assert (welcome["match_id"], welcome["tournament_id"]) == (None, None)
    assert (welcome["role"], welcome["is_participant"]) == ("spectator", False)
    assert welcome["snapshot"] is None
    item = deployed.connections_item(*connection_key(idler.connection_id))
    assert item is not None and item["rooms"] == {}
    kick_off(official, match, fan)
    idler.send_text("[]")
    assert idler.refusal()["code"] == "invalid_schema"  # and no event came before it


@pytest.mark.parametrize("room", ["match_id", "tournament_id"])
def test_L4_an_unknown_room_is_not_found(cup: Cup, room: str) -> None:
    """unknown match: `not_found`, goodbye 4004"""
    client = cup.open(cup.token(unique("user")), **{room: unique("nowhere")})

    assert client.refusal()["code"] == "not_found"
    goodbye = client.next_frame()
    assert goodbye["type"] == "goodbye"
    assert (goodbye["code"], goodbye["reason"]) == (4004, "not_found")
    assert goodbye["reconnect"] is False
    assert client.close_code() == 1000


@pytest.mark.parametrize("token", ["none", "forged", "expired"])
def test_L5_without_a_good_token_the_handshake_is_refused(cup: Cup, token: str) -> None:
    """no token, bad token: handshake refused, 401"""
    user_id = unique("user")
    bad = {
        "none": None,
        "forged": cup.token(user_id).rpartition(".")[0] + "." + "A" * 43,
        "expired": cup.token(user_id, minutes=-5),
    }

    with pytest.raises(InvalidStatus) as refused:
        cup.open(bad[token])

    assert refused.value.response.status_code in REFUSED_BY_AUTHORIZER


def test_L6_a_spectator_only_watches(cup: Cup) -> None:
    """a user who does not play: spectator, every command but watching `forbidden`"""
    match = cup.new_match()
    spectator = cup.fan(match)
    commands: dict[str, dict[str, Any]] = {
        "match_start": {},
        "score_update": SCORE,
        "match_state_change": {"new_state": "cancelled"},
        "dispute_create": {"reason": "I saw it otherwise."},
        "match_complete": {"winner_id": None},
    }

    answers = [
        spectator.ask(command, match_id=match.id, **fields) for command, fields in commands.items()
    ]

    assert spectator.established["role"] == "spectator"
    assert [answer["code"] for answer in answers] == ["forbidden"] * len(commands)
    assert spectator.ask("ping")["type"] == "pong"
    assert spectator.ask("subscribe", tournament_id=cup.id)["type"] == "subscribed"
    unchanged = cup.snapshot(match)
    assert (unchanged["state"], unchanged["sequence"]) == ("scheduled", 1)


def test_L7_a_message_without_a_type_is_invalid(cup: Cup) -> None:
    """no `type`: `invalid_schema`"""
    client = cup.enter(cup.token(unique("user")))

    client.send_text('{"match_id": "m1", "id": "mine"}')
    error = client.answer("mine")

    assert (error["type"], error["code"]) == ("error", "invalid_schema")
    assert list(error["data"]["errors"]) == ["type"]
    assert client.ask("ping")["type"] == "pong"


def test_L7_a_message_that_is_not_json_is_distinguished(cup: Cup) -> None:
    """no `type`: `invalid_schema`"""
    client = cup.enter(cup.token(unique("user")))

    client.send_text("{type: ping}")

    assert client.refusal()["code"] == "invalid_json"
    assert client.ask("ping")["type"] == "pong"


def test_L8_an_unknown_type_is_not_supported(cup: Cup) -> None:
    """unknown type: `unsupported_message_type`"""
    client = cup.enter(cup.token(unique("user")))

    error = client.ask("make_tea")

    assert (error["type"], error["code"]) == ("error", "unsupported_message_type")
    assert client.ask("ping")["type"] == "pong"


@pytest.mark.parametrize("timestamp", [1795360250313, 0, -1.5, 1795360250313.25, None])
def test_L9_a_ping_comes_back_with_its_timestamp(cup: Cup, timestamp: float | None) -> None:
    """`ping`: `pong` with the same timestamp"""
    client = cup.enter(cup.token(unique("user")))

    pong = client.ask("ping", timestamp=timestamp)

    assert (pong["type"], pong["timestamp"]) == ("pong", timestamp)
    assert type(pong["timestamp"]) is type(timestamp)
    assert isinstance(pong["server_time"], int)


def test_L10_a_subscriber_is_sent_the_match(cup: Cup) -> None:
    """`subscribe`: `subscribed` with the match's details and snapshot"""
    match = cup.new_match()
    official, fan = cup.official(), cup.fan(match)
    kick_off(official, match, fan)
    official.report(match.id, 2, 1)
    fan.receive("score_updated")
    newcomer = cup.enter(cup.token(match.second))

    answer = newcomer.ask("subscribe", match_id=match.id, since=0)

    assert answer["type"] == "subscribed"
    data = answer["data"]
    assert (data["match_id"], data["tournament_id"]) == (match.id, cup.id)
    assert (data["role"], data["is_participant"]) == ("participant", True)
    assert (data["sequence"], data["viewers"]) == (3, 2)
    assert data["snapshot"] == cup.shown(match)
    assert (data["snapshot"]["participant1_score"], data["snapshot"]["state"]) == (2, "live")
    assert data["recovered"] is True
    kinds = [event["type"] for event in data["events"]]
    assert kinds == ["match_registered", "match_started"]
    official.command("match_state_change", match.id, new_state="paused")
    assert newcomer.receive("match_state_changed") == fan.receive("match_state_changed")


def test_L10_a_subscriber_of_a_tournament_is_sent_its_matches(cup: Cup) -> None:
    """`subscribe`: `subscribed` with the match's details and snapshot"""
    matches = [cup.new_match(), cup.new_match()]
    client = cup.enter(cup.token(unique("user")))

    answer = client.ask("subscribe", tournament_id=cup.id)

    data = answer["data"]
    assert (answer["type"], data["tournament_id"]) == ("subscribed", cup.id)
    assert data["match_id"] is None
    listed = {entry["match_id"]: entry for entry in data["snapshot"]["matches"]}
    assert listed.keys() == {match.id for match in matches}
    for match in matches:
        assert listed[match.id].items() <= cup.snapshot(match).items()


def test_L10_who_unsubscribes_receives_no_more(cup: Cup) -> None:
    """`subscribe`: `subscribed` with the match's details and snapshot"""
    match = cup.new_match()
    official, stays, leaves = cup.official(), cup.fan(match), cup.fan(match)

    assert leaves.ask("unsubscribe", match_id=match.id)["type"] == "unsubscribed"

    kick_off(official, match, stays)
    assert leaves.ask("subscribe", match_id=match.id)["data"]["sequence"] == 2
    official.command("match_state_change", match.id, new_state="paused")
    assert leaves.receive("match_state_changed")["sequence"] == 3


def test_L12_a_score_reaches_the_rooms(cup: Cup) -> None:
    """`score_updated` with sequence: reaches the room"""
    match = cup.new_match()
    official, rooms = cup.official(), (cup.fan(match), cup.follower())
    kick_off(official, match, *rooms)
    details = {"minute": "90+4", "scorer": "Gonçalo", "kind": "penalty"}

    answer = official.command("score_update", match.id, **SCORE, details=details)

    received = both_receive("score_updated", rooms)
    assert about_event(received) == {
        "match_id": match.id,
        "tournament_id": cup.id,
        "sequence": 3,
    }
    assert (received["participant1_score"], received["participant2_score"]) == (1, 0)
    assert received["details"] == details
    assert received["revision"] == answer["revision"] == 1
    assert received["merged"] == 1
    assert received["updated_at"] <= received["server_time"]


def test_L13_a_completion_reaches_the_rooms(cup: Cup) -> None:
    """`match_completed` with the winner: reaches the room"""
    match = cup.new_match()
    official, rooms = cup.official(), (cup.fan(match), cup.follower())
    kick_off(official, match, *rooms)

    official.command("match_complete", match.id, winner_id=match.second)

    received = both_receive("match_completed", rooms)
    assert about_event(received)["sequence"] == 3
    assert (received["match_id"], received["tournament_id"]) == (match.id, cup.id)
    assert received["winner_id"] == match.second
    assert (received["participant1_score"], received["participant2_score"]) == (0, 0)
    ended = cup.snapshot(match)
    assert (ended["state"], ended["winner_id"]) == ("completed", match.second)


def test_L14_a_dispute_of_a_participant_reaches_the_rooms(cup: Cup) -> None:
    """`dispute_created`: reaches the room"""
    match = cup.new_match()
    official, rooms = cup.official(), (cup.fan(match), cup.follower())
    player = cup.enter(cup.token(match.first))
    kick_off(official, match, *rooms)

    answer = player.command("dispute_create", match.id, reason="It was offside.")

    received = both_receive("dispute_created", rooms)
    assert about_event(received)["sequence"] == 3
    assert received["match_id"] == match.id
    assert received["dispute_id"] == answer["dispute_id"]
    assert (received["status"], received["open_disputes"]) == ("open", 1)
    assert "reason" not in received
    stored = cup.snapshot(match)
    assert (stored["state"], stored["open_disputes"]) == ("live", 1)
    assert player.ask("score_update", match_id=match.id, **SCORE)["code"] == "forbidden"


def test_L15_a_start_reaches_the_rooms(cup: Cup) -> None:
    """`match_started`: reaches the room"""
    match = cup.new_match()
    official, rooms = cup.official(), (cup.fan(match), cup.follower())

    official.command("match_start", match.id)

    received = both_receive("match_started", rooms)
    assert about_event(received) == {
        "match_id": match.id,
        "tournament_id": cup.id,
        "sequence": 2,
    }
    assert cup.snapshot(match)["state"] == "live"
    again = official.ask("match_start", match_id=match.id)
    assert (again["type"], again["code"]) == ("error", "invalid_transition")


def test_L16_a_change_of_state_reaches_the_rooms(cup: Cup) -> None:
    """`match_state_changed` with old and new: reaches the room"""
    match = cup.new_match()
    official, rooms = cup.official(), (cup.fan(match), cup.follower())
    kick_off(official, match, *rooms)

    official.command("match_state_change", match.id, new_state="paused")

    received = both_receive("match_state_changed", rooms)
    assert about_event(received)["sequence"] == 3
    assert received["match_id"] == match.id
    assert (received["old_state"], received["new_state"]) == ("live", "paused")


def test_L17_who_disconnects_leaves_nothing_behind(cup: Cup, deployed: Deployed) -> None:
    """disconnect: memberships and slots gone, later sends raise nothing"""
    match, leaver_id = cup.new_match(), unique("leaver")
    official, stays = cup.official(), cup.fan(match)
    leaver = cup.enter(cup.token(leaver_id), address=OWN_ADDRESS, match_id=match.id)
    assert leaver.ask("subscribe", tournament_id=cup.id)["type"] == "subscribed"
    item = deployed.connections_item(*connection_key(leaver.connection_id))
    assert item is not None and item["rooms"].keys() == {f"m:{match.id}", f"t:{cup.id}"}
    slots = ((f"U#{leaver_id}", item["user_slot"]), (f"I#{item['ip_hash']}", item["ip_slot"]))
    rooms = {f"R#{room}": int(shard) for room, shard in item["rooms"].items()}

    def held(pk: str, sk: str) -> int:
        return len((deployed.connections_item(pk, sk) or {}).get("holders", ()))

    def members_of(room: str) -> int:
        found = deployed.connections_item(room, "R")
        assert found is not None
        return int(found["members"])

    assert [held(pk, sk) for pk, sk in slots] == [1, 1]
    members = {room: members_of(room) for room in rooms}

    leaver.close()

    until(lambda: [held(pk, sk) for pk, sk in slots] == [0, 0])
    until(lambda: all(members_of(room) == members[room] - 1 for room in rooms))
    for room, shard in rooms.items():
        assert deployed.connections_item(f"{room}#{shard}", leaver.connection_id) is None
    until(lambda: deployed.connections_item(*connection_key(leaver.connection_id)) is None)
    kick_off(official, match, stays)
    official.report(match.id, 1, 0)
    assert stays.receive("score_updated")["sequence"] == 3
    until(lambda: deployed.messages("flush") == 0)
    assert deployed.messages("flush_dlq") == 0


def test_L20_two_who_connect_at_once_both_hear_everything(cup: Cup) -> None:
    """two connect to one match at once: both get every event"""
    match = cup.new_match()
    official = cup.official()
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(cup.fan, (match, match))

    kick_off(official, match, first, second)
    official.report(match.id, 1, 1)
    for kind in ("score_updated", "match_completed"):
        assert first.receive(kind) == second.receive(kind)
        if kind == "score_updated":
            official.command("match_complete", match.id, winner_id=None)

    assert {first.established["viewers"], second.established["viewers"]} == {1, 2}
    assert first.connection_id != second.connection_id


def test_L21_events_stay_with_their_match(cup: Cup) -> None:
    """events of match 1 never reach match 2"""
    one, two = cup.new_match(), cup.new_match()
    official, fan_of_one, fan_of_two = cup.official(), cup.fan(one), cup.fan(two)

    kick_off(official, one, fan_of_one)
    official.report(one.id, 1, 0)
    fan_of_one.receive("score_updated")
    official.command("match_complete", one.id, winner_id=one.first)
    fan_of_one.receive("match_completed")

    official.command("match_start", two.id)
    received = fan_of_two.receive("match_started")
    assert (received["match_id"], received["sequence"]) == (two.id, 2)
