"""`python -m infra.wire` writes docs/asyncapi.json and docs/reference.md anew."""

from infra.wire.pages import PAGES

for _path, _made in PAGES.items():
    _path.write_text(_made(), encoding="utf-8")
