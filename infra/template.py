"""The template as it is written, and as CloudFormation gets it: translated by SAM.

Scanners find more in the translated one: there, a function's `Policies` are those of a role.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, Final

from samtranslator.yaml_helper import yaml_parse

TEMPLATE: Final = Path(__file__).resolve().parents[1] / "template.yaml"
NESTED: Final = {
    stack: TEMPLATE.parent / "infra" / f"{stack.lower()}.yaml"
    for stack in ("Domains", "Page", "Observability")
}
"""Templates of nested stacks, by the stack's name in the template."""
UPLOADED: Final = "s3://bucket/key"
"""In place of the code that `sam deploy` uploads before it translates."""


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def written() -> dict[str, Any]:
    """The template as it is written."""
    return dict(yaml_parse(TEMPLATE.read_text()))


def nested(stack: str) -> dict[str, Any]:
    """A nested stack's template, in which there is nothing of SAM."""
    return dict(yaml_parse(NESTED[stack].read_text()))


def translated() -> dict[str, Any]:
    from samtranslator.translator.transform import transform  # half a second, for few callers

    packaged = json.loads(json.dumps(written()))
    packaged["Globals"]["Function"]["CodeUri"] = UPLOADED
    packaged["Resources"]["CoreLayer"]["Properties"]["ContentUri"] = UPLOADED
    for stack in NESTED:
        packaged["Resources"][stack]["Properties"]["TemplateURL"] = UPLOADED
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # SAM asks boto3, which must have one
    return dict(transform(packaged, {}, _NoManagedPolicies()))


if __name__ == "__main__":
    json.dump(translated(), sys.stdout, indent=1)
