"""A one-time ticket at the real socket, bought over HTTP."""

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.e2e.cup import Cup
from tests.e2e.deployed import Deployed, unique


def test_a_ticket_opens_the_socket_once(cup: Cup, deployed: Deployed) -> None:
    user_id = unique("user")
    bought = httpx.post(
        f"{deployed.description['http_url']}/tickets",
        headers={"Authorization": f"Bearer {cup.token(user_id)}"},
        timeout=20,
    )
    assert bought.status_code == 200, bought.text
    ticket = bought.json()["ticket"]

    client = cup.open(None, ticket=ticket)
    assert client.receive("connection_established")["user_id"] == user_id
    with pytest.raises(InvalidStatus):
        cup.open(None, ticket=ticket)
