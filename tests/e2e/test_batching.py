"""Rows B of the acceptance list: scores news together, numbered, in order."""

from tests.e2e.client import Client, accepted
from tests.e2e.cup import Cup, Pairing, kick_off
from tests.e2e.deployed import WINDOW_MS, Deployed, until

LOOK_SECONDS = 0.1


def burst(official: Client, match: Pairing, *goals: int) -> None:
    """Send updates without waiting for answers, then see them all accepted."""
    sent = [official.send_score(match.id, number, 0) for number in goals]
    for ident in sent:
        accepted(official.answer(ident))


def test_B1_a_burst_in_one_window_is_published_once(cup: Cup) -> None:
    """a burst of 5 updates in one window: one `score_updated`, the last score, in the match room
    and in the tournament room"""
    match = cup.new_match()
    official, fan, follower = cup.official(), cup.fan(match), cup.follower()
    kick_off(official, match, fan, follower)

    burst(official, match, 1, 2, 3, 4, 5)

    news = fan.receive("score_updated")
    assert news == follower.receive("score_updated")
    assert (news["participant1_score"], news["participant2_score"]) == (5, 0)
    assert (news["merged"], news["revision"], news["sequence"]) == (5, 5, 3)
    assert (news["match_id"], news["tournament_id"]) == (match.id, cup.id)
    assert news["details"] is None
    assert news["updated_at"] + WINDOW_MS <= news["server_time"]
    official.command("match_state_change", match.id, new_state="paused")
    assert fan.receive("match_state_changed")["sequence"] == 4
    assert follower.receive("match_state_changed")["sequence"] == 4


def test_B2_sequence_numbers_rise_from_window_to_window(cup: Cup) -> None:
    """three windows: strictly increasing sequence numbers"""
    match = cup.new_match()
    official, fan = cup.official(), cup.fan(match)
    kick_off(official, match, fan)

    news = []
    for number in (1, 2, 3):
        official.report(match.id, number, 0)
        news.append(fan.receive("score_updated"))

    assert [message["sequence"] for message in news] == [3, 4, 5]
    assert [message["revision"] for message in news] == [1, 2, 3]
    assert [message["participant1_score"] for message in news] == [1, 2, 3]
    assert [message["merged"] for message in news] == [1, 1, 1]


def test_B4_completion_publishes_the_open_window_first_and_at_once(cup: Cup) -> None:
    """completion with an open window: the score first, then `match_completed`, at once"""
    match = cup.new_match()
    official, fan, follower = cup.official(), cup.fan(match), cup.follower()
    kick_off(official, match, fan, follower)

    updated = official.send_score(match.id, 2, 1)
    completed = official.send("match_complete", match_id=match.id, winner_id=match.first)
    accepted(official.answer(updated))
    accepted(official.answer(completed))

    for client in (fan, follower):
        score, end = client.receive("score_updated"), client.receive("match_completed")
        assert (score["sequence"], end["sequence"]) == (3, 4)
        assert (score["participant1_score"], score["participant2_score"]) == (2, 1)
        assert (end["participant1_score"], end["participant2_score"]) == (2, 1)
        assert end["winner_id"] == match.first
        assert score["server_time"] <= end["server_time"]
    late = official.answer(official.send_score(match.id, 3, 1))
    assert (late["type"], late["code"]) == ("error", "match_not_live")
    assert cup.snapshot(match)["state"] == "completed"


def test_B6_a_flush_request_for_a_closed_window_does_nothing(cup: Cup, deployed: Deployed) -> None:
    """a flush request for a window already closed does nothing and raises nothing"""
    match = cup.new_match()
    official, fan = cup.official(), cup.fan(match)
    kick_off(official, match, fan)
    official.report(match.id, 1, 0)
    assert fan.receive("score_updated")["sequence"] == 3
    dead = deployed.messages("flush_dlq")

    deployed.send_tick(match.id)
    # The group's next request: it is processed only after the one before, without a failure.
    official.command("match_state_change", match.id, new_state="paused")

    assert fan.receive("match_state_changed")["sequence"] == 4
    assert deployed.messages("flush_dlq") == dead
    assert "window_id" not in deployed.match_item(match.id)


def test_B8_two_matches_neither_waits_for_the_other(cup: Cup, deployed: Deployed) -> None:
    """two matches at the same time: independent, neither waits for the other"""
    busy, idle, earlier = cup.new_match(), cup.new_match(), cup.new_match()
    official, chatty = cup.official(), cup.enter(cup.token(cup.organizer))
    busy_fan, quiet_fan = cup.fan(busy), cup.fan(idle)
    kick_off(official, busy, busy_fan)
    kick_off(official, idle, quiet_fan)
    kick_off(official, earlier)
    until(lambda: deployed.messages("flush") == 0)
    # MiniStack has one batch of flush requests in flight at a time. While it processes the earlier
    # match's, those of the other two gather for the next one.
    official.report(earlier.id, 1, 0)
    until(lambda: deployed.in_flight("flush") == 1)
    sent = [official.send_score(match.id, 1, 0) for match in (busy, idle)]
    for ident in sent:
        accepted(official.answer(ident))

    reported = 1
    while (news := quiet_fan.received_within(LOOK_SECONDS)) is None:  # each keeps the window open
        reported += 1
        chatty.report(busy.id, reported, 0)
    reported += 1
    chatty.report(busy.id, reported, 0)

    assert news["type"] == "score_updated"
    quiet, received = news["data"], [busy_fan.receive("score_updated")]
    while received[-1]["participant1_score"] < reported:
        received.append(busy_fan.receive("score_updated"))
    assert (quiet["match_id"], quiet["participant1_score"], quiet["merged"]) == (idle.id, 1, 1)
    assert sum(data["merged"] for data in received) == reported
    assert quiet["server_time"] < received[-1]["server_time"]


def test_B11_an_empty_window_publishes_nothing(cup: Cup, deployed: Deployed) -> None:
    """a window with nothing in it emits nothing"""
    match = cup.new_match()
    official, fan = cup.official(), cup.fan(match)

    deployed.send_tick(match.id)
    until(lambda: deployed.messages("flush") == 0)
    kick_off(official, match, fan)
    deployed.send_tick(match.id)
    official.command("match_state_change", match.id, new_state="paused")

    assert fan.receive("match_state_changed")["sequence"] == 3
    assert cup.snapshot(match)["revision"] == 0
