"""The policy for deploying: what CloudFormation's handlers call for our resources, and no more."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Final

import cfnlint
import pytest

from infra import template
from infra.local.paths import ROOT

POLICY: Final = json.loads((ROOT / "infra" / "deployer-policy.json").read_text())
INLINE_CHARACTERS_MAX: Final = 10_240
"""Of a role's inline policies, white space not counted."""
SCHEMAS: Final = Path(cfnlint.__file__).parent / "data" / "schemas"
"""AWS's own, which name each handler's permissions."""
COMMANDS: Final = (
    # preflight
    "lambda:GetAccountSettings",
    "dynamodb:DescribeLimits",
    "servicequotas:GetServiceQuota",
    "servicequotas:GetAWSDefaultServiceQuota",
    # sam deploy and sam delete
    "cloudformation:CreateChangeSet",
    "cloudformation:DescribeChangeSet",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DescribeStackEvents",
    "cloudformation:GetTemplateSummary",
    "cloudformation:ListStackResources",
    # the page's files; python -m infra.deny
    "s3:PutObject",
    "cloudformation:DescribeStackResource",
    # verify
    "execute-api:ManageConnections",
)
UNUSED: Final = (
    # of functions in a network, with code signing, a file system, or instances of their own
    *("ec2:*", "elasticfilesystem:*", "s3files:*", "payments:*"),
    *("lambda:[PD]*CodeSigningConfig", "lambda:PutFunctionScalingConfig", "lambda:PublishVersion"),
    *("lambda:PassCapacityProvider", "lambda:AssociateRuntimeAlias"),
    # of tables with replicas, imports, streams into Kinesis; and the data of the tables
    *(
        "kinesis:*",
        "dynamodb:*Replica",
        "dynamodb:*Import*",
        "dynamodb:[!D]*Kinesis*",
        "dynamodb:DisableKinesis*",
    ),
    *("dynamodb:*Item", "dynamodb:Query", "dynamodb:Scan", "dynamodb:[PD]*ResourcePolicy"),
    # of buckets that replicate, log or feed tables
    *("firehose:*", "s3tables:*", "s3:*Acl", "s3:Update*", "s3:REST*", "s3:getObject"),
    "s3:GetObjectMetadata",
    # of keys, protection, indexes and entries of logs
    *(
        "logs:*KmsKey",
        "logs:[PD]*DataProtectionPolicy",
        "logs:[PD]*IndexPolicy",
        "logs:PutLogEvents",
    ),
    *("logs:PutBearerTokenAuthentication", "logs:PutLogGroupDeletionProtection"),
    "logs:CreateLogStream",
    # of distributions for tenants or for staging, in a network
    *("cloudfront:*ConnectionGroup", "cloudfront:GetVpcOrigin", "cloudfront:*WithStagingConfig"),
    # of policies for users, groups and with boundaries; of secrets with replicas
    *("iam:*GroupPolicy", "iam:*UserPolicy", "iam:*PermissionsBoundary"),
    *("secretsmanager:Re*Region*", "kms:Encrypt", "kms:RevokeGrant", "kms:ListAliases"),
)
UNSCOPED: Final = {"Asked", "EventSources", "AccessLogs", "Page", "ListNames"}
"""Of which AWS takes no name that is known before, or none at all."""


def allowed() -> set[str]:
    return {action for statement in POLICY["Statement"] for action in statement["Action"]}


@cache
def needed() -> frozenset[str]:
    return frozenset(COMMANDS) | {
        action
        for kind in kinds()
        for action in permissions(kind)
        if not any(fnmatchcase(action, pattern) for pattern in UNUSED)
    }


def kinds() -> set[str]:
    """Of every resource, in the nested stacks too."""
    templates = [template.translated(), *(template.nested(name) for name in template.NESTED)]
    return {each["Type"] for one in templates for each in one["Resources"].values()}


def permissions(kind: str) -> Iterator[str]:
    for name, handler in schema(kind)["handlers"].items():
        if name != "list":
            yield from handler["permissions"]


@cache
def schema(kind: str) -> dict[str, Any]:
    files = json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text())
    return dict(json.loads((SCHEMAS / "resources" / f"{files[kind]}.json").read_text()))


def test_everything_that_a_deployment_calls_is_allowed() -> None:
    patterns = allowed()
    missing = [
        each for each in needed() if not any(fnmatchcase(each, pattern) for pattern in patterns)
    ]
    assert sorted(missing) == []


def test_nothing_is_allowed_that_no_deployment_calls() -> None:
    idle = [
        pattern for pattern in allowed() if not any(fnmatchcase(each, pattern) for each in needed())
    ]
    assert sorted(idle) == []


@pytest.mark.parametrize("statement", POLICY["Statement"], ids=lambda each: each["Sid"])
def test_a_statement_is_of_our_own_resources_where_aws_lets_it(statement: dict[str, Any]) -> None:
    assert statement["Effect"] == "Allow"
    assert not {"*", f"{statement['Action'][0].split(':')[0]}:*"} & set(statement["Action"])
    assert (statement["Resource"] == "*") == (statement["Sid"] in UNSCOPED)


def test_roles_are_passed_to_three_services_and_are_ours() -> None:
    [passing] = [each for each in POLICY["Statement"] if "iam:PassRole" in each["Action"]]
    assert passing["Action"] == ["iam:PassRole"]
    assert passing["Resource"] == "arn:aws:iam::*:role/scorecast-*"
    services = passing["Condition"]["StringEquals"]["iam:PassedToService"]
    assert services == [f"{each}.amazonaws.com" for each in ("apigateway", "lambda", "scheduler")]


def test_the_policy_fits_into_a_role() -> None:
    assert len(json.dumps(POLICY, separators=(",", ":"))) <= INLINE_CHARACTERS_MAX
