"""The checks before a deployment, against the local cloud as the account."""

import json
import subprocess
import sys

import pytest

from infra.local.paths import ROOT
from tests.e2e.deployed import Deployed


def preflight(deployed: Deployed, environment: str) -> dict[str, str]:
    """The result of each check."""
    done = subprocess.run(
        [sys.executable, "-m", "infra.preflight", environment, "--json"],
        cwd=ROOT,
        env=deployed.aws.environ(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout, done.stderr
    return {each["check"]: each["result"] for each in json.loads(done.stdout)}


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_every_check_finds_its_fact_in_the_account(deployed: Deployed, environment: str) -> None:
    results = preflight(deployed, environment)
    # MiniStack has no Service Quotas.
    assert results == dict.fromkeys(results, "ok") | {"new connections a second": "unknown"}
