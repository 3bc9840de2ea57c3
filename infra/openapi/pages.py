"""The files that hold the document: for readers, and as the API serves it."""

import json
from pathlib import Path
from typing import Final

from infra.local.paths import ROOT
from infra.openapi.document import document
from scorecast.http.documents import OPENAPI
from scorecast.http.resolver import ROUTES
from scorecast.protocol.strict_json import compact

READABLE: Final = ROOT / "docs" / "openapi.json"


def texts() -> dict[Path, str]:
    """What each file contains. The readable one is indented, so that a diff of it is useful."""
    described = document(ROUTES)
    indented = json.dumps(described, indent=1, ensure_ascii=False)
    return {READABLE: f"{indented}\n", OPENAPI: f"{compact(described)}\n"}
