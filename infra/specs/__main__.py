"""`python -m infra.specs` writes the documents."""

from infra.specs.pages import PAGES

for _path, _made in PAGES.items():
    _path.write_text(_made(), encoding="utf-8")
