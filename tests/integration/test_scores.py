from typing import Any

import pytest

from scorecast.domain.matches.scoring import Accepted
from scorecast.domain.rooms import match_room
from scorecast.protocol.commands import MatchComplete, MatchStateChange, ScoreUpdate
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.states import State
from tests.examples import NOW_MS
from tests.harness.moto_cloud import MotoCloud
from tests.harness.threads import at_once


def _update(participant1: int, **fields: Any) -> ScoreUpdate:
    return ScoreUpdate(
        match_id="m1", participant1_score=participant1, participant2_score=0, **fields
    )


def _accept(
    cloud: MotoCloud, participant1: int, update_id: str, at_ms: int = NOW_MS, **fields: Any
) -> Any:
    return cloud.scores.accept(
        _update(participant1, **fields), update_id=update_id, received_at_ms=at_ms, user_id="ad"
    )


def _revision(outcome: Any) -> int:
    assert isinstance(outcome, Accepted)
    return outcome.revision


def _code(outcome: Any) -> Code:
    assert isinstance(outcome, Rejection)
    return outcome.code


def _stored(cloud: MotoCloud) -> int:
    stored: int = cloud.matches.get("m1").score.participant1
    return stored


def test_an_accepted_score_is_stored_with_its_revision(cloud: MotoCloud) -> None:
    cloud.register("m1")
    outcome = _accept(cloud, 1, "a", details={"minute": 4.5})
    score = cloud.matches.get("m1").score
    assert (_revision(outcome), score.revision) == (1, 1)
    assert (score.participant1, score.details, score.updated_by) == (1, {"minute": 4.5}, "ad")
    assert score.updated_at_ms == NOW_MS


def test_a_score_without_details_clears_those_of_the_last(cloud: MotoCloud) -> None:
    cloud.register("m1")
    _accept(cloud, 1, "a", details={"minute": 4})
    _accept(cloud, 2, "b")
    assert cloud.matches.get("m1").score.details is None


def test_a_score_received_earlier_than_the_stored_one_is_stale(cloud: MotoCloud) -> None:
    cloud.register("m1")
    _accept(cloud, 2, "a", NOW_MS + 10)
    refused = _accept(cloud, 1, "b", NOW_MS + 9)
    assert _code(refused) is Code.STALE
    assert refused.data == {
        "match_id": "m1",
        "revision": 1,
        "participant1_score": 2,
        "participant2_score": 0,
    }
    assert _stored(cloud) == 2


def test_scores_received_in_the_same_millisecond_both_pass(cloud: MotoCloud) -> None:
    cloud.register("m1")
    assert [_revision(_accept(cloud, n, f"u{n}", NOW_MS)) for n in (1, 2)] == [1, 2]
    assert _stored(cloud) == 2


def test_a_client_revision_must_be_greater_than_the_last(cloud: MotoCloud) -> None:
    cloud.register("m1")
    assert _revision(_accept(cloud, 1, "a", client_revision=5)) == 1
    assert _code(_accept(cloud, 2, "b", client_revision=5)) is Code.STALE
    assert _code(_accept(cloud, 2, "c", client_revision=4)) is Code.STALE
    assert _revision(_accept(cloud, 3, "d", client_revision=6)) == 2


def test_a_client_revision_counts_whatever_the_time_of_receipt(cloud: MotoCloud) -> None:
    cloud.register("m1")
    _accept(cloud, 1, "a", NOW_MS + 50, client_revision=5)
    assert _revision(_accept(cloud, 2, "b", NOW_MS, client_revision=6)) == 2


def test_publishers_with_and_without_revisions_share_a_match(cloud: MotoCloud) -> None:
    cloud.register("m1")
    assert _revision(_accept(cloud, 1, "a", NOW_MS, client_revision=NOW_MS * 2)) == 1
    assert _revision(_accept(cloud, 2, "b", NOW_MS)) == 2
    assert _revision(_accept(cloud, 3, "c", NOW_MS, client_revision=NOW_MS * 2 + 1)) == 3


def test_a_repeated_update_is_acknowledged_with_its_revision_and_applied_once(
    cloud: MotoCloud,
) -> None:
    cloud.register("m1")
    assert [_revision(_accept(cloud, 1, "a")) for _ in range(3)] == [1, 1, 1]
    assert cloud.matches.get("m1").window.updates == 1


def test_a_repeated_update_with_a_revision_is_acknowledged_too(cloud: MotoCloud) -> None:
    cloud.register("m1")
    assert [_revision(_accept(cloud, 1, "a", client_revision=5)) for _ in range(2)] == [1, 1]


