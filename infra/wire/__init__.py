"""The wire as documents: docs/asyncapi.json and docs/reference.md, made by `python -m infra.wire`.

The models describe what the service sends. The service itself builds plain dicts and imports none
of this: a Lambda would start more slowly. Tests compare what it really sends.
"""

import sys

from infra.local.paths import ROOT

_LAYER = str(ROOT / "layers" / "core")
if _LAYER not in sys.path:
    sys.path.insert(0, _LAYER)
