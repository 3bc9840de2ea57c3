"""`python -m infra.openapi` writes docs/openapi.json anew: what `GET /openapi.json` answers."""

import json
import sys
from pathlib import Path
from typing import Final

from infra.local.paths import ROOT

DOCUMENT: Final = ROOT / "docs" / "openapi.json"
_CODE: Final = (ROOT / "layers" / "core", ROOT / "functions")


def text() -> str:
    """The document as it is kept: indented, so that a change of it can be read."""
    sys.path[:0] = [str(folder) for folder in _CODE if str(folder) not in sys.path]
    import api

    document = json.loads(api.get_openapi().body)
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def write(path: Path = DOCUMENT) -> None:
    path.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    write()
