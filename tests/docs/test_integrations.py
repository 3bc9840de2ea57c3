"""The examples for Terraform and CDK name what the template has."""

import ast
import re
from typing import Any, Final

import pytest

from infra import template
from tests.docs.pages import blocks, page

PAGE: Final = page("integrations.md")
(TERRAFORM,) = blocks(PAGE, "hcl main.tf")
(CDK,) = blocks(PAGE, "python app.py")
PARAMETERS: Final = {
    "terraform": re.findall(r"^ {4}(\w+) += \"", TERRAFORM, re.MULTILINE),
    "cdk": re.findall(r'"(\w+)": "true"', CDK),
}
TEMPLATE_BYTES_MAX: Final = 51_200
"""Of a template that is part of a request; a larger one is read from S3."""


@pytest.fixture(scope="module")
def written() -> dict[str, Any]:
    return template.written()


@pytest.mark.parametrize("tool", PARAMETERS)
def test_parameters_are_the_templates(tool: str, written: dict[str, Any]) -> None:
    assert PARAMETERS[tool]
    assert set(PARAMETERS[tool]) <= written["Parameters"].keys()


@pytest.mark.parametrize("example", [TERRAFORM, CDK], ids=PARAMETERS)
def test_outputs_are_the_templates(example: str, written: dict[str, Any]) -> None:
    used = re.findall(r'outputs\["(\w+)"\]|"Outputs\.(\w+)"', example)
    assert used
    assert {first or second for first, second in used} <= written["Outputs"].keys()


def test_transforms_are_allowed_and_the_template_comes_from_s3() -> None:
    assert 'capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]' in TERRAFORM
    assert template.TEMPLATE.stat().st_size > TEMPLATE_BYTES_MAX
    assert "template_url" in TERRAFORM and "template_url" in CDK


def test_the_program_is_python() -> None:
    ast.parse(CDK)
