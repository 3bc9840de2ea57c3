"""The OpenAPI document of the HTTP API, made from its routes by `python -m infra.openapi`."""

import sys

from infra.local.paths import ROOT

_LAYER = str(ROOT / "layers" / "core")
if _LAYER not in sys.path:
    sys.path.insert(0, _LAYER)
