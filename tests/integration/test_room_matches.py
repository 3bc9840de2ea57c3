"""A tournament's matches in a warm function's memory, and that they are never behind a message."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from scorecast.app.subscribe import Subscribed
from scorecast.aws.dynamodb.listings import Listings
from scorecast.aws.dynamodb.memberships import Memberships
from scorecast.aws.dynamodb.tournament_versions import TournamentVersions
from scorecast.domain.rooms import tournament_room
from scorecast.protocol.limits import ROOM_MATCHES_KEPT_MAX, ROOM_MATCHES_MS
from scorecast.wiring import sessions
from tests import examples
from tests.harness.moto_cloud import MotoCloud

ROOM = tournament_room("t1")


@pytest.fixture
def lists(cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tournaments whose matches were read, one entry each time."""
    cloud.register("m1", "m2")
    read: list[str] = []
    of_room = Listings.of_room

    def noted(listings: Listings, tournament_id: str) -> Any:
        read.append(tournament_id)
        return of_room(listings, tournament_id)

    monkeypatch.setattr(Listings, "of_room", noted)
    return read


def _join(cloud: MotoCloud, connection_id: str) -> dict[str, int]:
    """Scores of the first side by match, as one who joins the tournament sees them."""
    joined = sessions.subscriptions(cloud.settings).subscribe(cloud.connect(connection_id), ROOM)
    assert isinstance(joined, Subscribed)
    snapshot: Any = joined.state.snapshot
    return {each["match_id"]: each["participant1_score"] for each in snapshot["matches"]}


def test_a_crowd_reads_the_matches_once(cloud: MotoCloud, lists: list[str]) -> None:
    seen = [_join(cloud, f"c{n}") for n in range(5)]

    assert seen == [{"m1": 0, "m2": 0}] * 5
    assert lists == ["t1"]


def test_a_published_score_is_in_what_the_next_one_sees(cloud: MotoCloud, lists: list[str]) -> None:
    _join(cloud, "c1")
    cloud.execute(examples.score_update(1))
    cloud.flush("m1")

    assert _join(cloud, "c2") == {"m1": 1, "m2": 0}
    assert lists == ["t1", "t1"]


def test_matches_are_read_again_after_their_time(cloud: MotoCloud, lists: list[str]) -> None:
    _join(cloud, "c1")
    cloud.system.sleep_ms(ROOM_MATCHES_MS + 1)
    _join(cloud, "c2")

    assert lists == ["t1", "t1"]


def test_no_more_tournaments_are_kept_than_the_limit(cloud: MotoCloud, lists: list[str]) -> None:
    kept = sessions.subscriptions(cloud.settings).room_matches
    ids = [f"t{n}" for n in range(ROOM_MATCHES_KEPT_MAX + 1)]
    for tournament_id in [*ids, ids[-1], ids[0]]:
        kept.of(tournament_id)

    assert lists == [*ids, ids[0]]


def test_one_who_joins_during_a_publication_gets_its_message_or_sees_it(
    cloud: MotoCloud, lists: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right after the members were read: the message passes this one by."""
    _join(cloud, "warm")
    cloud.execute(examples.score_update(1))
    members = Memberships.members
    seen: list[dict[str, int]] = []

    def join_after(memberships: Memberships, *arguments: Any, **named: Any) -> Any:
        pages = list(members(memberships, *arguments, **named))
        if not seen:
            seen.append({})  # it joins once, though it reads members too
            seen[0] = _join(cloud, "late")
        return iter(pages)

    monkeypatch.setattr(Memberships, "members", join_after)
    cloud.flush("m1")

    assert cloud.api.types("late") == []
    assert seen == [{"m1": 1, "m2": 0}]


def test_a_failed_version_delays_no_post_and_stays_pending(
    cloud: MotoCloud, lists: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _join(cloud, "warm")
    cloud.execute(examples.score_update(1))

    def fail(*_: Any, **__: Any) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "UpdateItem")

    with monkeypatch.context() as throttled:
        throttled.setattr(TournamentVersions, "advance", fail)
        cloud.flush("m1")
        assert _join(cloud, "late") == {"m1": 0, "m2": 0}

    assert cloud.api.types("warm") == ["score_updated"]
    assert "pending" in cloud.items(cloud.matches_table)["M#m1", "M"]
