"""Builds what has changed since the last time, by the Makefile's rules."""

import shutil
from pathlib import Path
from typing import Final

from infra.local.aws import LocalAws
from infra.local.errors import LocalError
from infra.local.paths import LOCAL, ROOT
from infra.local.tools import exclusive, run

BUNDLE: Final = ROOT / "clients" / "js" / "dist" / "index.js"
BUNDLE_BUILT: Final = BUNDLE.with_name("index.d.ts")
"""The declarations are written last."""
PAGE: Final = ROOT / "clients" / "js" / "scoreboard" / "dist"
LOG: Final = LOCAL / "run" / "build.log"
NO_AWS: Final = LocalAws("http://127.0.0.1:1")
"""A build has nothing to ask of AWS."""


def built_template(architecture: str) -> Path:
    return LOCAL / "build" / architecture / "template.yaml"


def make(*targets: Path) -> None:
    """Bring the files up to date. One command builds at a time, others wait."""
    program = shutil.which("make")
    if program is None:
        raise LocalError("make is not installed. It builds the layers and the page's client.")
    outer = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    environ = {name: value for name, value in NO_AWS.environ().items() if name not in outer}
    command = [program, "--silent", *(str(each.relative_to(ROOT)) for each in targets)]
    with exclusive(LOG.with_suffix(".lock")):
        run(command, environ, log=LOG, failure="The build failed:")
