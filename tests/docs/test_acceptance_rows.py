"""Every numbered behaviour has a test or a check that carries its number, and no other has one."""

import re
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[1]
_ROW: Final = re.compile(r"^\| ([BLRITM]\d+) \|", re.MULTILINE)
_IN_CODE: Final = re.compile(r"def test_[BLRITM]\d+_|[\"'](?:[BLRITM]\d+(?:, )?)+: ")
_NUMBER: Final = re.compile(r"[BLRITM]\d+")


def _listed() -> set[str]:
    return set(_ROW.findall((TESTS / "acceptance.md").read_text()))


def _shown() -> set[str]:
    sources = (path.read_text() for path in TESTS.rglob("*.py") if path != Path(__file__))
    return {
        number
        for text in sources
        for carried in _IN_CODE.findall(text)
        for number in _NUMBER.findall(carried)
    }


def test_every_listed_behaviour_is_shown_by_a_test() -> None:
    assert _listed() - _shown() == set()


def test_every_number_that_a_test_carries_is_listed() -> None:
    assert _shown() - _listed() == set()
