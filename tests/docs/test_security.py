"""The page on security names tests that there are."""

import re

import pytest

from infra import abuse
from infra.local.paths import ROOT
from tests.docs.pages import rows, section

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
REQUIREMENTS = rows(section(PAGE, "## ASVS 5.0"))
THREATS = rows(section(PAGE, "## Threats"))
APPLICABLE = 43


def test_each_requirement_that_applies_has_a_row() -> None:
    numbers = [row[0] for row in REQUIREMENTS if re.fullmatch(r"\d+\.\d+\.\d+", row[0])]
    assert len(set(numbers)) == len(numbers) == APPLICABLE
    assert numbers == sorted(numbers, key=lambda number: [int(part) for part in number.split(".")])
    assert f"The {APPLICABLE} requirements" in PAGE


@pytest.mark.parametrize(
    "row", [row for row in REQUIREMENTS if row[0][:1].isdigit()], ids=lambda row: row[0]
)
def test_a_requirement_is_shown_by_a_test(row: list[str]) -> None:
    path, *names = re.findall(r"`([^`]+)`", row[3])
    text = (ROOT / path).read_text(encoding="utf-8")
    assert all(f"def {name}(" in text for name in names)


def test_the_page_says_what_a_flood_costs() -> None:
    actions = {each.name: each for each in (*abuse.SPECTATOR_ACTIONS, *abuse.FLOODS)}
    floods = rows(section(PAGE, "## What a flood does"))
    stated = {row[0].partition(",")[0]: row[3] for row in floods}

    def costs(*names: str) -> str:
        return f"{sum(actions[name].dollars_per_hour for name in names):.2f}"

    message = actions["ping"].dollars_per_million / 1e6
    of_all = message * abuse.per_hour(abuse.THROTTLES["$default"])
    reports = [name for name in actions if name.endswith("` without a token")]
    assert stated["messages of one user"] == costs("ping without a token")
    assert stated["messages of many users"] == f"{of_all:.2f}"
    assert stated["handshakes"] == costs("connect over the rate")
    assert stated["reads over HTTP"] == costs("`GET`, over the rate or without a token")
    assert stated["reports over HTTP without a valid token"] == costs(*reports)
    assert f"${stated['reads over HTTP']} an hour at the default throttle of reads" in PAGE


def test_a_threat_is_met_by_tests() -> None:
    shown = [re.findall(r"`((?:tests|clients)/[^`]+)`", row[2]) for row in THREATS if len(row) > 2]
    named = [path for paths in shown for path in paths]
    assert len(named) > len(THREATS)
    assert [path for path in named if not (ROOT / path).exists()] == []
