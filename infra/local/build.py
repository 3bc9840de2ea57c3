"""Builds what has changed since the last time, by the Makefile's rules."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

from infra.local.aws import NO_AWS
from infra.local.errors import LocalError, last_lines
from infra.local.paths import LOCAL, ROOT
from infra.local.tools import end_with_the_parent, exclusive

BUNDLE: Final = ROOT / "clients" / "js" / "dist" / "index.js"
BUNDLE_BUILT: Final = BUNDLE.with_name("index.d.ts")
"""The declarations are written last."""


def built_template(architecture: str) -> Path:
    return LOCAL / "build" / architecture / "template.yaml"


def make(*targets: Path) -> None:
    """Bring the files up to date. One command builds at a time, others wait."""
    program = shutil.which("make")
    if program is None:
        raise LocalError("make is not installed. It builds the layers and the page's client.")
    outer = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    environ = {name: value for name, value in NO_AWS.environ().items() if name not in outer}
    with exclusive(LOCAL / "run" / "build.lock"):
        done = subprocess.run(
            [program, "--silent", *(str(each.relative_to(ROOT)) for each in targets)],
            cwd=ROOT,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=end_with_the_parent,
        )
    if done.returncode:
        raise LocalError(f"The build failed:\n{last_lines(done.stdout)}")
