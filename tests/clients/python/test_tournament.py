import json
import re
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecast_client.replay.match_entry import TournamentFileError
from scorecast_client.replay.names import ids_of, slug
from scorecast_client.replay.script import Score, script
from scorecast_client.replay.tournament_file import load, parse
from tests.clients.python.world_cup import match_between, one_match, world_cup

KEYS = st.sampled_from(
    ["round", "date", "time", "team1", "team2", "score", "ft", "goals1", "name", "minute"]
)


def test_the_world_cup_is_read_whole() -> None:
    tournament = world_cup()

    goals = [goal for match in tournament.matches for goal in match.goals]
    assert (tournament.id, tournament.name) == ("worldcup-2026", "World Cup 2026")
    assert tournament.notes == ()
    assert len(tournament.matches) == 104
    assert Counter(goal.kind for goal in goals) == {"goal": 278, "penalty": 16, "own_goal": 14}
    assert sum(match.penalties is not None for match in tournament.matches) == 4


def test_matches_are_numbered_by_kick_off_in_utc() -> None:
    matches = world_cup().matches

    assert matches[0].kick_off == datetime(2026, 6, 11, 19, tzinfo=UTC)
    assert [match.kick_off for match in matches] == sorted(match.kick_off for match in matches)
    assert [match.id for match in matches[:2]] == ["wc-001", "wc-002"]
    assert matches[-1].id == "wc-104"


def test_own_goals_count_for_the_team_that_lists_them() -> None:
    match = match_between("Qatar", "Switzerland")

    assert [(goal.clock, goal.side, goal.kind) for goal in match.goals] == [
        ("17", 1, "penalty"),
        ("90+4", 0, "own_goal"),
    ]


def test_a_match_without_goals_may_leave_their_lists_out() -> None:
    match = match_between("Switzerland", "Colombia")

    assert (match.goals, match.final, match.penalties) == ((), (0, 0), (4, 3))
    assert match.winner == match.teams[0]


def test_stoppage_time_comes_before_the_next_minute() -> None:
    listed = [{"name": "A", "minute": 46}, {"name": "B", "minute": 45, "offset": 6}]
    match = parse(one_match(goals1=listed, score={"ft": [2, 0]})).matches[0]

    assert [goal.clock for goal in match.goals] == ["45+6", "46"]


def test_ids_are_plain_ascii() -> None:
    ids = {team.id for match in world_cup().matches for team in match.teams}

    assert len(ids) == 48
    assert {"mexico", "south-korea", "curacao", "bosnia-herzegovina", "dr-congo"} <= ids
    assert slug("Türkiye") == "turkiye"


def test_a_file_can_be_read_under_another_id() -> None:
    tournament = parse(one_match(), tournament_id="again")

    assert (tournament.id, tournament.matches[0].id) == ("again", "again-001")


@pytest.mark.parametrize(
    ("first", "second"),
    [("Спартак-2", "Зенит-2"), ("日本", "韓国"), ("São Paulo", "Sao Paulo"), ("A.B.", "A B")],
)
def test_teams_of_different_names_have_different_stable_ids(first: str, second: str) -> None:
    teams = parse(one_match(team1=first, team2=second)).matches[0].teams
    again = parse(one_match(team1=second, team2=first)).matches[0].teams

    assert teams[0].id != teams[1].id
    assert {team.name: team.id for team in teams} == {team.name: team.id for team in again}
    assert all(re.fullmatch(r"[a-z0-9-]{3,60}", team.id) for team in teams)


def test_an_id_keeps_every_latin_letter() -> None:
    assert [slug(name) for name in ("Łódź", "Türkiye", "Brøndby", "Straße")] == [
        "lodz",
        "turkiye",
        "brondby",
        "strasse",
    ]
    assert ids_of(["日本"])["日本"] == slug("日本")
    assert len(slug("x" * 200)) == 60
    assert slug("\ud800").startswith("id-")


def test_a_tournament_without_latin_letters_has_an_id() -> None:
    document = json.loads(one_match())
    first = parse(json.dumps(document | {"name": "天皇杯"}))
    second = parse(json.dumps(document | {"name": "ルヴァンカップ"}))
    assert len({first.id, second.id}) == 2
    assert first.matches[0].id == f"{first.id}-001"


def test_a_match_without_a_time_is_played_on_its_day() -> None:
    match = parse(one_match(time=None)).matches[0]
    assert match.kick_off == datetime(2026, 7, 19, tzinfo=UTC)


def test_a_result_without_goals_is_played_by_its_periods() -> None:
    tournament = parse(one_match(goals1=None, goals2=None, score={"ft": [2, 1], "ht": [0, 1]}))
    (match,) = tournament.played
    scores = [action.score for action in script(match) if isinstance(action, Score)]
    assert (scores, tournament.notes) == ([(0, 1), (2, 1)], ())


