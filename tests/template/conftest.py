"""The template as CloudFormation gets it: translated by SAM, with nothing of SAM left."""

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from infra.local.parameters import TEMPLATE

Resource = dict[str, Any]
Resources = dict[str, Resource]

UPLOADED: Final = "s3://bucket/key"
"""In place of the code that `sam deploy` uploads before it translates."""


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """The template as it is written."""
    return dict(yaml_parse(TEMPLATE.read_text()))


@pytest.fixture(scope="session")
def translated(template: dict[str, Any]) -> dict[str, Any]:
    packaged = json.loads(json.dumps(template))
    packaged["Globals"]["Function"]["CodeUri"] = UPLOADED
    packaged["Resources"]["CoreLayer"]["Properties"]["ContentUri"] = UPLOADED
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        return dict(transform(packaged, {}, _NoManagedPolicies()))


@pytest.fixture(scope="session")
def resources(translated: dict[str, Any]) -> Resources:
    return dict(translated["Resources"])


@pytest.fixture(scope="session")
def of_type(resources: Resources) -> Callable[[str], Resources]:
    """The resources of one type, by their names."""

    def find(kind: str) -> Resources:
        return {name: found for name, found in resources.items() if found["Type"] == kind}

    return find


@pytest.fixture(scope="session")
def functions(of_type: Callable[[str], Resources]) -> Resources:
    """The functions' properties, by the module that each runs."""
    found = of_type("AWS::Lambda::Function").values()
    return {each["Properties"]["Handler"].split(".")[0]: each["Properties"] for each in found}
