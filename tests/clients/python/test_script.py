import json

from scorecast_client.replay.script import Complete, Score, Start, script, sessions
from tests.clients.python.world_cup import match_between, world_cup


def test_a_match_with_penalties_is_played_to_its_end() -> None:
    actions = script(match_between("Australia", "Egypt"))

    assert actions[0] == Start(minute=0)
    assert [action.score for action in actions[1:-1] if isinstance(action, Score)] == [
        (0, 1),
        (1, 1),
    ]
    assert actions[-1] == Complete(
        minute=170,
        winner_id="egypt",
        details={
            "half_time": [0, 1],
            "full_time": [1, 1],
            "extra_time": [1, 1],
            "penalties": [2, 4],
        },
    )


def test_a_goal_has_its_scorer_team_and_kind() -> None:
    own_goal = script(match_between("Qatar", "Switzerland"))[2]

    assert own_goal == Score(
        minute=109,
        score=(1, 1),
        details={
            "minute": "90+4",
            "scorer": "Miro Muheim",
            "team": "qatar",
            "kind": "own_goal",
        },
    )


def test_a_draw_has_no_winner() -> None:
    assert script(match_between("Qatar", "Switzerland"))[-1] == Complete(
        minute=115, winner_id=None, details={"half_time": [0, 1], "full_time": [1, 1]}
    )


def test_every_script_ends_with_the_final_score_and_never_goes_back_in_time() -> None:
    for match in world_cup().matches:
        actions = script(match)
        scores = [action.score for action in actions if isinstance(action, Score)]
        minutes = [action.minute for action in actions]
        assert (scores[-1] if scores else (0, 0)) == match.final
        assert minutes == sorted(minutes)


def test_details_stay_small() -> None:
    sizes = [
        len(json.dumps(action.details).encode())
        for match in world_cup().matches
        for action in script(match)
        if not isinstance(action, Start)
    ]
    assert max(sizes) <= 200


def test_only_matches_that_overlapped_are_played_together() -> None:
    together = sessions(world_cup().matches)

    assert sum(map(len, together)) == 104
    assert {len(session) for session in together} == {1, 2}
    doubles = [session for session in together if len(session) == 2]
    assert len(doubles) == 12
    assert all(first.kick_off == second.kick_off for first, second in doubles)
