"""The capacity model: its page, its figures beside the cost model's, and what it answers to."""

import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from infra import cost, template
from infra.capacity import page
from infra.capacity.__main__ import BAD_INPUT, main
from infra.capacity.audience import Audience, evening
from infra.capacity.bounds import DEFAULTS, PARAMETERS
from infra.capacity.plan import Plan
from infra.capacity.saturation import asks, saturations, sufficient

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
EXAMPLE = re.compile(r"```json\n(\{\n  \"audience\".*?)```", re.DOTALL)


def test_the_page_and_its_chart_are_what_the_model_computes() -> None:
    """Written by `python -m infra.capacity --fill-in`."""
    text = page.PAGE.read_text(encoding="utf-8")
    assert f"{page.BEGIN}\n\n{page.section()}\n\n{page.END}" in text
    assert page.CHART.read_text(encoding="utf-8") == page.charted()


def test_the_model_begins_with_the_templates_defaults() -> None:
    parameters = template.written()["Parameters"]
    assert {name: float(parameters[name]["Default"]) for name in PARAMETERS} == PARAMETERS


def test_an_hour_of_watching_costs_what_the_cost_model_says() -> None:
    """In a large room, which is sent no count of its viewers. Comparing counters comes besides."""
    viewers = 1_000.0
    steady = Audience(curve=((0, viewers), (600, viewers)), matches=1, scores_per_minute=0)
    plan = Plan(steady, DEFAULTS)
    per_hour = plan.dollars / 10
    visits = plan.total(lambda demand: demand.moment.connects) / 10 / viewers
    of_hours = cost.dollars(cost.of_viewer_hours(viewers, messages_per_hour=0))
    assert visits == pytest.approx(1.1, abs=0.05)
    assert per_hour == pytest.approx(of_hours + cost.dollars(cost.of_idle_hour()), rel=0.15)


def test_those_who_do_not_find_a_place_read_the_snapshot() -> None:
    plan = Plan(evening(10_000), DEFAULTS)
    fullest = plan.at(100).moment
    assert fullest.viewers + fullest.overflow == pytest.approx(10_000, rel=0.01)
    assert fullest.viewers == pytest.approx(2_000 + 9 * 5_000 / 9, rel=0.01)


def test_no_more_are_connected_a_second_than_is_allowed_and_the_others_wait() -> None:
    plan = Plan(evening(10_000), DEFAULTS.changed(RoomCapacity=10_000, connects=20))
    connects = [demand.moment.connects for demand in plan.demands]
    assert max(connects) == pytest.approx(20)
    assert plan.waiting_s(10) > 60


@pytest.mark.parametrize("viewers", [1_000, 100_000, 1_000_000])
def test_with_what_it_asks_for_only_what_aws_does_not_raise_is_full(viewers: int) -> None:
    audience = evening(viewers)
    enough = sufficient(audience, DEFAULTS)
    full = {each.name for each in saturations(Plan(audience, enough)) if each.share > 1.02}
    assert full <= {"key_writes", "key_reads", "fifo_group"}
    assert asks(audience, enough) == {}


def test_a_larger_audience_asks_for_more() -> None:
    costs = [Plan(evening(viewers), DEFAULTS).dollars for viewers in (1_000, 2_000, 4_000)]
    assert costs == sorted(costs) and costs[0] < costs[-1]


def test_the_chart_has_a_text_alternative_and_two_themes() -> None:
    drawn = ElementTree.fromstring(page.CHART.read_text(encoding="utf-8"))
    labels = drawn.attrib["aria-labelledby"].split()
    stated = {each.attrib.get("id"): each.text for each in drawn.iter()}
    assert drawn.attrib["role"] == "img" and all(stated[label] for label in labels)
    assert "prefers-color-scheme:dark" in (drawn.findtext(f"{SVG}style") or "")


def test_the_pages_example_is_accepted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [example] = EXAMPLE.findall(page.PAGE.read_text(encoding="utf-8"))
    file = tmp_path / "final.json"
    file.write_text(example)
    assert main([str(file), "--format", "json"]) == 0
    computed = json.loads(capsys.readouterr().out)
    assert computed["audience"]["matches"] == 8
    assert computed["parameters"]["RoomCapacity"] == 30_000
    assert computed["quotas"]["connects"] == 1_000
    assert max(minute["viewers"] for minute in computed["minutes"]) > 20_000
    assert {"asks", "dollars", "overflow", "peaks", "saturations"} <= computed.keys()


def test_the_table_names_what_saturates_first(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--viewers", "20000", "--set", "RoomCapacity=900"]) == 0
    shown = capsys.readouterr().out
    assert "Fullest: viewers of the largest room, 10,000 of 900." in shown
    for named in ("matches/pending", "`welcome`", "on the snapshot", "US$ an hour"):
        assert named in shown


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "must hold an object"),
        ('{"audiences": {}}', "has no 'audiences'"),
        ('{"audience": {"viewers": 3}}', "audience has no 'viewers'"),
        ('{"audience": []}', "audience must be an object"),
        ('{"audience": {"matches": 2.5}}', "must be a whole number"),
        ('{"audience": {"matches": 0}}', "must be a whole number"),
        ('{"audience": {"largest_share": 2}}', "between 0 and 1"),
        ('{"audience": {"scores_per_minute": -1}}', "must be 0 or more"),
        ('{"audience": {"scores_per_minute": "many"}}', "must be a number"),
        ('{"audience": {"scores_per_minute": NaN}}', "must be a finite number"),
        ('{"audience": {"scores_per_minute": true}}', "must be a number"),
        ('{"audience": {"curve": [[0, 1]]}}', "two or more"),
        ('{"audience": {"curve": [[0, 1], [0, 2]]}}', "begin with 0 and rise"),
        ('{"audience": {"curve": [[0, 1], [5, -2]]}}', "viewers is -2"),
        ('{"audience": {"curve": [[0, 0], [5, 0]]}}', "at least one viewer"),
        ('{"audience": {"cuts": [{"minute": 3}]}}', "needs a minute and a share"),
        ('{"audience": {"cuts": 3}}', "must be a list"),
        ('{"parameters": {"RoomSize": 3}}', "parameters has no 'RoomSize'"),
        ('{"parameters": {"RoomCapacity": 0}}', "must be above 0"),
        ('{"quotas": {"connects": -1}}', "must be above 0"),
    ],
)
def test_a_file_that_makes_no_sense_is_answered_with_a_sentence(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(content)
    assert main([str(file)]) == BAD_INPUT
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["--viewers", "-3"],
        ["--viewers", "many"],
        ["--set", "RoomCapacity"],
        ["--set", "RoomSize=3"],
        ["--quota", "connects=nan"],
        ["there-is-no-such-file.json"],
    ],
)
def test_an_option_that_makes_no_sense_ends_with_2(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.capacity", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == BAD_INPUT
    assert done.stderr.startswith("infra.capacity: ") and done.stderr.count("\n") == 1
