"""The template as CloudFormation gets it: translated by SAM, with nothing of SAM left.

Scanners see more in it: what SAM hides in a function's `Policies` is a role's then.
"""

import json
import os
from typing import Any, Final

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from infra.local.parameters import TEMPLATE

UPLOADED: Final = "s3://bucket/key"
"""In place of the code that `sam deploy` uploads before it translates."""


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def written() -> dict[str, Any]:
    """The template as it is written."""
    return dict(yaml_parse(TEMPLATE.read_text()))


def translated() -> dict[str, Any]:
    packaged = json.loads(json.dumps(written()))
    packaged["Globals"]["Function"]["CodeUri"] = UPLOADED
    packaged["Resources"]["CoreLayer"]["Properties"]["ContentUri"] = UPLOADED
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")  # SAM asks boto3, which must have one
    return dict(transform(packaged, {}, _NoManagedPolicies()))
