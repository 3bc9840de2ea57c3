"""Find a Chromium: the headless one from npm, which costs least; else the machine's or Debian's."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from infra.local.tools import exclusive

HERE: Final = Path(__file__).parent
FOLDER: Final = Path(__file__).parents[2] / ".local" / "browser"
TOOLS: Final = Path(sys.executable).parent
PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL_SECONDS_MAX: Final = 300


@dataclass(frozen=True)
class Chromium:
    """An executable, with the environment that it needs."""

    path: Path
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def works(self) -> bool:
        try:
            result = _run(str(self.path), "--version", environ=self.environ)
        except (OSError, subprocess.SubprocessError):
            return False
        return result.returncode == 0


@cache
def find() -> Chromium:
    """The first that works. `CHROMIUM` names another one."""
    for chromium in _candidates():
        if chromium.works:
            return chromium
    raise LookupError("No Chromium works here: install one, or name it in CHROMIUM.")


def _candidates() -> Iterator[Chromium]:
    yield from _installed(os.environ.get("CHROMIUM"))
    yield _from_npm()
    yield from _installed(*PROGRAMS)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _install_debians()
        yield from _installed(*PROGRAMS)


def _installed(*names: str | None) -> Iterator[Chromium]:
    for name in names:
        if found := name and shutil.which(name):
            yield Chromium(Path(found))


def _install_debians() -> None:
    environ = {"DEBIAN_FRONTEND": "noninteractive"}
    _run("apt-get", "update", environ=environ)
    _run("apt-get", "install", "-y", "--no-install-recommends", "chromium", environ=environ)


def _from_npm() -> Chromium:
    installed = Chromium(
        FOLDER / "chromium",
        {"LD_LIBRARY_PATH": str(FOLDER / "lib"), "FONTCONFIG_PATH": str(FOLDER / "fonts")},
    )
    with exclusive(FOLDER.with_suffix(".lock")):
        if not installed.works:
            with suppress(OSError, subprocess.SubprocessError):  # without it there are others
                _install_from_npm()
    return installed


def _install_from_npm() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(HERE / name, FOLDER)
    _run("npm", "ci", "--silent", "--prefix", str(FOLDER))
    packed = FOLDER / "node_modules" / "@sparticuz" / "chromium" / "bin"
    _run("node", str(HERE / "unpack.mjs"), str(packed), str(FOLDER))


def _run(
    *command: str, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        command,
        env={**os.environ, "PATH": path, **(environ or {})},
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS_MAX,
    )


if __name__ == "__main__":
    print(find())
