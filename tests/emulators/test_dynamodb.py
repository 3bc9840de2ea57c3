"""10,000 requests, the service's own and random ones, to the simulator's model and to MiniStack."""

from random import Random

from tests.emulators.comparison import Comparison
from tests.emulators.differences import OF_MINISTACK
from tests.emulators.ministack import Cloud
from tests.emulators.operations import random_requests
from tests.emulators.product_requests import product_requests
from tests.emulators.stores import MiniStack, Model, create

OPERATIONS = 10_000


def compare(comparison: Comparison) -> None:
    """Nothing differs without a reason, and no reason is without its difference."""
    own = product_requests()
    comparison.run(own)
    assert not comparison.unexplained, comparison.unexplained[0]
    comparison.run(random_requests(Random(1), OPERATIONS - len(own)))
    assert not comparison.unexplained, comparison.unexplained[0]
    assert comparison.explained.keys() == {each.name for each in comparison.differences}


def test_the_model_answers_as_ministack_does(cloud: Cloud) -> None:
    ministack = MiniStack(cloud)
    create(ministack)
    compare(Comparison(Model(), ministack, OF_MINISTACK))
