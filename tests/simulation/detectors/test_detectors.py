"""Each planted fault is noticed, and each claim of the simulator's has one that makes it."""

import re
from functools import cache

import pytest

from tests.simulation.detectors.claims import patterns
from tests.simulation.detectors.planted import PLANTED, clients
from tests.simulation.scheduler import Violation
from tests.simulation.stress.setting import setting


@cache
def found(name: str) -> str | None:
    """What is claimed when this is planted."""
    planted = PLANTED[name]
    with setting(clients()) as scenario:
        try:
            planted.plant(scenario)
            scenario.run()
            planted.check(scenario.simulation)
        except Violation as violation:
            return str(violation)
    return None


def test_nothing_is_found_where_nothing_is_planted() -> None:
    with setting(clients()) as scenario:
        scenario.score(1, 1)
        scenario.run()
        for planted in PLANTED.values():
            planted.check(scenario.simulation)


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_is_found(name: str) -> None:
    assert found(name) is not None


@pytest.mark.parametrize(("place", "pattern"), patterns().items())
def test_each_claim_is_made_by_something_planted(place: str, pattern: str) -> None:
    claims = [found(name) or "" for name in PLANTED]
    assert any(re.fullmatch(pattern, claim, re.DOTALL) for claim in claims), pattern