@pytest.mark.parametrize("order", [{}, {"client_revision": 5}, {"client_revision": 6}])
@pytest.mark.parametrize(
    ("participant1", "details"), [(2, {"minute": 4}), (1, {"minute": 5}), (1, None), (1, {})]
)
def test_an_update_id_that_names_the_stored_score_names_no_other(
    cloud: MotoCloud, order: dict[str, int], participant1: int, details: Any
) -> None:
    cloud.register("m1")
    _accept(cloud, 1, "a", details={"minute": 4}, **(order and {"client_revision": 5}))
    refused = _accept(cloud, participant1, "a", details=details, **order)
    assert _code(refused) is Code.INVALID_SCHEMA
    assert list(refused.data["errors"]) == ["update_id"]
    assert _stored(cloud) == 1


def test_an_update_that_comes_again_after_the_final_score_is_accepted_as_before(
    cloud: MotoCloud,
) -> None:
    cloud.register("m1")
    _accept(cloud, 1, "a", details={"minute": 4})
    cloud.execute(
        MatchComplete(match_id="m1", winner_id=None, participant1_score=3, participant2_score=0)
    )
    assert cloud.matches.get("m1").score.revision == 2
    assert _revision(_accept(cloud, 1, "a", details={"minute": 4})) == 1


def test_details_come_again_in_any_order(cloud: MotoCloud) -> None:
    cloud.register("m1")
    _accept(cloud, 1, "a", details={"minute": 4.5, "by": "p1"})
    assert _revision(_accept(cloud, 1, "a", details={"by": "p1", "minute": 4.5})) == 1


def test_an_older_repeated_update_is_stale_even_in_the_same_millisecond(cloud: MotoCloud) -> None:
    cloud.register("m1")
    _accept(cloud, 1, "a", NOW_MS)
    _accept(cloud, 2, "b", NOW_MS)
    assert _code(_accept(cloud, 1, "a", NOW_MS)) is Code.STALE
    assert _stored(cloud) == 2


def test_the_last_four_updates_are_known_when_they_come_again(cloud: MotoCloud) -> None:
    cloud.register("m1")
    for n in range(4):
        _accept(cloud, n, f"u{n}", NOW_MS)
    for n in range(3):
        assert _code(_accept(cloud, n, f"u{n}", NOW_MS)) is Code.STALE
    assert _stored(cloud) == 3


@pytest.mark.parametrize(
    "state", [State.SCHEDULED, State.POSTPONED, State.COMPLETED, State.CANCELLED]
)
def test_a_score_outside_play_is_refused_and_changes_nothing(
    cloud: MotoCloud, state: State
) -> None:
    cloud.register("m1", state=State.SCHEDULED if state is State.SCHEDULED else State.LIVE)
    if state is State.COMPLETED:
        cloud.execute(MatchComplete(match_id="m1", winner_id=None))
    elif state is not State.SCHEDULED:
        cloud.execute(MatchStateChange(match_id="m1", new_state=state))
    before = cloud.matches.get("m1")
    refused = _accept(cloud, 1, "a")
    assert _code(refused) is Code.MATCH_NOT_LIVE
    assert refused.data == {"match_id": "m1", "state": state}
    assert cloud.matches.get("m1") == before


