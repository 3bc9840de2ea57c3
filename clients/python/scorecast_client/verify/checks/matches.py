"""A match from start to end, and what a client that was away learns of it."""

from typing import Any, Final

from botocore.exceptions import ClientError

from scorecast_client.verify.check import Checks
from scorecast_client.verify.outcome import require
from scorecast_client.verify.run import Run
from scorecast_client.verify.socket import Socket

checks: Final = Checks()


@checks.add("a match, start to end", fact="SQS FIFO keeps a message group's order into Lambda.")
def a_match(run: Run) -> str:
    match_id = run.new_match("order")
    official = run.official()
    in_match = run.enter("fan", match_id=match_id)
    in_tournament = run.enter("follower", tournament_id=run.tournament_id)
    official.ask("match_start", match_id=match_id)
    for goals in range(1, 6):
        run.score(official, match_id, goals)
    official.ask("match_complete", match_id=match_id, winner_id=run.user("first"))
    seen = [_events_until_completed(socket) for socket in (in_match, in_tournament)]
    for events in seen:
        numbers = [event["sequence"] for event in events]
        require(numbers == sorted(numbers), f"sequence numbers came as {numbers}")
        scores = [event for event in events if "revision" in event and "merged" in event]
        require(bool(scores), "no score came")
        require(scores[-1]["participant1_score"] == 5, f"the last score was {scores[-1]}")
        merged = sum(event["merged"] for event in scores)
        require(merged == 5, f"{merged} of 5 updates were accounted for")
    return f"5 updates in {len(scores)} messages, in order, in both rooms"


@checks.add("resume", fact="An event that was written is read with a consistent read at once.")
def resume(run: Run) -> str:
    match_id = run.new_match("resume")
    official = run.official()
    official.ask("match_start", match_id=match_id)
    fan = run.enter("late")
    known = int(fan.ask("subscribe", match_id=match_id)["data"]["sequence"])
    fan.ask("unsubscribe", match_id=match_id)
    official.ask("match_state_change", match_id=match_id, new_state="paused")
    official.ask("match_state_change", match_id=match_id, new_state="live")
    found = fan.ask("subscribe", match_id=match_id, since=known)["data"]
    missed = run.until(lambda: _recovered(fan, match_id, known), found)
    states = [event["data"]["new_state"] for event in missed["events"]]
    require(states == ["paused", "live"], f"{states} were recovered")
    return "two missed events, in order"


@checks.add("a score sent twice", fact="A conditional write and its repetition store one score.")
def a_score_sent_twice(run: Run) -> str:
    match_id = run.new_match("twice")
    run.official().ask("match_start", match_id=match_id)
    body = {"participant1_score": 1, "participant2_score": 0}
    headers = {"Idempotency-Key": f"goal-{run.id}"}
    path = f"/matches/{match_id}/score"
    first, second = (
        run.request("PUT", path, json=body, headers=headers | run.authorization) for _ in range(2)
    )
    require(first.is_success and second.is_success, f"{first.text} {second.text}")
    require(first.json() == second.json(), f"{first.text}, then {second.text}")
    return f"revision {first.json()['revision']}, twice"


@checks.add("eviction", fact="DELETE of @connections closes the connection.")
def eviction(run: Run) -> str:
    socket = run.enter("evicted")
    run.call("DELETE", f"/users/{run.user('evicted')}/connections")
    goodbye = socket.goodbye()
    require(goodbye["code"] == 4003, f"goodbye {goodbye['code']}")
    return f"goodbye 4003, close code {socket.close_code_soon()}"


@checks.add("gone connections", fact="GetConnection of a closed connection is GoneException (410).")
def gone_connections(run: Run) -> str:
    socket = run.open(token=run.token("gone"))
    connection_id = socket.event("connection_established")["connection_id"]
    found = run.target.connections.get_connection(ConnectionId=connection_id)
    require("LastActiveAt" in found or not run.target.is_aws, f"{sorted(found)} came")
    socket.connection.close()
    answer = run.until(lambda: _status_of(run, connection_id), None)
    require(answer == 410, f"status {answer}")
    return "open: LastActiveAt; closed: 410"


def _events_until_completed(socket: Socket) -> list[dict[str, Any]]:
    """As they came; a number that comes again is the same event, which clients drop."""
    last = socket.event("match_completed")
    came = [*socket.received("match_started", "score_updated"), last]
    return list({event["sequence"]: event for event in reversed(came)}.values())[::-1]


def _recovered(fan: Socket, match_id: str, known: int) -> dict[str, Any] | None:
    """Accepted events get their numbers when they are published, so ask until they are there."""
    fan.ask("unsubscribe", match_id=match_id)
    found = dict(fan.ask("subscribe", match_id=match_id, since=known)["data"])
    return found if found["recovered"] and len(found["events"]) >= 2 else None


def _status_of(run: Run, connection_id: str) -> int | None:
    """The status of an error; None while the connection is still there."""
    try:
        run.target.connections.get_connection(ConnectionId=connection_id)
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return None
