"""What `make` runs. Deploying installs neither the local cloud nor the tests' tools."""

import os
import re
import subprocess

import pytest

from infra.local.paths import ROOT


def dry_run(*arguments: str, **environ: str) -> str:
    """What `make` would run."""
    done = subprocess.run(
        ["make", "--dry-run", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=os.environ | environ,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def bootstraps(target: str) -> set[str]:
    return set(re.findall(r"^infra/bootstrap.*$", dry_run(target, "ENV=dev"), re.MULTILINE))


@pytest.mark.parametrize("target", ["preflight", "build", "deploy", "verify", "undeploy"])
def test_deploying_installs_what_it_needs(target: str) -> None:
    assert bootstraps(target) == {"infra/bootstrap deploy"}


@pytest.mark.parametrize("target", ["dev", "up", "test", "check", "release"])
def test_developing_installs_everything(target: str) -> None:
    assert bootstraps(target) == {"infra/bootstrap"}


@pytest.mark.parametrize("variable", ["SCORECAST_STACK", "SCORECAST_HTTP"])
def test_verify_reads_the_variables_without_an_environment(
    variable: str,
) -> None:
    named = {variable: "there"}
    unset = {"SCORECAST_STACK": "", "SCORECAST_HTTP": ""}
    assert ".venv/bin/scorecast verify" in dry_run("verify", **unset | named)
    assert "infra.verify dev" in dry_run("verify", "ENV=dev", **unset | named)
    assert "infra.verify dev" in dry_run("verify", **unset)
