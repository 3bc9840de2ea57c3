"""The layer's wheels, each checked against its hash: `python -m infra.wheels REQUIREMENTS FOLDER`.

`sam build` fetches a second time, without hashes, what is compiled for another machine than this
one. So all that it may install is fetched here, and it is given this folder and no index.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

PIP: Final = Path(".local") / "uv" / "bin" / "python"
MANYLINUX: Final = ("manylinux_2_34", "manylinux_2_28", "manylinux_2_17", "manylinux2014")
"""What Lambda's Python 3.13 runs, newest first."""
TARGETS: Final = ("aarch64", "x86_64")
COMPILED: Final = ("--python-version=3.13", "--implementation=cp", "--abi=cp313", "--abi=abi3")


def main(requirements: Path, folder: Path) -> None:
    """Begin with an empty folder: an old wheel would be found by its version alone."""
    shutil.rmtree(folder, ignore_errors=True)
    for platforms in ((), *map(_platforms, TARGETS)):
        _download(requirements, folder, platforms)


def _platforms(machine: str) -> Sequence[str]:
    named = [f"--platform={release}_{machine}" for release in MANYLINUX]
    return (*named, *COMPILED, "--abi=none")


def _download(requirements: Path, folder: Path, platforms: Sequence[str]) -> None:
    """Without platforms: what pip on this machine asks for first."""
    done = subprocess.run(
        [
            *(PIP, "-m", "pip", "--disable-pip-version-check", "download", "--quiet"),
            *("--require-hashes", "--no-deps", "--only-binary=:all:", *platforms),
            *("--requirement", requirements, "--dest", folder),
        ],
    )
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
