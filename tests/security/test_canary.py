"""Canaries: a marked token, ticket, secret, address and name go everywhere that there is a way.

Whatever the service writes, counts, queues (and so may leave among dead letters), stores or sends
others is searched for the marks. The acceptance tests' `test_secrecy` does so for the socket.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

import api
import authorizer
import connect
import disconnect
import fanout
import flush
import message
import pytest
import sweep
import welcome

from scorecast.protocol.limits import SECRET_CACHE_SECONDS
from tests import examples
from tests.acceptance.test_secrecy import Written, written
from tests.harness import wired
from tests.harness.fake_api import FakeApi
from tests.harness.wire import Attempt, Fault, Wire

__all__ = ["written"]

NAME: Final = "Canary McName"
IP: Final = "203.0.113.77"
SECRET: Final = "canary-secret-of-thirty-two-bytes-and-more"
BODY: Final = "canary-body"
"""Stands where only the caller's own text does."""

HTTP: Final[list[tuple[str, str, Any]]] = [
    ("PUT", "/tournaments/t9", {"name": "A cup", "organizers": ["u1"]}),
    ("PUT", "/tournaments/t9", {"name": 5, BODY: NAME}),
    ("GET", "/tournaments/t9", None),
    ("PUT", "/matches/m9", {"tournament_id": "t9", "participants": [], BODY: NAME}),
    ("GET", "/matches/m1", None),
    ("GET", f"/matches/{BODY}", None),
    ("GET", f"/{BODY}", None),
    ("POST", "/matches/m1/events", {"type": "match_start"}),
    ("POST", "/matches/m1/events", {"type": "dispute_create", "reason": f"{NAME} at {IP}"}),
    ("POST", "/matches/m1/events", {"type": BODY}),
    ("PUT", "/matches/m1/score", {"participant1_score": 1, "participant2_score": 0}),
    ("PUT", "/matches/m1/score", BODY),
    ("POST", "/tournaments/t1/events", {"type": "bracket_updated", "data": {}}),
    ("POST", "/tickets", None),
    ("GET", "/rooms/m1", None),
    ("DELETE", "/users/u9/connections", None),
]
QUEUES: Final = {
    "FLUSH_QUEUE_URL": flush,
    "WELCOME_QUEUE_URL": welcome,
    "FANOUT_QUEUE_URL": fanout,
    "SWEEP_QUEUE_URL": sweep,
}


class Marked:
    """What must not be seen, and the one who does everything with it."""

    def __init__(self, fake_api: FakeApi) -> None:
        self.fake_api = fake_api
        self.token = marked_token(fake_api)
        self.seen: list[str] = [SECRET, IP, self.token, *self.token.split(".")[1:]]

    def asks(self, method: str, path: str, body: Any, token: str | None = None) -> Any:
        event = examples.event("http") | {"rawPath": path}
        event["body"] = body if isinstance(body, str | None) else json.dumps(body)
        event["headers"] |= {
            "authorization": f"Bearer {token or self.token}",
            "x-forwarded-for": IP,
        }
        event["requestContext"]["http"] |= {"method": method, "path": path, "sourceIp": IP}
        answer = api.handler(event, self.fake_api.cloud.context)
        ticket = json.loads(answer["body"] or "{}").get("ticket") if path == "/tickets" else None
        if ticket:
            self.seen.append(ticket)
        return ticket

    def asks_for_everything(self) -> None:
        for method, path, body in HTTP:
            self.asks(method, path, body)
            self.asks(method, path, body, token=self.token[:-4] + "AAAA")

    def enters(self, **query: str) -> int:
        event = examples.event("authorizer")
        event["queryStringParameters"] = query
        event["headers"] = {"Origin": "https://scores.example.com", "X-Forwarded-For": IP}
        event["requestContext"]["identity"] = {"sourceIp": IP}
        try:
            policy = authorizer.handler(event, self.fake_api.cloud.context)
        except (authorizer.Unauthorized, authorizer.Unavailable) as refused:
            assert not self.in_text(repr(refused)) and refused.__cause__ is None
            return 401
        whole = examples.event("connect")
        whole["requestContext"]["authorizer"] = policy["context"]
        return int(connect.handler(whole, self.fake_api.cloud.context)["statusCode"])

    def says(self, body: str) -> None:
        event = examples.event("message") | {"body": body}
        event["requestContext"]["authorizer"] |= {"user_id": "u1", "name": NAME}
        message.handler(event, self.fake_api.cloud.context)

    def leaves(self) -> None:
        disconnect.handler(examples.event("disconnect"), self.fake_api.cloud.context)

    def works_off_queues(self) -> None:
        for queue, module in QUEUES.items():
            bodies = self.fake_api.cloud.messages(queue)
            records = [
                {"messageId": f"r{n}", "body": json.dumps(body), "attributes": {}}
                for n, body in enumerate(bodies)
            ]
            module.handler({"Records": records}, self.fake_api.cloud.context)

    def in_text(self, text: str, *more: str) -> list[str]:
        return [mark for mark in (*self.seen, *more) if mark in text]


