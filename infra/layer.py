"""The service's own package, for tools that use it: import this before `scorecast`."""

import sys
from typing import Final

from infra.local.paths import ROOT

PATH: Final = str(ROOT / "layers" / "core")
if PATH not in sys.path:
    sys.path.insert(0, PATH)
