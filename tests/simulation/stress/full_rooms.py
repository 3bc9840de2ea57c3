"""A full room at 1/50 of its size: 40 viewers for 2,000, a budget of 160 posts a second for 8,000,
a quota of 200 for 10,000, and shards of 10 members for 500."""

from random import Random
from typing import Final

from scorecast.domain.delivery import Delivery
from tests.simulation.client import Client
from tests.simulation.outages import TokenBucket
from tests.simulation.simulation import Plan
from tests.simulation.stress.ages import Ages, ages
from tests.simulation.stress.setting import QUIET, Setting, setting, viewer

MEMBERS: Final = 40
BUDGET: Final = 160
QUOTA: Final = 200
SECONDS: Final = 60
SETTINGS: Final = {"POSTS_PER_SECOND_BUDGET": str(BUDGET)}


def match_room(per_second: float, *, turnovers: int) -> Ages:
    """A match's room whose members have been replaced so often, before a minute of updates."""
    viewers = [viewer(f"v{number}", match_id="m1") for number in range(MEMBERS)]
    with setting(viewers, plan=_plan(), settings=SETTINGS) as scenario:
        _turn_over(scenario, viewers, turnovers)
        _time_posts(scenario)
        return _play(scenario, ("m1",), per_second)


def tournament_room(per_second: float, *, matches: int) -> Ages:
    """A tournament's room; each update is of any match.

    With windows of w seconds, matches / (matches / per_second + w) events are published a second.
    """
    viewers = [viewer(f"v{number}", tournament_id="t1") for number in range(MEMBERS)]
    ids = tuple(f"m{number}" for number in range(matches))
    with setting(viewers, plan=_plan(), settings=SETTINGS, matches=ids) as scenario:
        _time_posts(scenario)
        return _play(scenario, ids, per_second)


def neighbouring_rooms(per_second: float, *, matches: int) -> float:
    """The share of posts that the quota throttles, of rooms that are not posted to in lanes."""
    ids = [f"m{number}" for number in range(matches)]
    viewers = [viewer(f"{id}-{n}", match_id=id) for id in ids for n in range(MEMBERS)]
    with setting(viewers, plan=Plan(habits=QUIET), settings=SETTINGS, matches=ids) as scenario:
        _time_posts(scenario)
        for id in ids:
            for number in range(int(SECONDS / 6 * per_second)):
                scenario.score(number / per_second, number + 1, match_id=id)
        scenario.run()
        throttled = sum(posted.outcome is Delivery.THROTTLED for posted in scenario.posts)
        return throttled / len(scenario.posts)


def _plan() -> Plan:
    return Plan(habits=QUIET, shard_members=MEMBERS // 4)


def _time_posts(scenario: Setting) -> None:
    network = scenario.simulation.gateway.network
    network.is_timed = True
    network.quota = TokenBucket(per_second=QUOTA, burst=QUOTA // 2)


def _turn_over(scenario: Setting, viewers: list[Client], times: int) -> None:
    """Members leave and others come, one by one."""
    simulation, rng = scenario.simulation, Random(7)
    inside = list(viewers)
    for number in range(times * len(viewers)):
        simulation.gateway.drop(inside.pop(rng.randrange(len(inside))))
        newcomer = viewer(f"n{number}", match_id="m1")
        simulation.gateway.connect(newcomer)
        inside.append(newcomer)
        simulation.run()
    scenario.begun_us = simulation.scheduler.now_us
    scenario.posts.clear()


def _play(scenario: Setting, matches: tuple[str, ...], per_second: float) -> Ages:
    rng = Random(3)
    for number in range(int(SECONDS * per_second)):
        scenario.score(number / per_second, number + 1, match_id=rng.choice(matches))
    scenario.run()
    return ages(scenario.events(), SECONDS)
