from dataclasses import replace

import pytest

from scorecast.http.request import Request, read
from scorecast.http.sender import comes_from_edge, viewer_address
from tests.http.server import http_event

SECRETS = ["current", "previous"]
EDGE = "130.176.1.1"
VIEWER = "203.0.113.7"


def request(**headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    event = http_event("GET", "/matches/m1", {}, b"")
    return replace(read(event), source_ip=EDGE, headers=named)


@pytest.mark.parametrize("secret", SECRETS)
def test_the_edge_proves_itself_by_a_secret_also_while_it_is_rotated(secret: str) -> None:
    assert comes_from_edge(request(x_scorecast_edge=secret), SECRETS)


@pytest.mark.parametrize("proof", ["", "wrong", "current ", "\u20ac"])
def test_a_client_cannot_pretend_to_be_the_edge(proof: str) -> None:
    assert not comes_from_edge(request(x_scorecast_edge=proof), SECRETS)
    assert not comes_from_edge(request(), SECRETS)


@pytest.mark.parametrize(
    "forwarded_for",
    [
        f"{VIEWER}, {EDGE}",
        VIEWER,
        f"198.51.100.1, {VIEWER}, {EDGE}",  # what the viewer sent comes first
        f"nonsense,{VIEWER},{EDGE}",
    ],
)
def test_the_viewer_is_the_last_before_the_edge(forwarded_for: str) -> None:
    assert viewer_address(request(x_forwarded_for=forwarded_for)) == VIEWER


@pytest.mark.parametrize("forwarded_for", ["", EDGE, f"nonsense, {EDGE}", ",", f", {EDGE}"])
def test_without_an_address_of_the_viewer_the_edges_counts(forwarded_for: str) -> None:
    assert viewer_address(request(x_forwarded_for=forwarded_for)) == EDGE


def test_an_address_may_be_of_version_6() -> None:
    assert viewer_address(request(x_forwarded_for=f"2001:db8::7, {EDGE}")) == "2001:db8::7"
