"""The environments of samconfig.toml, as `sam` reads them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from infra.local.paths import ROOT

SAMCONFIG: Final = ROOT / "samconfig.toml"
NOT_DEPLOYED: Final = frozenset({"version", "local"})


class UnknownEnvironment(Exception):
    """samconfig.toml has no such environment."""


@dataclass(frozen=True)
class Environment:
    name: str
    stack_name: str
    region: str | None
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Those that differ from the template's defaults."""


def read_environment(name: str) -> Environment:
    sections = tomllib.loads(SAMCONFIG.read_text())
    names = sorted(sections.keys() - NOT_DEPLOYED)
    if name not in names:
        raise UnknownEnvironment(
            f"ENV={name} is not an environment: samconfig.toml has {', '.join(names)}."
        )
    # What a command's own section says goes before what is global.
    settings = _parameters(sections[name], "global") | _parameters(sections[name], "deploy")
    overrides = [word.split("=", 1) for word in settings.get("parameter_overrides", [])]
    return Environment(
        name=name,
        stack_name=settings["stack_name"],
        region=settings.get("region"),
        parameters={key: value for key, value in overrides},
    )


def _parameters(environment: Mapping[str, Any], command: str) -> dict[str, Any]:
    return dict(environment.get(command, {}).get("parameters", {}))
