"""Least privilege: each function is granted exactly what it was seen to use, and no more."""

import json
from collections.abc import Callable
from typing import Final

import api
import authorizer
import connect
import disconnect
import event_bus
import fanout
import history
import message
import pytest
import sweep
import welcome

from scorecast.aws.dynamodb import listings
from scorecast.domain.rooms import match_room
from scorecast.http.sender import EDGE_HEADER
from scorecast.protocol.cells import Endpoint
from scorecast.protocol.limits import (
    CONNECTION_SECONDS_MAX,
    HANDSHAKE_SECONDS_MAX,
    MOVE_LEASE_SECONDS,
    SECRET_CACHE_SECONDS,
    VIEWERS_LEASE_MS,
)
from scorecast.runtime.settings import READS
from scorecast.wiring import reports
from tests import examples
from tests.examples import SECRET
from tests.harness.fake_api import FakeApi
from tests.harness.fixtures import aws, cloud, connections_api, fake_api, issuer, wire, wired_anew
from tests.harness.wire import Attempt, Reply, Wire
from tests.template.conftest import Resources, is_stream
from tests.template.grants import Grant, granted, statements
from tests.template.usage import Listener, of_simulation

__all__ = ["aws", "cloud", "connections_api", "fake_api", "issuer", "wire", "wired_anew"]

POLLED: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
"""What Lambda does in a function's name when a queue feeds it."""
STREAMED: Final = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)
"""The same when a table's stream does."""
LOGGED: Final = ("logs:CreateLogStream", "logs:PutLogEvents")
TRACED: Final = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")

type Grants = dict[str, set[Grant]]


def _journey(fake_api: FakeApi) -> None:
    """Every way in that needs a token, a secret or HTTP."""
    fake_api.register("m1", "m2")
    for path in ("/tournaments/t1", "/matches/m1", "/matches/m1/history", "/rooms/m1", "/rooms/t1"):
        fake_api.http("GET", path)
        fake_api.http("GET", path, anonymous=True)
    score = {"participant1_score": 1, "participant2_score": 0}
    fake_api.http("POST", "/matches/m1/events", {"type": "match_start"})
    fake_api.http("PUT", "/matches/m1/score", score)
    fake_api.http("POST", "/matches/m1/events", {"type": "match_complete", "winner_id": "p1"})
    fake_api.register("m3")
    fake_api.http("DELETE", "/matches/m3")
    for path in ("/tournaments", "/matches"):
        fake_api.http("GET", path)
    stated = {"type": "bracket_generated", "data": {}}
    fake_api.http("POST", "/tournaments/t1/events", stated)
    ticket = fake_api.http("POST", "/tickets")["ticket"]
    assert fake_api.cloud.keep_history() == {"batchItemFailures": []}
    unreadable = {"dynamodb": {"SequenceNumber": "1", "NewImage": {}}}
    history.handler({"Records": [unreadable]}, fake_api.cloud.context)
    event_bus.handler({"Records": [unreadable, *fake_api.cloud.stream()]}, fake_api.cloud.context)
    event = examples.event("authorizer")
    event["queryStringParameters"] = {"ticket": ticket}
    assert fake_api.authorize(event)[0] == 200


def _read_through_cloudfront(fake_api: FakeApi) -> None:
    """An anonymous read, whose sender's address is counted if the edge's secret is right."""
    event = examples.event("http") | {"rawPath": "/matches/m1", "headers": {EDGE_HEADER: SECRET}}
    event["requestContext"]["http"] |= {"method": "GET", "path": "/matches/m1"}
    assert api.handler(event, fake_api.cloud.context)["statusCode"] == 200


