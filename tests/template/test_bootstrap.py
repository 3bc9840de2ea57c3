"""What a command installs first: deploying needs neither the local cloud nor the tests' tools."""

import re
import subprocess

import pytest

from infra.local.paths import ROOT


def bootstraps(target: str) -> set[str]:
    """What `make` would run."""
    done = subprocess.run(
        ["make", "--dry-run", target, "ENV=dev"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"^infra/bootstrap.*$", done.stdout, re.MULTILINE))


@pytest.mark.parametrize("target", ["preflight", "build", "deploy", "verify", "undeploy"])
def test_deploying_installs_what_it_needs(target: str) -> None:
    assert bootstraps(target) == {"infra/bootstrap deploy"}


@pytest.mark.parametrize("target", ["dev", "up", "test", "check", "release"])
def test_developing_installs_everything(target: str) -> None:
    assert bootstraps(target) == {"infra/bootstrap"}
