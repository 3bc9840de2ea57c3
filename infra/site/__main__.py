"""Builds the documentation into dist/site: `python -m infra.site`, by `make site`."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

from infra.local.paths import LOCAL, ROOT
from infra.site.http_api import http_api_page
from infra.site.pages import DOCS, page_names, site_page, summary, title

SITE: Final = ROOT / "dist" / "site"
SOURCES: Final = LOCAL / "build" / "site"
MKDOCS: Final = LOCAL / "site" / "bin" / "mkdocs"
CONFIGURATION: Final = Path(__file__).with_name("mkdocs.yml")
STYLE: Final = """:root { --md-primary-fg-color: #b80f2b; --md-accent-fg-color: #b80f2b; }
[data-md-color-scheme="slate"] { --md-typeset-a-color: #ff8a9a; }
.md-typeset img { border-radius: 0.3rem; }
"""
LATEST: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Scorecast</title>
<meta http-equiv="refresh" content="0; url=VERSION/index.html">
<a href="VERSION/index.html">Scorecast VERSION</a></html>
"""


def main() -> int:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    texts = _gather()
    folder = SITE / version
    shutil.rmtree(folder, ignore_errors=True)
    built = subprocess.run(
        [MKDOCS, "build", "--quiet", "--config-file", CONFIGURATION],
        env=os.environ
        | {"SITE_DIR": str(folder), "SITE_COPYRIGHT": f"Scorecast {version}"}
        | {"NO_MKDOCS_2_WARNING": "1"},
        check=False,
    )
    if built.returncode:
        return built.returncode
    _write_for_programs(folder, texts, version)
    (SITE / "index.html").write_text(LATEST.replace("VERSION", version))
    print(f"The documentation is in {folder.relative_to(ROOT)}.")
    return 0


def _gather() -> dict[str, str]:
    """Write what the site is built of; the texts of its pages."""
    shutil.rmtree(SOURCES, ignore_errors=True)
    SOURCES.mkdir(parents=True)
    names = page_names()
    texts = {name: site_page(path, names) for path, name in names.items() if path.suffix == ".md"}
    texts["http-api.md"] = http_api_page(json.loads((DOCS / "openapi.json").read_text()))
    for name, text in texts.items():
        (SOURCES / name).write_text(text, encoding="utf-8")
    for path, name in names.items():
        if path.suffix != ".md":
            shutil.copy(path, SOURCES / name)
    (SOURCES / "site.css").write_text(STYLE)
    return texts


def _write_for_programs(folder: Path, texts: dict[str, str], version: str) -> None:
    """Each page as Markdown, beside llms.txt, which lists them."""
    lines = [f"# Scorecast {version}\n", f"> {summary(texts['index.md'])}\n", "## Pages\n"]
    for name, text in sorted(texts.items()):
        (folder / name).write_text(text, encoding="utf-8")
        lines.append(f"- [{title(text)}]({name}): {summary(text)}")
    lines += ["\n## For programs\n", "- [openapi.json](openapi.json): the HTTP API"]
    lines.append("- [asyncapi.json](asyncapi.json): the WebSocket protocol\n")
    (folder / "llms.txt").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
