from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from scorecast.protocol.structure import StructureBody
from scorecast_client.replay.structure import structure_of
from scorecast_client.replay.tournament import Match, Pair, Team, Tournament
from tests.clients.python.world_cup import world_cup

ACCEPTED = TypeAdapter(StructureBody)


def match(
    number: int, round: str, teams: str, final: Pair | None = (1, 0), group: str = ""
) -> Match:
    first, second = teams.split("-")
    return Match(
        id=f"m{number}",
        round=round,
        kick_off=datetime(2026, 6, 11, 19, tzinfo=UTC),
        teams=(Team(first, first.upper()), Team(second, second.upper())),
        goals=(),
        half_time=None,
        full_time=final,
        extra_time=None,
        penalties=None,
        group=group,
    )


def structured(*matches: Match) -> dict[str, Any]:
    """As the service takes it."""
    structure = structure_of(Tournament("cup", "The Cup", matches))
    ACCEPTED.validate_python(structure)
    return structure


def slots(structure: dict[str, Any]) -> dict[str, list[dict[str, str] | None]]:
    pairings = [each for round in structure["rounds"] for each in round["matches"]]
    return {each["match_id"]: each["slots"] for each in pairings}


def test_the_world_cup_has_twelve_groups_and_a_bracket() -> None:
    structure = structured(*world_cup().matches)

    assert [group["name"] for group in structure["groups"]] == [
        f"Group {x}" for x in "ABCDEFGHIJKL"
    ]
    assert [len(group["matches"]) for group in structure["groups"]] == [6] * 12
    rounds = {round["name"]: len(round["matches"]) for round in structure["rounds"]}
    assert list(rounds.values()) == [16, 8, 4, 2, 1, 1]
    last = slots(structure)
    assert last["wc-104"] == [{"winner_of": "wc-101"}, {"winner_of": "wc-102"}]
    assert last["wc-103"] == [{"loser_of": "wc-101"}, {"loser_of": "wc-102"}]
    assert last["wc-073"] == [None, None]


def test_a_double_elimination_has_the_losers_in_their_slots() -> None:
    structure = structured(
        match(1, "Upper 1", "a-b"),
        match(2, "Upper 1", "c-d"),
        match(3, "Upper final", "a-c"),
        match(4, "Lower 1", "b-d"),
        match(5, "Lower final", "c-b"),
        match(6, "Grand final", "a-c"),
    )
    assert structure["groups"] == []
    assert slots(structure)["m4"] == [{"loser_of": "m1"}, {"loser_of": "m2"}]
    assert slots(structure)["m5"] == [{"loser_of": "m3"}, {"winner_of": "m4"}]
    assert slots(structure)["m6"] == [{"winner_of": "m3"}, {"winner_of": "m5"}]


LEAGUES = {
    "somebody plays on after two losses": [
        match(1, "Matchday 1", "a-b"),
        match(2, "Matchday 2", "a-b"),
        match(3, "Matchday 3", "b-a"),
    ],
    "a match is drawn": [match(1, "Matchday 1", "a-b", (1, 1)), match(2, "Matchday 2", "b-a")],
}


@pytest.mark.parametrize("matches", LEAGUES.values(), ids=LEAGUES.keys())
def test_a_league_is_one_table(matches: list[Match]) -> None:
    ids = [each.id for each in matches]
    assert structured(*matches) == {"groups": [{"name": "The Cup", "matches": ids}], "rounds": []}


def test_ties_of_two_legs_are_rounds_whose_slots_are_open() -> None:
    structure = structured(
        match(1, "Matchday 1", "a-b", group="Group A"),
        match(2, "Semi-finals", "a-b", (0, 0)),
        match(3, "Semi-finals", "b-a", (2, 1)),
        match(4, "Final", "b-c"),
    )
    assert [group["name"] for group in structure["groups"]] == ["Group A"]
    assert set(map(str, slots(structure).values())) == {"[None, None]"}


def test_a_match_that_is_still_to_be_played_fills_no_slot() -> None:
    unplayed = match(1, "Semi-finals", "a-b", None)
    assert slots(structured(unplayed, match(2, "Final", "a-c", None)))["m2"] == [None, None]


def test_a_round_that_is_played_late_fills_no_slot_of_an_earlier_one() -> None:
    """Rounds are listed as they began, and what fills a slot stands before it."""
    structure = structured(
        match(1, "Round 1", "a-b"),
        match(2, "Round 2", "a-c"),
        replace(match(3, "Round 1", "c-d"), kick_off=datetime(2026, 6, 12, tzinfo=UTC)),
    )
    assert slots(structure)["m3"] == [None, None]