def test_a_match_without_a_result_is_registered_and_named() -> None:
    tournament = parse(one_match(score=None))
    assert (len(tournament.matches), tournament.played) == (1, ())
    assert tournament.notes == (
        "Match 1 of the file, Spain-Argentina, has no result: it is registered, and not played.",
    )


@pytest.mark.parametrize(("nest", "group"), [("rounds", ""), ("groups", "Matchday 1")])
def test_matches_are_found_in_rounds_and_groups(nest: str, group: str) -> None:
    document = json.loads(one_match(round=None))
    nested = {"name": "Cup", nest: [{"name": "Matchday 1", "matches": document["matches"]}]}
    (match,) = parse(json.dumps(nested)).matches
    assert (match.round, match.group) == ("Matchday 1", group)


def test_a_match_names_its_group_beside_its_round() -> None:
    (match,) = parse(one_match(round="Matchday 3", group="Group B")).matches
    assert (match.round, match.group) == ("Matchday 3", "Group B")


def test_a_round_or_a_group_without_a_usable_name_has_none() -> None:
    (match,) = parse(one_match(round="x" * 200, group=["A"] * 100)).matches
    assert (match.round, match.group) == ("Match", "")


def test_an_older_file_has_teams_as_objects_and_scores_by_name() -> None:
    scores = {"score1": 1, "score2": 1, "score1i": 0, "score2i": 1, "score1p": 4, "score2p": 3}
    teams = {"team1": {"name": "Spain", "code": "ESP"}, "team2": {"name": "Argentina"}}
    text = one_match(score=None, goals1=None, goals2=None, **scores, **teams)
    match = parse(text).played[0]
    assert (match.half_time, match.full_time, match.penalties) == ((0, 1), (1, 1), (4, 3))
    assert match.winner == match.teams[0]


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"score": {"ft": [2, 0]}}, "lists goals that add up to 1:0, but its final score is 2:0."),
        ({"goals1": 3}, "has `goals1` that is not a list."),
        ({"goals1": [3]}, "lists a goal that is not an object."),
        ({"goals1": [{"name": "A", "minute": "late"}]}, "without a readable `minute`."),
        ({"goals1": [{"minute": "9"}]}, "in its goals, needs `name`"),
        ({"time": "15:00 UTC-99"}, "has a time that cannot be read: 15:00 UTC-99."),
        ({"time": "noon"}, "has a time that cannot be read: noon."),
    ],
)
def test_what_is_odd_about_a_match_is_named_and_the_match_played(
    changes: dict[str, Any], note: str
) -> None:
    tournament = parse(one_match(**changes))
    assert len(tournament.played) == 1
    assert note in tournament.notes[0]


def test_a_match_that_cannot_be_used_is_left_out_and_named() -> None:
    document = json.loads(one_match())
    document["matches"].append({"team1": "Spain"})
    tournament = parse(json.dumps(document))
    assert len(tournament.matches) == 1
    assert tournament.notes[0].startswith("Match 2 of the file, needs `team2`")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "The tournament file is not JSON"),
        pytest.param("[" * 100_000, "The tournament file is not JSON", id="deep"),
        ("[]", "must hold a JSON object"),
        ("{}", "The tournament file needs `name`"),
        (json.dumps({"name": "Cup"}), "has no `matches`"),
        (json.dumps({"name": "Cup", "matches": {}, "rounds": [3]}), "has no `matches`"),
        (json.dumps({"name": "Cup", "matches": [7]}), "Match 1 of the file is not an object"),
        (one_match(team1=None), "Match 1 of the file, needs `team1`"),
        (one_match(team2="Spain"), "has one team twice"),
        (one_match(score={"ft": [1, -1]}), "`ft` that is not two whole numbers"),
        (one_match(score={"ft": [1, 0], "ht": "0:0"}), "`ht` that is not two whole numbers"),
        (one_match(score={"ft": [1, 0], "p": [3, 4]}), "a shoot-out that does not decide a draw"),
        (one_match(date="19 July"), "a date that cannot be read: 19 July"),
    ],
)
def test_a_file_without_a_usable_match_is_explained_in_one_sentence(
    text: str, sentence: str
) -> None:
    with pytest.raises(TournamentFileError) as failure:
        parse(text)
    assert sentence in str(failure.value)
    assert "\n" not in str(failure.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
        max_leaves=20,
    )
)
@settings(deadline=None, max_examples=40)
def test_no_file_is_more_than_refused(document: Any) -> None:
    matches = document if isinstance(document, list) else [document]
    with suppress(TournamentFileError):
        for match in parse(json.dumps({"name": "Cup", "matches": matches})).played:
            assert script(match)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(TournamentFileError, match=r"none\.json cannot be read: No such file"):
        load(tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes(b"\xe9")
    with pytest.raises(TournamentFileError, match=r"latin\.json is not UTF-8 text"):
        load(tmp_path / "latin.json")