def test_a_score_in_a_pause_is_accepted(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.execute(MatchStateChange(match_id="m1", new_state=State.PAUSED))
    assert isinstance(_accept(cloud, 1, "a"), Accepted)


def test_a_score_of_an_unknown_match_is_not_found_and_makes_none(cloud: MotoCloud) -> None:
    assert _code(_accept(cloud, 1, "a")) is Code.NOT_FOUND
    assert cloud.items(cloud.matches_table) == {}


def test_exactly_one_of_20_updates_at_once_opens_the_window(
    cloud: MotoCloud, switching: None
) -> None:
    cloud.register("m1")
    outcomes = at_once(lambda n: _accept(cloud, n, f"u{n}"), range(20))
    openers = [each for each in outcomes if each.flush_is_due(now_ms=NOW_MS)]
    assert len(openers) == 1
    assert sorted(map(_revision, outcomes)) == list(range(1, 21))
    assert cloud.matches.get("m1").window.updates == 20


def test_the_greatest_revision_wins_whatever_the_order_of_arrival(
    cloud: MotoCloud, switching: None
) -> None:
    cloud.register("m1")
    at_once(lambda n: _accept(cloud, n, f"u{n}", client_revision=n), range(20))
    assert _stored(cloud) == 19


def test_a_claim_closes_the_window_and_gives_the_next_number(cloud: MotoCloud) -> None:
    before = cloud.register("m1")
    _accept(cloud, 1, "a")
    _accept(cloud, 2, "b")
    match = cloud.matches.get("m1")
    claimed = cloud.scores.claim("m1", match.window, request_id="flush")
    assert (claimed.sequence, claimed.window) == (before.sequence + 1, None)
    assert (claimed.claimed.score, claimed.claimed.merged) == (match.score, 2)
    assert (claimed.claimed.sequence, claimed.claimed.claimed_by) == (claimed.sequence, "flush")


def test_a_window_is_claimed_once(cloud: MotoCloud, switching: None) -> None:
    cloud.register("m1")
    _accept(cloud, 1, "a")
    window = cloud.matches.get("m1").window
    claims = at_once(lambda n: cloud.scores.claim("m1", window, request_id=f"flush{n}"), range(8))
    assert sum(claim is not None for claim in claims) == 1


def test_a_window_is_not_claimed_under_the_number_of_the_one_before(cloud: MotoCloud) -> None:
    cloud.register("m1")
    _accept(cloud, 1, "a")
    first = cloud.matches.get("m1").window
    cloud.scores.claim("m1", first, request_id="flush")
    _accept(cloud, 2, "b")
    assert cloud.scores.claim("m1", first, request_id="another") is None
    assert cloud.matches.get("m1").window.id == 1


def test_a_claim_sent_twice_is_one_claim(cloud: MotoCloud) -> None:
    cloud.register("m1")
    _accept(cloud, 1, "a")
    window = cloud.matches.get("m1").window
    first, again = (cloud.scores.claim("m1", window, request_id="flush") for _ in range(2))
    assert first == again
    assert cloud.matches.get("m1").sequence == first.sequence


def test_an_update_that_comes_again_after_a_change_of_state_is_still_known(
    cloud: MotoCloud,
) -> None:
    cloud.register("m1")
    _accept(cloud, 1, "a")
    cloud.execute(MatchStateChange(match_id="m1", new_state=State.PAUSED))
    assert _revision(_accept(cloud, 1, "a")) == 1
    assert cloud.matches.get("m1").score.revision == 1


def test_an_update_after_a_claim_opens_the_next_window(cloud: MotoCloud) -> None:
    cloud.register("m1")
    _accept(cloud, 1, "a")
    cloud.scores.claim("m1", cloud.matches.get("m1").window, request_id="flush")
    assert _accept(cloud, 2, "b").flush_is_due(now_ms=NOW_MS)


def test_claims_and_updates_at_once_lose_no_update(cloud: MotoCloud, switching: None) -> None:
    """Every accepted update is in exactly one claim, or in the window that is open."""
    cloud.register("m1")
    claims: list[Any] = []

    def work(n: int) -> None:
        if n % 3:
            _accept(cloud, n, f"u{n}")
            return
        window = cloud.matches.get("m1").window
        claim = window and cloud.scores.claim("m1", window, request_id=f"flush{n}")
        if claim:
            claims.append(claim.claimed)

    at_once(work, range(30))
    match = cloud.matches.get("m1")
    waiting = match.window.updates if match.window else 0
    assert sum(claim.merged for claim in claims) + waiting == match.score.revision == 20


def test_a_window_waits_while_an_event_is_unsent(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.execute(MatchStateChange(match_id="m1", new_state=State.PAUSED))
    _accept(cloud, 1, "a")
    assert cloud.scores.claim("m1", cloud.matches.get("m1").window, request_id="flush") is None


def test_a_match_is_pending_until_its_score_is_published(cloud: MotoCloud) -> None:
    cloud.register("m1")
    item_key = ("M#m1", "M")
    assert "pending" not in cloud.items(cloud.matches_table)[item_key]
    _accept(cloud, 1, "a")
    assert cloud.items(cloud.matches_table)[item_key]["pending_since_ms"] == NOW_MS
    cloud.scores.claim("m1", cloud.matches.get("m1").window, request_id="flush")
    assert cloud.items(cloud.matches_table)[item_key]["pending_since_ms"] == NOW_MS
    claimed = cloud.matches.get("m1").sequence
    cloud.matches.settle(match_room("m1"), published=claimed - 1)  # by an older flush, late
    assert cloud.items(cloud.matches_table)[item_key]["pending_since_ms"] == NOW_MS
    cloud.matches.settle(match_room("m1"), published=claimed)
    assert "pending" not in cloud.items(cloud.matches_table)[item_key]
