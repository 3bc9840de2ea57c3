"""A real tournament, played through the stack by the Python client."""

import asyncio
from dataclasses import replace as changed
from typing import Any

import httpx

from infra.local.commands import WORLD_CUP
from scorecast_client.publisher import Publisher
from scorecast_client.replay.play import replay_on
from scorecast_client.replay.structure import structure_of
from scorecast_client.replay.tournament import Tournament
from scorecast_client.replay.tournament_file import load
from tests.e2e.client import Client, Frame
from tests.e2e.cup import Cup
from tests.e2e.deployed import Deployed, unique

MATCHES = 8


def first_matches() -> Tournament:
    tournament = load(WORLD_CUP, tournament_id=unique("wc"))
    return changed(tournament, matches=tournament.matches[:MATCHES])


def test_eight_matches_end_as_the_file_has_them(
    cup: Cup, deployed: Deployed, publisher: Publisher
) -> None:
    tournament = first_matches()
    publisher.put_tournament(tournament.id, name=tournament.name, organizers=[])
    follower = cup.enter(cup.token(unique("follower")), tournament_id=tournament.id)

    report = asyncio.run(replay_on(deployed.stack, tournament))

    goals = sum(len(match.goals) for match in tournament.matches)
    assert (report.matches, list(report.differences)) == (MATCHES, [])
    assert report.accepted == goals == report.send_to_receipt.count
    assert report.score_messages + report.merged == goals
    finals = _finals(follower)
    for match in tournament.matches:
        end, stored = finals[match.id], publisher.match(match.id)
        winner_id = match.winner.id if match.winner else None
        assert (end["participant1_score"], end["participant2_score"]) == match.final
        assert (stored["participant1_score"], stored["participant2_score"]) == match.final
        assert end["winner_id"] == stored["winner_id"] == winner_id
        assert stored["sequence"] == end["sequence"]
    assert stored_structure(deployed, tournament.id) == structure_of(tournament)


def stored_structure(deployed: Deployed, tournament_id: str) -> dict[str, Any]:
    """As a page reads it."""
    token = deployed.stack.tokens["spectator"]
    url = f"{deployed.stack.http_url}/tournaments/{tournament_id}/structure"
    stored = httpx.get(url, headers={"Authorization": f"Bearer {token}"}).json()
    return {name: stored[name] for name in ("groups", "rounds")}


def _finals(follower: Client) -> dict[str, Frame]:
    """Of every match the data of its last frame, which is its completion."""
    newest: dict[str, Frame] = {}
    completed = 0
    while completed < MATCHES:
        message = follower.next_frame()
        data = message["data"]
        if "match_id" not in data:
            continue
        assert data["sequence"] > newest.get(data["match_id"], {"sequence": 0})["sequence"]
        newest[data["match_id"]] = data
        completed += message["type"] == "match_completed"
    return newest
