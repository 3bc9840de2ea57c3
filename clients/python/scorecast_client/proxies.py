"""Names a proxy of the environment that cannot be used, since it was not passed to the program."""

import os
from typing import Final

VARIABLES: Final = frozenset({"all_proxy", "http_proxy", "https_proxy", "socks_proxy", "ws_proxy"})


def proxy_sentence(fault: Exception) -> str:
    named = ", ".join(sorted(name for name in os.environ if name.lower() in VARIABLES))
    reason = str(fault).partition(". ")[0].rstrip(".")
    return f"The proxy of the environment ({named or 'system settings'}) cannot be used: {reason}."
