"""The capacity model says what the real handlers ask of AWS."""

import pytest

from tests.simulation.stress.audience import OFF_BY_MAX, compare, off_by


@pytest.mark.parametrize("viewers", [100, 1_000])
def test_the_capacity_model_agrees_with_the_simulator(viewers: int) -> None:
    figures = compare(viewers)
    assert {
        name: difference
        for name, difference in off_by(figures).items()
        if abs(difference) > OFF_BY_MAX
    } == {}, figures
