"""Builds the template's artifacts with `sam build`, when something has changed."""

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra.local.errors import LocalError, with_log
from infra.local.paths import LOCAL, ROOT, StackPaths
from infra.local.tools import SAM, UV, aws_environ, end_with_the_parent, require

REQUIREMENTS: Final = ROOT / "layers" / "core" / "requirements.txt"
INPUTS: Final = ("template.yaml", "uv.lock", "functions", "layers")
EXPORT: Final = (
    "export --quiet --locked --only-group layer --no-hashes --no-annotate --no-header".split()
)


def build(site: StackPaths, *, architecture: str) -> str:
    """Build for one architecture; the answer changes whenever what is built does."""
    export_requirements()
    folder = build_folder(architecture)
    folder.mkdir(parents=True, exist_ok=True)
    stamp = folder / "fingerprint"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = fingerprint()
        if not stamp.exists() or stamp.read_text() != wanted:
            stamp.unlink(missing_ok=True)
            _sam_build(site, folder, architecture)
            stamp.write_text(wanted)
    return wanted


def build_folder(architecture: str) -> Path:
    return LOCAL / "build" / architecture


def built_template(architecture: str) -> Path:
    return build_folder(architecture) / "artifacts" / "template.yaml"


def requirements() -> str:
    """What the layer installs, by the lock."""
    done = subprocess.run(
        [require(UV), *EXPORT], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LocalError(f"uv cannot list what the layer needs: {done.stderr.strip()}")
    return done.stdout


def export_requirements() -> None:
    wanted = requirements()
    if not REQUIREMENTS.exists() or REQUIREMENTS.read_text() != wanted:
        REQUIREMENTS.write_text(wanted)


def fingerprint() -> str:
    digest = hashlib.sha256()
    for path in _inputs():
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _inputs() -> Iterator[Path]:
    for name in INPUTS:
        top = ROOT / name
        files = sorted(top.rglob("*")) if top.is_dir() else [top]
        yield from (path for path in files if path.is_file() and "__pycache__" not in path.parts)


def _sam_build(site: StackPaths, folder: Path, architecture: str) -> None:
    # `--cached` installs the layer's packages again only when its requirements have changed.
    command = [require(SAM), "build", "--cached"]
    command += ["--build-dir", str(folder / "artifacts"), "--cache-dir", str(folder / "cache")]
    command += ["--parameter-overrides", f"Architecture={architecture}"]
    run_sam(site, command, aws_environ("http://127.0.0.1:1"))


def run_sam(site: StackPaths, command: list[str], environ: dict[str, str]) -> None:
    site.folder.mkdir(parents=True, exist_ok=True)
    path = f"{UV.parent}{os.pathsep}{environ.get('PATH', '')}"  # with a Python that has pip
    sam_environ = environ | {"PATH": path, "SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.2"}
    with site.sam_log.open("wb") as log:
        code = subprocess.call(
            command,
            cwd=ROOT,
            env=sam_environ,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_the_parent,  # else it goes on into the next cloud on that port
        )
    if code:
        raise with_log(f"sam {command[1]} failed; the end of {site.sam_log}:", site.sam_log)


if __name__ == "__main__":
    export_requirements()
