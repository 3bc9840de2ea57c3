"""`python -m infra.release`: writes dist/ from what has been built."""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from infra.local.build import built_template
from infra.local.paths import LOCAL, ROOT
from infra.release.service import package

CLIENT: Final = ROOT / "clients" / "js"
UV: Final = LOCAL / "uv" / "bin" / "uv"
NPM: Final = ROOT / ".venv" / "bin" / "npm"
ARCHITECTURES: Final = ("arm64", "x86_64")
BILL_OF_MATERIALS: Final = ("export", "--quiet", "--locked", "--format", "cyclonedx1.5")
BROWSER_BILL: Final = ("sbom", "--sbom-format", "cyclonedx", "--omit", "dev")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m infra.release", description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "dist")
    folder: Path = parser.parse_args(argv).into
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    _write_packages(folder, version)
    _write_bills_of_materials(folder, version)
    (folder / "NOTES.md").write_text(_notes(version))
    _write_checksums(folder)
    for path in sorted(folder.iterdir()):
        print(f"{path.stat().st_size:>12,}  {path.name}")
    return 0


def _write_packages(folder: Path, version: str) -> None:
    for architecture in ARCHITECTURES:
        archive = folder / f"scorecast-{version}-{architecture}.zip"
        built = built_template(architecture).parent
        package(built, archive, version=version, architecture=architecture)
    _run(UV, "build", "--quiet", "--wheel", "--package", "scorecast-client", "--out-dir", folder)
    _run(NPM, "pack", "--silent", "--pack-destination", folder, folder=CLIENT)
    (folder / ".gitignore").unlink(missing_ok=True)  # uv's


def _write_bills_of_materials(folder: Path, version: str) -> None:
    bills = {
        "service": _run(UV, *BILL_OF_MATERIALS, "--only-group", "layer"),
        "python-client": _run(UV, *BILL_OF_MATERIALS, "--package", "scorecast-client", "--no-dev"),
        "browser-client": _run(NPM, *BROWSER_BILL, folder=CLIENT),
    }
    for name, text in bills.items():
        bill = json.loads(text)
        if name == "browser-client":  # npm names it after its folder
            bill["metadata"]["component"]["name"] = "@scorecast/client"
        path = folder / f"scorecast-{version}-{name}.cdx.json"
        path.write_text(json.dumps(bill, indent=1) + "\n")


def _notes(version: str) -> str:
    """The version's section of the changelog."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    section = rf"^## {re.escape(version)}\n(.*?)(?=^## |\Z)"
    found = re.search(section, changelog, re.DOTALL | re.MULTILINE)
    if not found:
        raise SystemExit(f"CHANGELOG.md has no section {version}.")
    return f"# Scorecast {version}\n{found[1]}"


def _write_checksums(folder: Path) -> None:
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}"
        for path in sorted(folder.iterdir())
    ]
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n")


def _run(tool: Path, *arguments: str | Path, folder: Path = ROOT) -> str:
    environ = os.environ | {"PATH": f"{NPM.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        [tool, *arguments], cwd=folder, env=environ, capture_output=True, text=True
    )
    if done.returncode:
        raise SystemExit(f"{tool.name} {arguments[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
