"""The catalogue is whole: each of F1 to F40 has its test, and its row in docs/proof.md."""

import re
from pathlib import Path

from tests.simulation.faults import test_connections, test_publishing

PAGE = Path(__file__).parents[3] / "docs" / "proof.md"


def _tests() -> set[str]:
    names = {*vars(test_connections), *vars(test_publishing)}
    return {name for name in names if re.match(r"test_f\d\d_", name)}


def test_each_fault_has_its_test() -> None:
    numbers = {int(name[6:8]) for name in _tests()}
    assert numbers == set(range(1, 41))


def test_each_test_stands_in_its_faults_row() -> None:
    rows = re.findall(r"^\| F(\d+) \|.*\| (`test.*`) \|$", PAGE.read_text(), re.MULTILINE)
    published = {int(number): set(re.findall(r"`(\w+)`", tests)) for number, tests in rows}
    assert sorted(published) == list(range(1, 41))
    assert set().union(*published.values()) == _tests()
    for number, tests in published.items():
        assert all(name.startswith(f"test_f{number:02}_") for name in tests), number
