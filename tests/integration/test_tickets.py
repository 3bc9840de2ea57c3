from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import authorizer
import pytest

from scorecast.aws.dynamodb.tickets import Tickets
from scorecast.domain.connections.identity import BadToken, Identity, from_context
from scorecast.protocol.limits import TICKET_SECONDS
from scorecast.wiring import tables
from tests import examples
from tests.harness.moto_cloud import MotoCloud

ANN = Identity(
    user_id="ann", name="Ann", tournaments=("t1",), expires_at_ms=examples.NOW_MS + 3_600_000
)
TICKET = "a-ticket-that-nobody-can-guess"


@pytest.fixture
def tickets(cloud: MotoCloud) -> Tickets:
    return tables.tickets(cloud.settings)


def test_a_ticket_is_good_once(tickets: Tickets) -> None:
    tickets.issue(ANN, TICKET)
    assert tickets.redeem(TICKET) == ANN
    assert isinstance(tickets.redeem(TICKET), BadToken)


def test_of_many_handshakes_with_one_ticket_one_gets_in(tickets: Tickets) -> None:
    tickets.issue(ANN, TICKET)
    with ThreadPoolExecutor(8) as pool:
        spent = list(pool.map(lambda _: tickets.redeem(TICKET), range(16)))
    assert spent.count(ANN) == 1


def test_a_ticket_that_was_never_issued_is_bad(tickets: Tickets) -> None:
    assert isinstance(tickets.redeem(TICKET), BadToken)


def test_a_ticket_is_good_for_a_minute_whether_ttl_came_by_or_not(
    tickets: Tickets, cloud: MotoCloud
) -> None:
    tickets.issue(ANN, TICKET)
    cloud.system.sleep_ms(TICKET_SECONDS * 1_000)
    assert isinstance(tickets.redeem(TICKET), BadToken)


def test_the_table_does_not_hold_the_ticket(tickets: Tickets, cloud: MotoCloud) -> None:
    tickets.issue(ANN, TICKET)
    assert TICKET not in str(cloud.items(cloud.connections_table))


def _handshake(cloud: MotoCloud, ticket: str) -> Any:
    event = examples.event("authorizer")
    event["queryStringParameters"] = {"ticket": ticket}
    return authorizer.handler(event, cloud.context)


def test_a_ticket_opens_the_socket_for_its_holder(tickets: Tickets, issuer: MotoCloud) -> None:
    tickets.issue(ANN, TICKET)
    policy = _handshake(issuer, TICKET)
    assert policy["policyDocument"]["Statement"][0]["Effect"] == "Allow"
    assert from_context(policy["context"]) == ANN


@pytest.mark.parametrize("ticket", ["", "x" * 65, "unknown"])
def test_a_bad_ticket_is_refused_with_401(issuer: MotoCloud, ticket: str) -> None:
    with pytest.raises(authorizer.Unauthorized):
        _handshake(issuer, ticket)


def test_a_ticket_is_not_valid_for_longer_than_its_token(
    tickets: Tickets, cloud: MotoCloud
) -> None:
    expires_at_ms = cloud.system.now_ms() + 5_000
    holder = replace(ANN, expires_at_ms=expires_at_ms)
    assert tickets.issue(holder, TICKET) == expires_at_ms
    cloud.system.sleep_ms(5_000)
    assert isinstance(tickets.redeem(TICKET), BadToken)
