"""The values of the template's parameters on this machine."""

import difflib
import platform
import shlex
from collections.abc import Mapping
from typing import Any, Final

from infra import template
from infra.local.errors import LocalError

ARCHITECTURES: Final = {"x86_64": "x86_64", "aarch64": "arm64"}
"""Lambda's names, by those of Linux."""
DIFFERENT: Final = {
    "JwtIssuer": "https://scorecast.local",
    "JwtAudience": "scorecast",
    "LogLevel": "DEBUG",  # MiniStack waits 50 ms for the log of a function that logs nothing
    # Every local client has the same address, so each limit would be one for all of them.
    "ConnectionsPerIp": "10000",
    "MessagesPerSecondPerIp": "10000",
    "MessageBurstPerIp": "10000",
}
"""From the template's defaults."""
FIXED: Final = ("Architecture", "JwtAlgorithm", "JwtSecretArn", "JwksUrl", "LocalEndpoint")
"""What PARAMS cannot set, since the machine or `up` itself decides it."""


def host_architecture() -> str:
    if platform.system() != "Linux":
        raise LocalError("The local cloud runs functions built for Lambda, so it needs Linux.")
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise LocalError(f"Lambda runs on x86_64 and arm64; this machine is {machine}.")
    return ARCHITECTURES[machine]


def local_parameters(params: str) -> dict[str, str]:
    """A value for every parameter. `params` is "Name=value Name=value", of known names.

    An update keeps what it is not given, so the template's defaults are given too.
    """
    known = template.written()["Parameters"]
    return {
        **{name: str(each["Default"]) for name, each in known.items()},
        **DIFFERENT,
        "Architecture": host_architecture(),
        **overrides(params, known=known),
    }


def overrides(params: str, *, known: Mapping[str, Any]) -> dict[str, str]:
    try:
        words = shlex.split(params)
    except ValueError as fault:
        raise LocalError(f"PARAMS cannot be read: {fault}.") from fault
    chosen = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise LocalError(f'PARAMS: {word} must have the form Name=value, as "RoomCapacity=20".')
        if name in FIXED:
            raise LocalError(f"PARAMS: {name} cannot be changed on the local cloud.")
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else "."
            raise LocalError(f"PARAMS: template.yaml has no parameter {name}{hint}")
        chosen[name] = value
    return chosen
