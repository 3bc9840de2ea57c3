"""The template as CloudFormation gets it: translated by SAM, with nothing of SAM left."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra import template as source
from infra.local.build import BUNDLE_BUILT, PAGE, make

Resource = dict[str, Any]
Resources = dict[str, Resource]


def is_stream(mapping: Resource) -> bool:
    """Whether an event source mapping reads a table's stream, and not a queue."""
    return "StreamArn" in mapping["EventSourceArn"]["Fn::GetAtt"]


@pytest.fixture(scope="session")
def built_pages() -> Path:
    """The folder of the pages as they are published; a fresh checkout has none."""
    make(BUNDLE_BUILT)
    return PAGE


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    """The template as it is written."""
    return source.written()


@pytest.fixture(scope="session")
def observability() -> dict[str, Any]:
    """The template of alarms and dashboard."""
    return source.nested("Observability")


@pytest.fixture(scope="session")
def translated() -> dict[str, Any]:
    return source.translated()


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
