"""The page on scaling says what the cost model, the limits and the template say."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra import abuse, cost, template
from scorecast.http.compression import compress
from scorecast.http.documents import OPENAPI
from scorecast.protocol.limits import (
    DRAIN_BEFORE_SECONDS,
    DRAIN_SPREAD_SECONDS,
    PENALTY_SECONDS,
)

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scaling.md").read_text()


@pytest.mark.parametrize("part", cost.report().split("\n\n"), ids=range(4))
def test_the_page_holds_what_the_command_prints(part: str) -> None:
    assert f"\n\n{part}\n\n" in PAGE


def test_the_command_prints_the_tables() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.cost"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == cost.report() + "\n"


@pytest.mark.parametrize("part", abuse.report().split("\n\n"), ids=range(2))
def test_the_page_holds_what_a_spectator_can_cost(part: str) -> None:
    assert f"\n\n{part}\n\n" in PAGE


ACTIONS = [*abuse.SPECTATOR_ACTIONS, *abuse.FLOODS]


@pytest.mark.parametrize("action", abuse.SPECTATOR_ACTIONS, ids=lambda action: action.name)
def test_no_action_of_a_spectator_costs_more_than_a_dollar_an_hour(action: abuse.Action) -> None:
    assert 0 < action.dollars_per_hour < 1


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_the_bound_of_each_action_is_shown_by_a_test(action: abuse.Action) -> None:
    suites = ("unit", "http", "integration", "acceptance", "template")
    files = [file for suite in suites for file in (ROOT / "tests" / suite).glob("test_*.py")]
    assert any(re.search(rf"def {action.test}(_|\()", file.read_text()) for file in files)


def test_what_a_spectator_can_cost_is_computed_from_the_templates_defaults() -> None:
    written = template.written()
    parameters = written["Parameters"]
    assert {name: parameters[name]["Default"] for name in abuse.DEFAULTS} == abuse.DEFAULTS
    throttles: dict[str, Any] = {}
    for api in ("Socket", "HttpStage"):
        throttles |= written["Resources"][api]["Properties"]["RouteSettings"]
    rates = {route: throttles[route]["ThrottlingRateLimit"] for route in abuse.THROTTLES}
    assert rates == abuse.THROTTLES


def test_the_document_is_as_small_as_its_cost_assumes() -> None:
    assert len(compress(OPENAPI.read_text())) <= abuse.DOCUMENT_BYTES


def test_a_flood_is_closed_as_often_as_its_wait_allows() -> None:
    waits = [PENALTY_SECONDS << times for times in range(abuse.floods_closed_per_hour())]
    assert sum(waits[:-1]) <= abuse.HOUR_SECONDS < sum(waits)


def test_the_page_states_the_templates_defaults() -> None:
    defaults = template.written()["Parameters"]
    listed = 0
    for line in PAGE.partition("\n## AWS calls")[0].splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 6 and (parameters := re.findall(r"`([A-Z]\w+)`", cells[3])):
            numbers = [number.replace(",", "") for number in re.findall(r"\d[\d,]*", cells[2])]
            assert numbers == [str(defaults[each]["Default"]) for each in parameters], line
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

    # A hundred pings each way, and the welcome.
    assert an_hour[cost.MESSAGE] == 100 + 100 + 1
    assert an_hour[cost.MINUTE] == 60
    writes = {
        operation: cost.CALLS[operation].write_units
        for operation in ("connect", "welcome", "disconnect")
    }
    pongs = 100 * cost.CALLS["pong"].write_units
    recorded = cost.of_sweeps(1)[cost.WRITE]
    assert an_hour[cost.WRITE] == pytest.approx(sum(writes.values()) + pongs + recorded)
    with_messages = cost.of_viewer_hours(1, messages_per_hour=3_600)
    assert cost.dollars(with_messages) - cost.dollars(an_hour) == pytest.approx(
        cost.dollars(cost.of_posts(3_600))
    )