def marked_token(fake_api: FakeApi) -> str:
    return fake_api.token("u1", role="admin", name=NAME, secret=SECRET)


@pytest.fixture
def marked(fake_api: FakeApi) -> Marked:
    fake_api.register("m1", "m2")
    for arn in ("arn:jwt", "arn:ip"):
        fake_api.cloud.api.secrets[arn, "AWSCURRENT"] = SECRET
    fake_api.wait(SECRET_CACHE_SECONDS + 1)  # the matches were registered with the usual secret
    return Marked(fake_api)


def sent_to(wire: Wire, service: str) -> str:
    return "".join(json.dumps(each.body) for each in wire.attempts if each.service == service)


def the_whole_way(marked: Marked) -> Iterator[int]:
    marked.asks_for_everything()
    ticket = marked.asks("POST", "/tickets", None)
    yield marked.enters(ticket=ticket or "x", match_id="m1")
    marked.works_off_queues()
    for body in ("{", json.dumps({"type": NAME}), json.dumps({"type": "ping", "id": NAME})):
        marked.says(body)
    marked.says(json.dumps({"type": "refresh", "token": marked.token}))
    marked.says(json.dumps({"type": "refresh", "token": marked.token[:-4] + "AAAA"}))
    marked.says(json.dumps({"type": "subscribe", "match_id": "m2"}))
    marked.says(json.dumps({"type": "dispute_create", "match_id": "m1", "reason": NAME}))
    yield marked.enters(ticket=ticket or "x")
    yield marked.enters(token=marked.token)
    yield marked.enters(token=marked.token + "x", match_id=f"{NAME} {IP}")
    marked.works_off_queues()
    marked.leaves()


def test_what_is_written_queued_stored_and_sent_has_no_mark(
    marked: Marked, wire: Wire, written: Written
) -> None:
    onlooker = marked.fake_api.connect("u2", match_id="m1", token=marked.token)
    marked.fake_api.deliver_welcomes()
    assert list(the_whole_way(marked)) == [200, 401, 200, 401]

    assert len(marked.seen) > 5, "tickets were sold"
    assert not marked.in_text(written.all(), NAME, BODY)
    queued = sent_to(wire, "AmazonSQS")
    assert "match_id" in queued and not marked.in_text(queued, NAME.split()[0] + " ")
    stored = sent_to(wire, "DynamoDB")
    assert NAME in stored, "a name is kept with its connection, and so is what it disputes"
    assert not [mark for mark in marked.seen if mark in stored.replace(f"{NAME} at {IP}", "")]
    published = json.dumps(onlooker.messages)
    assert "match_started" in published or "score_updated" in published
    assert not marked.in_text(published.replace(f"{NAME} at {IP}", ""), BODY)


@pytest.mark.parametrize("service", ["DynamoDB", "AmazonSQS"])
@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.UNREACHABLE, Fault.REPLY_LOST])
def test_what_is_written_of_failures_has_no_mark(
    marked: Marked, wire: Wire, written: Written, fault: Fault, service: str
) -> None:
    polling = ("ReceiveMessage", "DeleteMessage")  # what Lambda does, not the functions

    def broken(attempt: Attempt) -> Fault | None:
        is_struck = attempt.service == service and attempt.operation not in polling
        return fault if is_struck else None

    wire.fault = broken
    for _ in the_whole_way(marked):
        pass
    assert '"level":"ERROR"' in written.all()
    assert not marked.in_text(written.all(), NAME, BODY)
    assert not marked.in_text(sent_to(wire, "AmazonSQS"), NAME)


class Crash(Exception):
    """What a defect of ours would raise; its message may hold anything."""


@pytest.mark.parametrize("where", ["_table", "gateway", "system"])
def test_what_is_written_of_crashes_has_no_mark(
    marked: Marked, written: Written, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """The arguments of the failing call are in scope of the trace, and not in the log."""

    def crash(*_: Any, **__: Any) -> Any:
        raise Crash

    wired.forget(but=("secrets", "settings"))
    monkeypatch.setattr(wired.place(where), where, crash)
    with suppress(Crash):
        list(the_whole_way(marked))
    assert not marked.in_text(written.all(), NAME, BODY)


@pytest.mark.parametrize("module", [flush, welcome, fanout, sweep], ids=lambda each: each.__name__)
@pytest.mark.parametrize("body", [BODY, "{}", json.dumps({BODY: NAME}), json.dumps([IP]), ""])
def test_a_poisoned_record_fails_without_being_quoted(
    fake_api: FakeApi, written: Written, module: Any, body: str
) -> None:
    """It ends among the dead letters, whose bodies only our own functions write."""
    record = {"messageId": "r1", "body": body, "attributes": {}}
    done = module.handler({"Records": [record]}, fake_api.cloud.context)
    assert done == {"batchItemFailures": [{"itemIdentifier": "r1"}]}
    assert not _found((BODY, NAME, IP), written.all())


def _found(marks: Sequence[str], text: str) -> list[str]:
    return [mark for mark in marks if mark in text]
