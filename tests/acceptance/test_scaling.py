"""The page on scaling says what the cost model, the limits and the template say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra import cost
from scorecast.protocol.limits import DRAIN_BEFORE_SECONDS, DRAIN_SPREAD_SECONDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scaling.md").read_text()
DEFAULT = re.compile(r"^  (\w+):\n    Type: (?:Number|String)\n    Default: (\S+)$", re.MULTILINE)


@pytest.mark.parametrize("part", cost.report().split("\n\n"), ids=range(4))
def test_the_page_holds_what_the_command_prints(part: str) -> None:
    assert f"\n\n{part}\n\n" in PAGE


def test_the_command_prints_the_tables() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.cost"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == cost.report() + "\n"


def test_the_page_states_the_templates_defaults() -> None:
    defaults = dict(DEFAULT.findall((ROOT / "template.yaml").read_text()))
    listed = 0
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 6 and (parameters := re.findall(r"`([A-Z]\w+)`", cells[3])):
            numbers = [number.replace(",", "") for number in re.findall(r"\d[\d,]*", cells[2])]
            assert numbers == [defaults[parameter] for parameter in parameters], line
            listed += 1
    assert listed == 10


def test_the_page_states_when_long_connections_are_sent_away() -> None:
    earliest_s = DRAIN_BEFORE_SECONDS + DRAIN_SPREAD_SECONDS
    assert f"{DRAIN_BEFORE_SECONDS // 60} to {earliest_s // 60} minutes before" in PAGE


def test_the_page_states_the_write_units_of_a_viewer() -> None:
    coming_and_going = sum(
        cost.CALLS[operation].write_units for operation in ("connect", "welcome", "disconnect")
    )
    seconds_a_unit = cost.HEARTBEAT_PERIOD_SECONDS // cost.CALLS["pong"].write_units
    assert f"connects a second \N{MULTIPLICATION SIGN} {coming_and_going} and" in PAGE
    assert f"viewers ÷ {seconds_a_unit} approach" in PAGE


def test_a_bill_is_the_sum_of_its_parts() -> None:
    an_hour = cost.of_viewer_hours(1, messages_per_hour=0)

    # Two a minute each way, and the welcome.
    assert an_hour[cost.MESSAGE] == 120 + 120 + 1
    assert an_hour[cost.MINUTE] == 60
    writes = {
        operation: cost.CALLS[operation].write_units
        for operation in ("connect", "welcome", "disconnect")
    }
    assert an_hour[cost.WRITE] == sum(writes.values()) + 120 * cost.CALLS["pong"].write_units
    with_messages = cost.of_viewer_hours(1, messages_per_hour=3_600)
    assert cost.dollars(with_messages) - cost.dollars(an_hour) == pytest.approx(
        cost.dollars(cost.of_posts(3_600))
    )
