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
    built_for: str | None = None
    """The architecture that `sam build` is given; None if the template's default."""


def read_environment(name: str) -> Environment:
    sections = tomllib.loads(SAMCONFIG.read_text())
    names = sorted(sections.keys() - NOT_DEPLOYED)
    if name not in names:
        raise UnknownEnvironment(
            f"ENV={name} is not an environment: samconfig.toml has {', '.join(names)}."
        )
    deploy = _settings(sections[name], "deploy")
    return Environment(
        name=name,
        stack_name=deploy["stack_name"],
        region=deploy.get("region"),
        parameters=_overrides(deploy),
        built_for=_overrides(_settings(sections[name], "build")).get("Architecture"),
    )


def _settings(environment: Mapping[str, Any], command: str) -> dict[str, Any]:
    """A command's own section goes before the global one."""
    sections = (environment.get(each, {}) for each in ("global", command))
    return {key: value for each in sections for key, value in each.get("parameters", {}).items()}


def _overrides(settings: Mapping[str, Any]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in settings.get("parameter_overrides", []))
