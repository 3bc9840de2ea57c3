"""The scoreboard's pages, as a browser gets them."""

import re
from http import HTTPStatus
from urllib.parse import urljoin

import httpx
import pytest
from websockets.sync.client import connect

from tests.e2e.client import Client, Received
from tests.e2e.deployed import Deployed

PAGES_BYTES_MAX = 70_000
PAGES = ("index.html", "official.html")
REFERENCE = re.compile(r'(?:src|href)="(?!https?:|data:|#|\./")([^"]+)"')
IMPORT = re.compile(r'(?:\bfrom|\bimport) ?"(\./[^"]+\.js)"')


def loaded(page_url: str, name: str) -> dict[str, httpx.Response]:
    """The page's files by URL, as a browser follows them."""
    answers: dict[str, httpx.Response] = {}
    waiting = [urljoin(page_url, name)]
    while waiting:
        url = waiting.pop()
        if url in answers:
            continue
        answer = answers[url] = httpx.get(url)
        assert answer.status_code == HTTPStatus.OK, url
        found = (REFERENCE if url.endswith(".html") else IMPORT).findall(answer.text)
        waiting += [urljoin(url, each) for each in found]
    return answers


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_served_with_all_that_it_refers_to(deployed: Deployed, name: str) -> None:
    answers = loaded(deployed.description["page_url"], name)

    kinds = {url.rpartition(".")[2] for url in answers}
    assert kinds >= {"html", "css", "js", "svg"}
    assert any("/chunk-" in url for url in answers), "what both pages share is there once"


def test_both_pages_together_are_light(deployed: Deployed) -> None:
    page_url = deployed.description["page_url"]
    answers = {url: answer for name in PAGES for url, answer in loaded(page_url, name).items()}

    transferred = {url: answer.num_bytes_downloaded for url, answer in answers.items()}

    assert sum(transferred.values()) < PAGES_BYTES_MAX, transferred


@pytest.mark.parametrize("name", PAGES)
def test_a_page_runs_nothing_but_its_own_files(deployed: Deployed, name: str) -> None:
    page = httpx.get(urljoin(deployed.description["page_url"], name))

    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in page.text
    assert not re.search(r"<script(?![^>]*src=)|<style|style=|\son\w+=", page.text)


def test_the_page_gets_the_address_and_its_token_lets_it_in(
    deployed: Deployed, received: list[Received]
) -> None:
    answer = httpx.get(urljoin(deployed.description["page_url"], "config.json"))

    assert answer.status_code == HTTPStatus.OK
    configuration = answer.json()
    assert configuration.keys() == {"ws_url", "http_url", "tournament_id", "token", "tokens_url"}
    assert configuration["ws_url"] == deployed.description["ws_url"]
    assert configuration["http_url"] == deployed.description["http_url"]
    rooms = f"tournament_id={configuration['tournament_id']}&token={configuration['token']}"
    url = f"{configuration['ws_url']}?{rooms}"
    with connect(url, proxy=None) as socket:
        welcome = Client(socket, received).receive("connection_established")
    assert (welcome["tournament_id"], welcome["role"]) == (
        configuration["tournament_id"],
        "spectator",
    )
    listed = httpx.get(
        f"{configuration['http_url']}/tournaments/{configuration['tournament_id']}",
        headers={
            "Authorization": f"Bearer {configuration['token']}",
            "Origin": "http://127.0.0.1:1",
        },
        timeout=30,
    )
    assert listed.json()["matches"][0]["participants"][0]["name"]
    assert len(listed.headers.get_list("access-control-allow-origin")) == 1


def test_tokens_for_development_are_given_to_this_machine_alone(deployed: Deployed) -> None:
    url = urljoin(deployed.description["page_url"], "tokens.json")

    own = httpx.get(url)
    other = httpx.get(url, headers={"Host": "rebound.example.com"})

    assert {each["role"] for each in own.json()} == {"admin", "organizer", "participant"}
    assert "access-control-allow-origin" not in own.headers
    assert other.status_code == HTTPStatus.BAD_REQUEST
    assert "token" not in other.text
