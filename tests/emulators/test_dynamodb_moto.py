"""The same 10,000 requests to the simulator's model and to moto, as all suites use it."""

import pytest
from moto import mock_aws

from tests.emulators.comparison import Comparison
from tests.emulators.differences import OF_MOTO
from tests.emulators.stores import Model, Moto, create
from tests.emulators.test_dynamodb import compare
from tests.harness.quick_moto import make_quick


def test_the_model_answers_as_moto_does(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    make_quick(monkeypatch)
    with mock_aws():
        moto = Moto()
        create(moto)
        compare(Comparison(Model(), moto, OF_MOTO))
