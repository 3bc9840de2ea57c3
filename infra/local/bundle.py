"""Builds the browser client's bundle, when its source has changed."""

import fcntl
import os
import subprocess
from pathlib import Path
from typing import Final

from infra.local.errors import LocalError
from infra.local.paths import ROOT
from infra.local.tools import NPM, require

CLIENT: Final = ROOT / "clients" / "js"
SOURCES: Final = ("src", "build.js", "package.json", "tsconfig.json", "tsconfig.types.json")


def bundle(client: Path = CLIENT) -> None:
    """Bring dist up to date; of many at once, one builds and the others wait."""
    with (client / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_outdated(client):
            _npm_build(client)


def is_outdated(client: Path) -> bool:
    # The declarations are written last.
    built = client / "dist" / "index.d.ts"
    return not built.exists() or built.stat().st_mtime < _changed_at(client)


def _changed_at(client: Path) -> float:
    """When a source was last written; a folder's own time tells of files that were removed."""
    tops = [client / name for name in SOURCES]
    files = [path for top in tops for path in (top, *top.rglob("*"))]
    return max(path.stat().st_mtime for path in files)


def _npm_build(client: Path) -> None:
    done = subprocess.run(
        [require(NPM), "run", "--silent", "build"],
        cwd=client,
        env=os.environ | {"PATH": f"{NPM.parent}{os.pathsep}{os.environ.get('PATH', '')}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise LocalError(f"The browser client does not build:\n{done.stdout}{done.stderr}")
