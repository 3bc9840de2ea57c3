"""Time on an open socket: silence and its end, and a token that expires.

What the table says of the connection is made older, and the sweep is called as its queue would
call it: so a minute of silence passes in a second. It sweeps one shard, the connection's.
"""

import json
import time

from scorecast.aws.dynamodb.connection_items import connection_key
from scorecast.aws.dynamodb.registry import is_tombstone
from scorecast.domain.connections.idle import shard_of
from scorecast.protocol.limits import CONNECTION_SHARDS
from tests.e2e.client import RECEIVE_SECONDS_MAX, Client, Received
from tests.e2e.cup import Cup
from tests.e2e.deployed import Deployed, unique

PINGED_AFTER_SECONDS = 30
ENDED_AFTER_SECONDS = 60
BETWEEN_PINGS_SECONDS = 0.2
"""So that the allowance is not what ends it."""


def record_of(client: Client) -> tuple[str, str]:
    """The key of what the sweeps of the client's shard have pinged."""
    return "S", f"{CONNECTION_SHARDS}#{shard_of(client.connection_id, CONNECTION_SHARDS)}"


def grow_silent(deployed: Deployed, client: Client, *, seconds: int) -> None:
    """Have the client's last message, and what its shard's sweeps have pinged, be longer ago."""
    key, record = connection_key(client.connection_id), record_of(client)
    seen = deployed.connections_item(*key)
    assert seen is not None
    deployed.update(
        *key,
        "SET last_seen_ms = :value",
        int(seen["last_seen_ms"]) - seconds * 1_000,
    )
    swept = deployed.connections_item(*record) or {"sweeps": []}
    older = [
        [int(sent_at_ms) - seconds * 1_000, int(until_ms) - seconds * 1_000, list(missed)]
        for sent_at_ms, until_ms, missed in swept["sweeps"]
    ]
    deployed.update(*record, "SET sweeps = :value", older)


def sweep(deployed: Deployed, client: Client) -> None:
    """Sweep the client's shard now."""
    resource = deployed.aws.client("cloudformation").describe_stack_resource(
        StackName=deployed.description["stack_name"], LogicalResourceId="SweepFunction"
    )
    at_ms = int(time.time() * 1_000)
    shard = shard_of(client.connection_id, CONNECTION_SHARDS)
    task = {"task": "SweepPortion", "portion": shard, "of": CONNECTION_SHARDS, "at_ms": at_ms}
    record = {"messageId": "1", "body": json.dumps(task), "attributes": {}}
    reply = deployed.aws.client("lambda").invoke(
        FunctionName=resource["StackResourceDetail"]["PhysicalResourceId"],
        Payload=json.dumps({"Records": [record]}).encode(),
    )
    assert json.loads(reply["Payload"].read()) == {"batchItemFailures": []}


def test_L18_silence_is_pinged_then_ended(
    cup: Cup, deployed: Deployed, received: list[Received]
) -> None:
    """silence past the timeout: goodbye 4004 `heartbeat_timeout`, closed, released"""
    match = cup.new_match()
    client = cup.enter(cup.token(user_id := unique("user")), match_id=match.id)

    already = len(received)

    grow_silent(deployed, client, seconds=PINGED_AFTER_SECONDS)
    sweep(deployed, client)
    grow_silent(deployed, client, seconds=ENDED_AFTER_SECONDS - PINGED_AFTER_SECONDS)
    sweep(deployed, client)

    goodbye = client.next_frame()
    types = [json.loads(each.text)["type"] for each in received[already:]]
    assert [each for each in types if each != "viewers"] == ["ping", "goodbye"]
    assert (goodbye["type"], goodbye["code"]) == ("goodbye", 4004)
    assert (goodbye["reason"], goodbye["reconnect"]) == ("heartbeat_timeout", True)
    assert goodbye["retry_after_ms"] > 0
    assert client.close_code() == 1000
    assert deployed.open_connections(user_id) == 0
    item = deployed.connections_item(*connection_key(client.connection_id))
    assert item is None or is_tombstone(item)
    room = deployed.connections_item(f"R#m:{match.id}", "R")
    assert room is not None and room["members"] == 0
    assert deployed.connections_item(f"R#m:{match.id}#0", client.connection_id) is None


def test_L22_an_expired_token_is_announced_and_a_refresh_goes_on(cup: Cup) -> None:
    """token expires on an open connection: a warning, 25 s to `refresh`, then goodbye 4001"""
    user_id = unique("user")
    client = cup.enter(cup.token(user_id, minutes=2 / 60))

    deadline = time.monotonic() + RECEIVE_SECONDS_MAX
    while (answer := client.ask("ping"))["type"] == "pong":
        assert time.monotonic() < deadline, "the token never expires"
        assert client.received_within(BETWEEN_PINGS_SECONDS) is None
    assert answer["code"] == "token_expired"
    assert client.ask("refresh", token=cup.token(unique("user")))["code"] == "forbidden"

    refreshed = client.ask("refresh", token=cup.token(user_id))

    assert refreshed["type"] == "refreshed"
    assert refreshed["data"]["expires_at"] > time.time() * 1_000
    assert client.ask("ping")["type"] == "pong"
