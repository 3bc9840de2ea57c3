"""The checks, in the order in which they run."""

import contextlib
import statistics
import time
from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError
from websockets.exceptions import ConnectionClosed

from infra.verify.check import Differs, Failed, Skipped, check, require
from infra.verify.run import Run
from infra.verify.socket import Message, Socket

LARGEST_FRAME_BYTES: Final = 32 * 1024
LARGEST_MESSAGE_BYTES: Final = 128 * 1024
TOO_LARGE_CLOSE_CODE: Final = 1009
NOT_TEXT_CLOSE_CODE: Final = 1003
CLOCK_MS_MAX: Final = 60_000
LATENCY_SAMPLES: Final = 30
BETWEEN_SAMPLES_SECONDS: Final = 0.4
BETWEEN_LOOKS_SECONDS: Final = 0.5
SWEEPS_WITHIN: Final = 3
SETTLES_WITHIN: Final = 2
"""Times what a message may take: for what no message announces."""


# ---- Handshakes


@check("token in the query", fact="An authorizer without identity sources is always invoked.")
def token_in_the_query(run: Run) -> str:
    return _welcome(run.open(token=run.token("query")), run.user("query"))


@check("token in the header", fact="The authorizer sees the Authorization header.")
def token_in_the_header(run: Run) -> str:
    headers = {"Authorization": f"Bearer {run.token('header')}"}
    return _welcome(run.open(headers=headers), run.user("header"))


@check(
    "token in the sub-protocol",
    fact="Sec-WebSocket-Protocol of the $connect response reaches the client.",
)
def token_in_the_subprotocol(run: Run) -> str:
    offered = ("scorecast.v1", f"bearer.{run.token('subprotocol')}")
    socket = run.open(subprotocols=offered)
    _welcome(socket, run.user("subprotocol"))
    selected = socket.connection.subprotocol
    if selected is None and not run.target.is_aws:
        raise Differs("no sub-protocol is selected")
    require(selected == "scorecast.v1", f"{selected} was selected")
    return "scorecast.v1 was selected"


@check("ticket, once", fact="A ticket written by one function is read by the next at once.")
def ticket_once(run: Run) -> str:
    headers = {"Authorization": f"Bearer {run.token('ticket')}"}
    ticket = run.call("POST", "/tickets", headers=headers)["ticket"]
    _welcome(run.open(ticket=ticket), run.user("ticket"))
    again = run.refusal(401, emulator=500, ticket=ticket)
    return f"admitted, then {again}"


@check("no token", fact="An authorizer's Unauthorized is status 401.")
def no_token(run: Run) -> str:
    if run.target.parameters["AllowAnonymous"] == "true":
        raise Skipped("AllowAnonymous is on")
    return run.refusal(401, emulator=500)


@check("bad token", fact="An authorizer's Unauthorized is status 401.")
def bad_token(run: Run) -> str:
    return run.refusal(401, emulator=500, token=run.token("bad")[:-4] + "AAAA")


@check("bad room id", fact="The $connect integration's status is the handshake's.")
def bad_room_id(run: Run) -> str:
    return run.refusal(400, emulator=403, token=run.token("room"), match_id="no id!")


@check("connection limit", fact="The $connect integration's status is the handshake's.")
def connection_limit(run: Run) -> str:
    limit = run.target.number("ConnectionsPerUser")
    if run.target.parameters["ConnectionLimitPolicy"] != "reject":
        raise Skipped("ConnectionLimitPolicy replaces the oldest connection")
    if limit >= run.target.number("ConnectionsPerIp"):
        raise Skipped("the limit per address is lower")
    for _ in range(limit):
        run.enter("limit")
    return f"{limit} admitted, then {run.refusal(429, emulator=403, token=run.token('limit'))}"


# ---- Messages


@check("ping and pong", fact="The $default route's response returns the function's answer.")
def ping_and_pong(run: Run) -> str:
    reply = run.enter("ping").ask("ping", timestamp=12.5)
    require(reply["timestamp"] == 12.5, f"the timestamp came back as {reply['timestamp']}")
    apart = abs(reply["server_time"] - time.time() * 1000)
    require(apart < CLOCK_MS_MAX, f"the clocks are {apart / 1000:.0f} s apart")
    return f"the clocks are {apart:.0f} ms apart"


