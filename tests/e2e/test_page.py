"""The scoreboard page, as a browser gets it."""

import re
from urllib.parse import urljoin

import httpx
from websockets.sync.client import connect

from tests.e2e.client import Client, Heard
from tests.e2e.deployed import Deployed


def test_the_page_is_served_with_all_that_it_refers_to(deployed: Deployed) -> None:
    page_url = deployed.description["page_url"]

    page = httpx.get(page_url)

    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    own_files = re.findall(r'(?:src|href)="(?!https?:|data:|#)([^"]+)"', page.text)
    assert {name.rpartition(".")[2] for name in own_files} >= {"js", "css"}
    for name in own_files:
        assert httpx.get(urljoin(page_url, name)).status_code == 200, name


def test_the_page_is_told_where_to_connect_and_its_token_lets_it_in(
    deployed: Deployed, heard: list[Heard]
) -> None:
    answer = httpx.get(urljoin(deployed.description["page_url"], "config.json"))

    assert answer.status_code == 200
    told = answer.json()
    assert told.keys() == {"ws_url", "http_url", "tournament_id", "token"}
    assert told["ws_url"] == deployed.description["ws_url"]
    assert told["http_url"] == deployed.description["http_url"]
    url = f"{told['ws_url']}?tournament_id={told['tournament_id']}&token={told['token']}"
    with connect(url, proxy=None) as socket:
        welcome = Client(socket, heard).hear("connection_established")
    assert (welcome["tournament_id"], welcome["role"]) == (told["tournament_id"], "spectator")
    listed = httpx.get(
        f"{told['http_url']}/tournaments/{told['tournament_id']}",
        headers={"Authorization": f"Bearer {told['token']}"},
    )
    assert listed.json()["matches"][0]["participants"][0]["name"]
