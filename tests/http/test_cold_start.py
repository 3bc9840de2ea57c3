"""What the first request of a fresh Lambda need not wait for."""

import json
import subprocess
import sys

from infra.local.paths import ROOT

_PATH = f"{ROOT / 'functions'}:{ROOT / 'layers' / 'core'}"


def _loaded(then: str = "") -> set[str]:
    program = f"import json, sys, api\n{then}\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": _PATH, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout))


def test_the_api_starts_without_what_only_some_requests_need() -> None:
    loaded = _loaded()
    assert "scorecast.http.routing" in loaded
    assert not loaded & {"pydantic", "aws_lambda_powertools", "boto3"}