@check("empty answer", fact="A function's answer without a body sends no message.")
def empty_answer(run: Run) -> str:
    socket = run.enter("empty")
    socket.connection.send('{"type":"pong"}')
    ident = socket.send("ping")
    reply = socket.receive(time.monotonic() + run.seconds_max)
    require(reply.get("id") == ident, f"{reply} came first")
    return "no message"


@check("bad message", fact="A message that is not JSON goes to $default.")
def bad_message(run: Run) -> str:
    socket = run.enter("bad")
    socket.connection.send("hello")
    error = socket.event("error")
    require(error["code"] == "invalid_json", f"{error['code']}")
    socket.ask("ping")
    return "invalid_json, and the connection goes on"


@check("binary message", fact="A binary message closes the connection with 1003.")
def binary_message(run: Run) -> str:
    socket = run.enter("binary")
    socket.connection.send(b"\x00\x01")
    return _closed(run, socket, NOT_TEXT_CLOSE_CODE)


@check("largest message", fact="A message of MessageBytesMax arrives whole.")
def largest_message(run: Run) -> str:
    size = min(run.target.number("MessageBytesMax"), LARGEST_FRAME_BYTES)
    socket = run.enter("largest")
    socket.connection.send('{"type":"ping","id":"largest"}'.ljust(size))
    socket.take(lambda message: message.get("id") == "largest")
    return f"{size:,} bytes"


@check("frame over 32 KB", fact="A frame above 32 KB closes the connection with 1009.")
def frame_over_32_kb(run: Run) -> str:
    socket = run.enter("frame")
    socket.connection.send('{"type":"ping"}'.ljust(LARGEST_FRAME_BYTES + 1))
    return _closed(run, socket, TOO_LARGE_CLOSE_CODE)


@check("message over 32 KB in frames", fact="Frames up to 32 KB are joined up to 128 KB.")
def message_over_32_kb_in_frames(run: Run) -> str:
    allowed = run.target.number("MessageBytesMax")
    size = 2 * LARGEST_FRAME_BYTES
    socket = run.enter("frames")
    text = '{"type":"ping","id":"joined"}'.ljust(size)
    socket.connection.send([text[:LARGEST_FRAME_BYTES], text[LARGEST_FRAME_BYTES:]])
    if size <= allowed:
        socket.take(lambda message: message.get("id") == "joined")
        return f"{size:,} bytes arrived"
    return f"{size:,} bytes arrived: goodbye {_goodbye(socket)['code']}"


