"""A planted bug proves nothing if its line, or the test that notices it, has moved."""

import re

import pytest

from tests.planted.bugs import BUGS, Bug
from tests.planted.workplace import ROOT


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_each_bug_has_exactly_one_place(bug: Bug) -> None:
    planted = bug.planted_in((ROOT / bug.file).read_text())
    if bug.file.endswith(".py"):
        compile(planted, bug.file, "exec")


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_each_bug_is_noticed_by_a_test_that_there_is(bug: Bug) -> None:
    file, _, name = bug.test.partition("::")
    function = re.escape(name.partition("[")[0])
    assert re.search(rf"^def {function}\(", (ROOT / file).read_text(), re.MULTILINE), bug.test


def test_the_page_lists_every_bug_with_its_test() -> None:
    page = (ROOT / "docs" / "proof.md").read_text()
    for bug in BUGS:
        assert f"| `{bug.file}` | {bug.what} | `{bug.test.rpartition('/')[2]}` |" in page
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 40
