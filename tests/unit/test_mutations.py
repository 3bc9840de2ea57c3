"""A planted bug proves nothing if the line that it changes has moved."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.simulation.mutations import MUTATIONS, Mutation


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_each_planted_bug_has_exactly_one_place(mutation: Mutation) -> None:
    spec = find_spec(mutation.module)
    assert spec is not None and spec.origin is not None
    source = Path(spec.origin).read_text()
    for right, wrong in mutation.changes:
        assert source.count(right) == 1, right
        source = source.replace(right, wrong)
    compile(source, spec.origin, "exec")
