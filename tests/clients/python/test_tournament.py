import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scorecast_client.replay.tournament_file import TournamentFileError, load, parse, slug
from tests.clients.python.world_cup import match_between, one_match, world_cup


def test_the_world_cup_is_read_whole() -> None:
    tournament = world_cup()

    goals = [goal for match in tournament.matches for goal in match.goals]
    assert (tournament.id, tournament.name) == ("worldcup-2026", "World Cup 2026")
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
    assert slug("日本") == ""


def test_a_file_can_be_read_under_another_id() -> None:
    tournament = parse(one_match(), tournament_id="again")

    assert (tournament.id, tournament.matches[0].id) == ("again", "again-001")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "The tournament file is not JSON"),
        pytest.param("[" * 100_000, "The tournament file is not JSON", id="deep"),
        ("[]", "must hold a JSON object"),
        ("{}", "The tournament file, needs `name`"),
        (json.dumps({"name": "Cup"}), "has no list `matches`"),
        (json.dumps({"name": "日本", "matches": [{}]}), "The tournament id ''"),
        (json.dumps({"name": "Cup", "matches": [7]}), "Match 1 of the file is not an object"),
        (one_match(team1=None), "Match 1 of the file, needs `team1`"),
        (one_match(team2="Spain"), "lets a team play itself"),
        (one_match(team1="日本"), "without a Latin letter"),
        (one_match(round=None), "Match 1 of the file, Spain-Argentina, needs `round`"),
        (one_match(score=None), "Spain-Argentina, has no `score`"),
        (one_match(score={}), "has no `ft`"),
        (one_match(score={"ft": [1, -1]}), "`ft` that is not two whole numbers"),
        (one_match(score={"ft": [1, 0], "ht": "0:0"}), "`ht` that is not two whole numbers"),
        (
            one_match(score={"ft": [2, 0]}),
            "Match 1 of the file, Spain-Argentina, lists goals that add up to 1:0, "
            "but its final score is 2:0.",
        ),
        (one_match(score={"ft": [1, 0], "p": [3, 4]}), "a shoot-out that does not decide a draw"),
        (one_match(goals1=3), "`goals1` that is not a list"),
        (one_match(goals1=[3]), "a goal that is not an object"),
        (one_match(goals1=[{"name": "A", "minute": "late"}]), "without a readable `minute`"),
        (one_match(goals1=[{"minute": "9"}]), "in its goals, needs `name`"),
        (one_match(date="19 July"), "a kick-off that cannot be read: 19 July"),
        (one_match(time="15:00 UTC-99"), "a kick-off that cannot be read"),
    ],
)
def test_a_broken_file_is_explained_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(TournamentFileError) as failure:
        parse(text)
    assert sentence in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(TournamentFileError, match=r"none\.json cannot be read: No such file"):
        load(tmp_path / "none.json")
    (tmp_path / "latin.json").write_bytes(b"\xe9")
    with pytest.raises(TournamentFileError, match=r"latin\.json is not UTF-8 text"):
        load(tmp_path / "latin.json")
