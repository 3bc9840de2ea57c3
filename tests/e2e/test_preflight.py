"""The checks before a deployment, against the local cloud as the account."""

import json
import subprocess
import sys

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


def test_every_check_finds_its_fact_in_the_account(deployed: Deployed) -> None:
    results = preflight(deployed, "dev")
    # MiniStack has no Service Quotas.
    assert results == dict.fromkeys(results, "ok") | {"new connections a second": "unknown"}


def test_production_needs_the_role_for_access_logs(deployed: Deployed) -> None:
    failed = [check for check, result in preflight(deployed, "prod").items() if result == "FAILED"]
    assert failed == ["access logs"]