def _seldom_seen(fake_api: FakeApi, wire: Wire, listener: Listener) -> None:
    """What a simulation meets too rarely to rely on."""
    fake_api.wait(SECRET_CACHE_SECONDS + 1)
    _read_through_cloudfront(fake_api)
    fake_api.wait(SECRET_CACHE_SECONDS + 1)
    _join_a_large_tournament(fake_api)
    first, second = fake_api.enter("u1", match_id="m2"), fake_api.enter("u2", match_id="m2")
    fake_api.wait(SECRET_CACHE_SECONDS + 1)
    assert first.ask("refresh", token=fake_api.token("u1"))["type"] == "refreshed"
    _refused_by_its_welcome_while_in_a_room(fake_api)
    fake_api.cloud.api.statuses["gone"] = 410
    _throttled_once(fake_api, first.id, second.id)
    fake_api.run_tasks([{"task": "PublishViewerCount", "room_key": match_room("m2").key}])
    _throttled_once(fake_api, first.id, second.id)
    _fan_out_to(fake_api, [first.id, second.id, "gone"])
    _fail_a_batch(fake_api)
    fake_api.cloud.api.statuses |= {first.id: 429, second.id: 429}
    _fan_out_to(fake_api, [first.id, second.id])
    fake_api.http("DELETE", "/users/u1/connections")
    _swept_while_its_item_is_deleted(fake_api, wire, listener)
    _release_by_the_next_connect(fake_api)
    _at_a_full_address(fake_api)
    _a_move_is_given_up(fake_api, listener)


def _a_move_is_given_up(fake_api: FakeApi, listener: Listener) -> None:
    """By the sweep: nobody has reported meanwhile."""
    elsewhere: Endpoint = {"socket_url": "wss://other.test", "http_url": "https://other.test"}
    with listener.not_listening():
        moves = reports.tournament_moves(fake_api.cloud.settings).moves
        assert moves.begin("t1", 1, elsewhere, drain_seconds=0)
    fake_api.wait(MOVE_LEASE_SECONDS + 1)
    fake_api.run_tasks([{"task": "CompleteMove", "tournament_id": "t1"}])


def _join_a_large_tournament(fake_api: FakeApi) -> None:
    """One with more matches than its room receives."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(listings, "LISTED_MATCHES_MAX", 1)
        fake_api.enter("u6", tournament_id="t1").ask("subscribe", tournament_id="t1")


def _at_a_full_address(fake_api: FakeApi) -> None:
    """Whether the match lists a client decides whether it may use the reserve."""
    limit = int(fake_api.cloud.environment["CONNECTIONS_PER_IP"])
    statuses = [fake_api.connect(f"n{each}", match_id="m2").status for each in range(limit + 1)]
    assert statuses[-1] == 429


def _refused_by_its_welcome_while_in_a_room(fake_api: FakeApi) -> None:
    fake_api.connect("u3", match_id="nowhere").ask("subscribe", match_id="m2")
    fake_api.deliver_welcomes()


def _throttled_once(fake_api: FakeApi, *connection_ids: str) -> None:
    """As by the account's quota: a second post passes, and raises the throttle level."""
    for connection_id in connection_ids:
        fake_api.cloud.api.once[connection_id] = [429]


def _fail_a_batch(fake_api: FakeApi) -> None:
    record = {"messageId": "r1", "body": "{}", "receiptHandle": "r1", "attributes": {}}
    answer = fanout.handler({"Records": [record]}, fake_api.cloud.context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "r1"}]}


def _release_by_the_next_connect(fake_api: FakeApi) -> None:
    """A user's connections are all gone, and their room has one viewer less for each."""
    held = [fake_api.enter("u5", match_id="m2") for _ in range(3)]
    fake_api.cloud.api.statuses |= {each.id: 410 for each in held}
    fake_api.wait(HANDSHAKE_SECONDS_MAX + VIEWERS_LEASE_MS / 1_000)
    assert fake_api.connect("u5").status == 200