@check("message over 128 KB", fact="A message above 128 KB closes the connection with 1009.")
def message_over_128_kb(run: Run) -> str:
    socket = run.enter("message")
    frames = ['{"type":"ping"}'.ljust(LARGEST_FRAME_BYTES)]
    frames += [" " * LARGEST_FRAME_BYTES] * (LARGEST_MESSAGE_BYTES // LARGEST_FRAME_BYTES)
    with contextlib.suppress(ConnectionClosed):
        socket.connection.send(frames)
    return _closed(run, socket, TOO_LARGE_CLOSE_CODE)


# ---- Matches


@check("a match, start to end", fact="SQS FIFO keeps a message group's order into Lambda.")
def a_match(run: Run) -> str:
    match_id = run.new_match("order")
    official = run.official()
    in_match = run.enter("fan", match_id=match_id)
    in_tournament = run.enter("follower", tournament_id=run.tournament_id)
    official.ask("match_start", match_id=match_id)
    for goals in range(1, 6):
        _score(official, match_id, goals)
    official.ask("match_complete", match_id=match_id, winner_id=run.user("first"))
    seen = [_events_until_completed(socket) for socket in (in_match, in_tournament)]
    for events in seen:
        numbers = [event["sequence"] for event in events]
        require(numbers == sorted(set(numbers)), f"sequence numbers came as {numbers}")
        scores = [event for event in events if "revision" in event and "merged" in event]
        require(bool(scores), "no score came")
        require(scores[-1]["participant1_score"] == 5, f"the last score was {scores[-1]}")
        merged = sum(event["merged"] for event in scores)
        require(merged == 5, f"{merged} of 5 updates were accounted for")
    return f"5 updates in {len(scores)} messages, in order, in both rooms"


@check("resume", fact="An event that was written is read with a consistent read at once.")
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
    missed = _until(run, lambda: _recovered(fan, match_id, known), found)
    states = [event["data"]["new_state"] for event in missed["events"]]
    require(states == ["paused", "live"], f"{states} were recovered")
    return "two missed events, in order"


@check("a score sent twice", fact="A conditional write and its repetition store one score.")
def a_score_sent_twice(run: Run) -> str:
    match_id = run.new_match("twice")
    run.official().ask("match_start", match_id=match_id)
    body = {"participant1_score": 1, "participant2_score": 0}
    headers = {"Idempotency-Key": f"goal-{run.id}"}
    path = f"/matches/{match_id}/score"
    first, second = (
        run.request("PUT", path, json=body, headers=headers | _admin(run)) for _ in range(2)
    )
    require(first.is_success and second.is_success, f"{first.text} {second.text}")
    require(first.json() == second.json(), f"{first.text}, then {second.text}")
    return f"revision {first.json()['revision']}, twice"


@check("eviction", fact="DELETE of @connections closes the connection.")
def eviction(run: Run) -> str:
    socket = run.enter("evicted")
    run.call("DELETE", f"/users/{run.user('evicted')}/connections")
    goodbye = _goodbye(socket)
    require(goodbye["code"] == 4003, f"goodbye {goodbye['code']}")
    return f"goodbye 4003, close code {socket.close_code()}"


@check("gone connections", fact="GetConnection of a closed connection is GoneException (410).")
def gone_connections(run: Run) -> str:
    socket = run.open(token=run.token("gone"))
    connection_id = socket.event("connection_established")["connection_id"]
    found = run.target.connections.get_connection(ConnectionId=connection_id)
    require("LastActiveAt" in found or not run.target.is_aws, f"{sorted(found)} came")
    socket.connection.close()
    answer = _until(run, lambda: _status_of(run, connection_id), None)
    require(answer == 410, f"status {answer}")
    return "open: LastActiveAt; closed: 410"


# ---- HTTP


@check("HTTP: ETag", fact="If-None-Match reaches the function, and 304 has no body.")
def http_etag(run: Run) -> str:
    path = f"/matches/{run.new_match('etag')}"
    first = run.request("GET", path)
    etag = first.headers.get("etag")
    require(bool(etag), f"status {first.status_code} without an ETag")
    second = run.request("GET", path, headers=_admin(run) | {"If-None-Match": etag})
    require((second.status_code, second.content) == (304, b""), f"status {second.status_code}")
    return "200 with an ETag, then 304"


@check("HTTP: CORS", fact="OPTIONS reaches the function, as the API configures no CORS.")
def http_cors(run: Run) -> str:
    allowed = run.target.parameters["AllowedOrigins"].split(",")[0].strip()
    origin = "http://127.0.0.1:8080" if not run.target.is_aws else allowed or "https://a.example"
    if "*" in origin:
        raise Skipped("AllowedOrigins begins with sub-domains")
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
    response = run.request("OPTIONS", "/matches/any", headers=asked)
    granted = response.headers.get("access-control-allow-origin")
    require(granted in (origin, "*"), f"status {response.status_code}, origin {granted}")
    return f"{granted} is allowed"


@check("HTTP: problems", fact="The gateway passes status and content type on.")
def http_problems(run: Run) -> str:
    missing = run.request("GET", f"/matches/{run.tournament_id}-none")
    kind = missing.headers.get("content-type", "")
    require(
        (missing.status_code, kind) == (404, "application/problem+json"),
        f"{missing.status_code} {kind}",
    )
    refused = run.request("GET", "/matches/any", headers={"Authorization": "Bearer none"})
    require(refused.status_code == 401, f"a bad token is {refused.status_code}")
    return "404 and 401 as problem+json"


# ---- Time


@check("latency", fact="Flush and fan-out run within moments of the message in SQS.")
def latency(run: Run) -> str:
    match_id = run.new_match("latency")
    official, fan = run.official(), run.enter("watching", match_id=match_id)
    official.ask("match_start", match_id=match_id)
    fan.event("match_started")
    took = sorted(_latency_ms(official, fan, match_id, n) for n in range(1, LATENCY_SAMPLES + 1))
    window = run.target.number("CoalesceMaxWaitMs")
    p50, p99 = statistics.median(took), took[-1]
    require(p50 < window + 2_000, f"p50 {p50:.0f} ms")
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms with windows up to {window} ms"


@check("heartbeat", fact="EventBridge Scheduler starts the sweep every minute.")
def heartbeat(run: Run) -> str:
    socket = run.enter("silent")
    begun = time.monotonic()
    longest = run.target.number("HeartbeatIntervalSeconds") + SWEEPS_WITHIN * run.seconds_max
    socket.event("ping", seconds_max=longest)
    return f"a ping after {time.monotonic() - begun:.0f} s of silence"


@check("no drift", fact="$disconnect arrives, or the sweep makes up for it.")
def no_drift(run: Run) -> str:
    match_id = run.new_match("drift")
    fans = [run.enter(f"drift-{number}", match_id=match_id) for number in range(3)]
    for fan in fans:
        fan.connection.close()
    left = _until(run, lambda: _viewers(run, match_id) == 0 or None, None)
    require(bool(left), f"{_viewers(run, match_id)} viewers are counted, and all have left")
    for _ in range(run.target.number("ConnectionsPerUser")):
        run.enter("limit")
    return "no viewer is counted, and every place is free again"


def _welcome(socket: Socket, user_id: str) -> str:
    welcome = socket.event("connection_established")
    require(welcome["user_id"] == user_id, f"welcomed as {welcome['user_id']}")
    return f"welcomed as {welcome['role']}"


def _goodbye(socket: Socket) -> Message:
    return socket.take(lambda message: message["type"] == "goodbye")


def _closed(run: Run, socket: Socket, expected: int) -> str:
    """The close code of API Gateway, or the goodbye of a function that should not have run."""
    try:
        seen = socket.close_code()
    except Failed:
        seen = None
    if seen == expected:
        return f"close code {seen}"
    if run.target.is_aws:
        raise Failed(f"close code {seen}, and {expected} was expected")
    raise Differs(f"close code {seen}, and {expected} in AWS")


def _score(official: Socket, match_id: str, goals: int) -> None:
    scores = {"participant1_score": goals, "participant2_score": 0}
    official.ask("score_update", match_id=match_id, **scores)


def _events_until_completed(socket: Socket) -> list[dict[str, Any]]:
    last = socket.event("match_completed")
    before = [data for kind in ("match_started", "score_updated") for data in socket.received(kind)]
    return [*sorted(before, key=lambda data: data["sequence"]), last]


def _recovered(fan: Socket, match_id: str, known: int) -> dict[str, Any] | None:
    """Accepted events get their numbers when they are published, so ask until they are there."""
    fan.ask("unsubscribe", match_id=match_id)
    found = dict(fan.ask("subscribe", match_id=match_id, since=known)["data"])
    return found if found["recovered"] and len(found["events"]) >= 2 else None


def _latency_ms(official: Socket, fan: Socket, match_id: str, goals: int) -> float:
    time.sleep(BETWEEN_SAMPLES_SECONDS)  # under the allowance, and outside the last window
    begun = time.monotonic()
    _score(official, match_id, goals)
    fan.take(
        lambda message: (
            message["type"] == "score_updated" and message["data"]["participant1_score"] == goals
        )
    )
    return (time.monotonic() - begun) * 1_000


def _status_of(run: Run, connection_id: str) -> int | None:
    """The status of an error; None while the connection is still there."""
    try:
        run.target.connections.get_connection(ConnectionId=connection_id)
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return None


def _viewers(run: Run, match_id: str) -> int:
    return int(run.call("GET", f"/rooms/{match_id}")["viewers"])


def _until(run: Run, look: Callable[[], Any], otherwise: Any) -> Any:
    """What looking finds, once it finds something; else `otherwise`."""
    deadline = time.monotonic() + SETTLES_WITHIN * run.seconds_max
    while not (found := look()):
        if time.monotonic() > deadline:
            return otherwise
        time.sleep(BETWEEN_LOOKS_SECONDS)
    return found


def _admin(run: Run) -> dict[str, str]:
    return {"Authorization": f"Bearer {run.target.token(run.user('admin'), role='admin')}"}
