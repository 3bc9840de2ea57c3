"""The workflows for GitHub Actions: pinned, with no permissions but those that a job needs."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from infra.local.paths import ROOT

WORKFLOWS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKEFILE: Final = (ROOT / "Makefile").read_text()
PINNED: Final = re.compile(r"- uses: [\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
PERMISSIONS: Final = {
    ("check", "check"): {"contents": "read"},
    ("check", "test"): {"contents": "read"},
    ("deploy", "deploy"): {"contents": "read", "id-token": "write"},
    ("release", "release"): {"contents": "write"},
}
STEPS: Final = {
    "check": ["make check", "make test"],
    "deploy": ["make preflight", "make deploy", "make verify"],
    "release": ["make check", "make release"],
}
each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)


def workflow(path: Path) -> dict[Any, Any]:
    return dict(yaml.safe_load(path.read_text()))


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in workflow(path)["jobs"].values():
        yield from job["steps"]


def test_there_is_one_to_check_one_to_deploy_and_one_to_release() -> None:
    assert [path.stem for path in WORKFLOWS] == sorted(STEPS)


@each_workflow
def test_an_action_is_pinned_to_a_commit_with_its_version(path: Path) -> None:
    uses = [line.strip() for line in path.read_text().splitlines() if "uses:" in line]
    assert uses
    assert [line for line in uses if not PINNED.fullmatch(line)] == []


@each_workflow
def test_nothing_is_permitted_but_what_a_job_needs(path: Path) -> None:
    described = workflow(path)
    assert described["permissions"] == {}
    for name, job in described["jobs"].items():
        assert job["permissions"] == PERMISSIONS[path.stem, name]
        assert job["timeout-minutes"] <= 60


@each_workflow
def test_the_token_of_a_checkout_is_not_kept(path: Path) -> None:
    checkouts = [step for step in steps(path) if "checkout" in step.get("uses", "")]
    assert checkouts and all(not step["with"]["persist-credentials"] for step in checkouts)


@each_workflow
def test_no_script_is_put_together_from_an_event(path: Path) -> None:
    """What GitHub fills in would be code; a variable of the environment is not."""
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []
    assert "pull_request_target" not in path.read_text()


@each_workflow
def test_a_job_runs_the_projects_own_commands(path: Path) -> None:
    run = [step["run"] for step in steps(path) if step.get("run", "").startswith("make ")]
    assert run == STEPS[path.stem]
    for command in run:
        assert re.search(rf"^{command.split()[1]}:", MAKEFILE, re.MULTILINE), command


def test_a_deployment_takes_on_a_role_and_has_no_key() -> None:
    path = ROOT / ".github" / "workflows" / "deploy.yml"
    [credentials] = [step for step in steps(path) if "aws-actions" in step.get("uses", "")]
    assert credentials["with"].keys() == {"role-to-assume", "aws-region"}
    assert "secrets." not in path.read_text()
    options = workflow(path)[True]["workflow_dispatch"]["inputs"]["environment"]["options"]
    assert options == ["dev", "staging", "prod"]  # PyYAML reads `on` as True
