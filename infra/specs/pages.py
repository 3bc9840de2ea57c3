"""Which files are generated, and by what."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from infra.local.paths import ROOT
from infra.specs import asyncapi, reference

ASYNCAPI: Final = ROOT / "docs" / "asyncapi.json"
REFERENCE: Final = ROOT / "docs" / "reference.md"
PAGES: Final[dict[Path, Callable[[], str]]] = {
    ASYNCAPI: asyncapi.text,
    REFERENCE: reference.text,
}