def _fan_out_to(fake_api: FakeApi, connection_ids: list[str]) -> None:
    seen = json.dumps(fake_api.cloud.api.messages(connection_ids[0])[-1])
    posted = {"message": seen, "id": "m-m2-1", "stream": "m:m2", "sequence": 1}
    batch = {
        "posted": posted,
        "room_key": "m:m2",
        "connection_ids": connection_ids,
        "posts_per_second": 100.0,
    }
    record = {"messageId": "r1", "body": json.dumps(batch), "attributes": {}}
    assert fanout.handler({"Records": [record]}, fake_api.cloud.context) == {
        "batchItemFailures": []
    }


def _swept_while_its_item_is_deleted(fake_api: FakeApi, wire: Wire, listener: Listener) -> None:
    """It reads an item that TTL then deletes: a tombstone is put in its place."""

    once = iter([True])  # of threads that read several partitions, one alone reaches in

    def around(attempt: Attempt, send: Callable[[], Reply]) -> Reply:
        reply = send()
        pk = attempt.body.get("ExpressionAttributeValues", {}).get(":pk", {}).get("S", "")
        has_items = pk.startswith("C#") and reply and json.loads(reply[2])["Items"]
        if has_items and next(once, False):
            with listener.not_listening():
                fake_api.delete_connections()
        return reply

    fake_api.enter("u4")
    fake_api.wait(CONNECTION_SECONDS_MAX)
    wire.around = around
    for sweep_task in fake_api.sweeps():  # one by one: what reaches in is not of one thread alone
        fake_api.run_tasks([sweep_task])


@pytest.fixture
def listened(fake_api: FakeApi, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Grants:
    listener = Listener(fake_api.cloud.environment)
    monkeypatch.setenv("ALLOW_ANONYMOUS", "true")
    listener.listen(
        monkeypatch,
        api,
        authorizer,
        connect,
        disconnect,
        event_bus,
        fanout,
        history,
        message,
        sweep,
        welcome,
    )
    monkeypatch.setenv("ALLOW_ANONYMOUS", "true")
    _journey(fake_api)
    _seldom_seen(fake_api, wire, listener)
    return listener.used


def test_each_function_may_do_what_it_was_seen_to_do_and_nothing_else(
    listened: Grants, functions: Resources, resources: Resources
) -> None:
    simulated = of_simulation()
    differing = {}
    for function in READS:
        role = resources[functions[function]["Role"]["Fn::GetAtt"][0]]["Properties"]
        allowed = set(granted(role, resources))
        used = simulated.get(function, set()) | listened.get(function, set())
        used |= _of_lambda_itself(function, functions, resources)
        if allowed != used:
            differing[function] = {
                "granted and not used": sorted(allowed - used),
                "used and not granted": sorted(used - allowed),
            }
    assert not differing, json.dumps(differing, indent=1)


def _of_lambda_itself(function: str, functions: Resources, resources: Resources) -> set[Grant]:
    log = functions[function]["LoggingConfig"]["LogGroup"]["Ref"]
    used = {(action, log) for action in LOGGED} | {(action, "*") for action in TRACED}
    if "JWT_SECRET_ARN" in READS[function]:
        used.add(("kms:Decrypt", "JwtSecretKeyArn"))
    for each in resources.values():
        if each["Type"] == "AWS::Lambda::EventSourceMapping":
            fed = resources[each["Properties"]["FunctionName"]["Ref"]]["Properties"]
            if fed is functions[function]:
                source = each["Properties"]["EventSourceArn"]["Fn::GetAtt"][0]
                if is_stream(each["Properties"]):
                    used |= {(action, f"{source}/stream") for action in STREAMED}
                else:
                    used |= {(action, source) for action in POLLED}
    return used


def test_the_authorizer_may_delete_tickets_and_nothing_else(resources: Resources) -> None:
    deleting = [
        statement
        for statement in statements(resources["AuthorizerRole"]["Properties"])
        if "dynamodb:DeleteItem" in statement["Action"]
    ]
    conditions = [statement["Condition"] for statement in deleting]
    assert conditions == [{"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["K#*"]}}]
