"""A one-time ticket at the real socket, bought over HTTP."""

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.e2e.deployed import Deployed, unique
from tests.e2e.venue import Venue


def test_a_ticket_opens_the_socket_once(venue: Venue, deployed: Deployed) -> None:
    user_id = unique("user")
    bought = httpx.post(
        f"{deployed.description['http_url']}/tickets",
        headers={"Authorization": f"Bearer {venue.token(user_id)}"},
        timeout=20,
    )
    assert bought.status_code == 200, bought.text
    ticket = bought.json()["ticket"]

    client = venue.open(None, ticket=ticket)
    assert client.receive("connection_established")["user_id"] == user_id
    with pytest.raises(InvalidStatus):
        venue.open(None, ticket=ticket)
