"""Which files are generated, and by what."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from infra.local.paths import ROOT
from infra.specs import asyncapi, reference
from infra.specs.openapi import document as openapi
from scorecast.http.documents import OPENAPI as SERVED

ASYNCAPI: Final = ROOT / "docs" / "asyncapi.json"
OPENAPI: Final = ROOT / "docs" / "openapi.json"
REFERENCE: Final = ROOT / "docs" / "reference.md"
PAGES: Final[dict[Path, Callable[[], str]]] = {
    ASYNCAPI: asyncapi.text,
    REFERENCE: reference.text,
    OPENAPI: openapi.text,
    SERVED: openapi.text,
}
