"""Handshakes: each way of the token, and each refusal with its status."""

from typing import Final

from scorecast_client.verify.check import Checks
from scorecast_client.verify.outcome import Differs, Skipped, require
from scorecast_client.verify.run import Run
from scorecast_client.verify.socket import Socket

checks: Final = Checks()


@checks.add("token in the query", fact="An authorizer without identity sources is always invoked.")
def token_in_the_query(run: Run) -> str:
    return _welcome(run.open(token=run.token("query")), run.user("query"))


@checks.add("token in the header", fact="The authorizer sees the Authorization header.")
def token_in_the_header(run: Run) -> str:
    headers = {"Authorization": f"Bearer {run.token('header')}"}
    return _welcome(run.open(headers=headers), run.user("header"))


@checks.add(
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


@checks.add("ticket, once", fact="A ticket written by one function is read by the next at once.")
def ticket_once(run: Run) -> str:
    headers = {"Authorization": f"Bearer {run.token('ticket')}"}
    ticket = run.call("POST", "/tickets", headers=headers)["ticket"]
    _welcome(run.open(ticket=ticket), run.user("ticket"))
    again = run.refusal(401, emulator=500, ticket=ticket)
    return f"admitted, then {again}"


@checks.add("no token", fact="An authorizer's Unauthorized is status 401.")
def no_token(run: Run) -> str:
    if run.target.parameters["AllowAnonymous"] == "true":
        raise Skipped("AllowAnonymous is on")
    return run.refusal(401, emulator=500)


@checks.add("bad token", fact="An authorizer's Unauthorized is status 401.")
def bad_token(run: Run) -> str:
    return run.refusal(401, emulator=500, token=run.token("bad")[:-4] + "AAAA")


@checks.add("bad room id", fact="The $connect integration's status is the handshake's.")
def bad_room_id(run: Run) -> str:
    return run.refusal(400, emulator=403, token=run.token("room"), match_id="no id!")


@checks.add("connection limit", fact="The $connect integration's status is the handshake's.")
def connection_limit(run: Run) -> str:
    limit = run.target.number("ConnectionsPerUser")
    if run.target.parameters["ConnectionLimitPolicy"] != "reject":
        raise Skipped("ConnectionLimitPolicy replaces the oldest connection")
    if limit >= run.target.number("ConnectionsPerIp"):
        raise Skipped("the limit per address is lower")
    for _ in range(limit):
        run.enter("limit")
    return f"{limit} admitted, then {run.refusal(429, emulator=403, token=run.token('limit'))}"


def _welcome(socket: Socket, user_id: str) -> str:
    welcome = socket.event("connection_established")
    require(welcome["user_id"] == user_id, f"welcomed as {welcome['user_id']}")
    return f"welcomed as {welcome['role']}"
