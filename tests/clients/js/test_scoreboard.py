"""The page's own tests, which run in Node."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
NODE = Path(sys.executable).parent / "node"


def test_the_scoreboards_own_tests_pass() -> None:
    ran = subprocess.run(
        [NODE, "--test"],
        cwd=ROOT / "clients" / "js" / "scoreboard",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "pass 0" not in ran.stdout
