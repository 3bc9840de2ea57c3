"""The protocol as documents, from the service's types: AsyncAPI, OpenAPI and docs/reference.md.

`python -m infra.specs` writes them.
"""

import sys

from infra.local.paths import ROOT

_LAYER = str(ROOT / "layers" / "core")
if _LAYER not in sys.path:
    sys.path.insert(0, _LAYER)
