from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from scorecast.aws.sqs.sweep_queue import Repost, RequeueStalled, SweepQueue, SweepTask
from scorecast.domain.delivery import Delivery
from scorecast.domain.publication import numbered
from scorecast.domain.rooms import match_room
from scorecast.protocol.limits import REPOST_DELAYS_SECONDS, REPOSTS_SHARE, UNDELIVERED_SECONDS
from scorecast.runtime import settings
from scorecast.wiring import host, upkeep
from tests import examples
from tests.harness.moto_cloud import MotoCloud

ROOM = match_room("m1")


@pytest.fixture(autouse=True)
def put(cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> list[tuple[SweepTask, int]]:
    kept: list[tuple[SweepTask, int]] = []

    def keep(_: Any, task: SweepTask, *, delay_s: int = 0) -> None:
        kept.append((task, delay_s))

    monkeypatch.setattr(SweepQueue, "put", keep)
    return kept


def _run(task: SweepTask) -> None:
    upkeep.maintenance(host.settings(settings.SweepSettings)).run(task)


def _reposts(put: list[tuple[SweepTask, int]]) -> list[tuple[Repost, int]]:
    return [(task, delay_s) for task, delay_s in put if isinstance(task, Repost)]


def _live(cloud: MotoCloud) -> int:
    """A live match with two viewers; the number that it gave last."""
    match = cloud.register("m1")
    cloud.connect("c1", ROOM)
    cloud.connect("c2", ROOM)
    return match.sequence


def _repost(cloud: MotoCloud, sequence: int, tries: int = 0) -> Repost:
    posted = numbered('{"n":1}', ROOM, sequence)
    return Repost(posted, ("c1",), cloud.system.now_ms(), tries)


@pytest.mark.parametrize("status", [429, 500])
def test_a_message_that_was_not_delivered_is_posted_again_a_second_later(
    cloud: MotoCloud, put: list[tuple[SweepTask, int]], status: int
) -> None:
    _live(cloud)
    cloud.api.statuses["c1"] = status
    put.clear()
    cloud.execute(examples.score_update(1))
    cloud.flush()
    ((repost, delay_s),) = _reposts(put)
    assert (repost.connection_ids, delay_s) == (("c1",), 1)
    del cloud.api.statuses["c1"]
    _run(repost)
    assert cloud.api.types("c1") == ["score_updated"]
    assert cloud.api.messages("c1") == cloud.api.messages("c2")


def test_a_message_with_a_successor_is_posted_no_more(
    cloud: MotoCloud, put: list[tuple[SweepTask, int]]
) -> None:
    sequence = _live(cloud)
    put.clear()
    _run(_repost(cloud, sequence - 1))
    assert cloud.api.bodies["c1"] == []
    assert put == []


def test_what_is_taken_is_not_posted_again(
    cloud: MotoCloud, put: list[tuple[SweepTask, int]]
) -> None:
    sequence = _live(cloud)
    put.clear()
    _run(_repost(cloud, sequence))
    assert cloud.api.messages("c1") == [{"n": 1}]
    assert put == []


def test_a_chain_of_reposts_is_shorter_than_lambda_allows_and_has_no_long_pause() -> None:
    assert len(REPOST_DELAYS_SECONDS) < 15
    assert max(REPOST_DELAYS_SECONDS) <= 4


def test_after_its_chain_a_repost_is_kept_and_begun_again(
    cloud: MotoCloud, put: list[tuple[SweepTask, int]]
) -> None:
    sequence = _live(cloud)
    cloud.api.statuses["c1"] = 429
    put.clear()
    repost = _repost(cloud, sequence)
    for number, delay_s in enumerate(REPOST_DELAYS_SECONDS[1:], start=1):
        _run(repost)
        assert _reposts(put)[-1][1] == delay_s
        repost = _reposts(put)[-1][0]
        assert repost.tries == number
    put.clear()
    _run(repost)
    assert _reposts(put) == []
    _run(RequeueStalled())
    ((again, _),) = _reposts(put)
    assert (again.posted, again.tries) == (repost.posted, 0)
    put.clear()
    _run(RequeueStalled())
    assert _reposts(put) == []


def test_a_message_that_cannot_be_delivered_for_long_is_given_up(
    cloud: MotoCloud, put: list[tuple[SweepTask, int]]
) -> None:
    sequence = _live(cloud)
    cloud.api.statuses["c1"] = 429
    repost = _repost(cloud, sequence, tries=len(REPOST_DELAYS_SECONDS) - 1)
    cloud.system.sleep_ms(UNDELIVERED_SECONDS * 1_000 + 1)
    put.clear()
    _run(repost)
    _run(RequeueStalled())
    assert _reposts(put) == []


def test_a_client_that_is_gone_is_verified_and_not_posted_to_again(
    cloud: MotoCloud, put: list[tuple[SweepTask, int]]
) -> None:
    sequence = _live(cloud)
    cloud.api.statuses["c1"] = 410
    put.clear()
    _run(_repost(cloud, sequence))
    assert [type(task).__name__ for task, _ in put] == ["VerifyGone"]


@pytest.mark.parametrize("status", [410, 429, 500])
def test_what_follows_a_fan_out_may_fail(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """The message is posted once, and its flush request is not processed again."""
    _live(cloud)
    cloud.api.statuses["c1"] = status

    def fail(*_: Any, **__: Any) -> None:
        raise ClientError({"Error": {"Code": "RequestThrottled"}}, "SendMessage")

    monkeypatch.setattr(SweepQueue, "put", fail)
    cloud.execute(examples.score_update(1))
    cloud.flush()
    assert cloud.api.types("c2") == ["score_updated"]


class PacedGateway:
    """Delivers everything, and keeps how fast it was to post."""

    def __init__(self) -> None:
        self.paces: list[float] = []

    def post_all(
        self, ids: Any, _message: bytes, *, time_ms_max: int, posts_per_second: float
    ) -> dict[str, Delivery]:
        self.paces.append(posts_per_second)
        return dict.fromkeys(ids, Delivery.DELIVERED)


def test_reposts_leave_most_of_the_budget_to_scores(cloud: MotoCloud) -> None:
    sequence = _live(cloud)
    own = host.settings(settings.SweepSettings)
    gateway: Any = PacedGateway()
    replace(upkeep.maintenance(own).reposts, gateway=gateway).post(_repost(cloud, sequence))
    assert gateway.paces == [own.posts_per_second_budget * REPOSTS_SHARE]
