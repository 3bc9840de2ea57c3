"""Rules that no scanner knows, over the translated template."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Final

import pytest

from infra.template import NESTED, nested
from tests.template.conftest import Resource, Resources, is_stream

OfType = Callable[[str], Resources]

EVERY_RESOURCE: Final = {
    "TelemetryPolicy": "X-Ray has no resources to name",
}
"""Policies that name no resource, each with its reason."""

SYNCHRONOUS_SECONDS_MAX: Final = 29
"""API Gateway waits no longer."""
NAMED_WITHIN_THE_STACK: Final = frozenset(
    {"AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Stage", "AWS::CloudWatch::Alarm"}
)
"""Their names are their API's; an alarm has none, but those of the metric that it watches."""
_SECRET_WORDS: Final = re.compile(r"secret|password|token|key|credential", re.IGNORECASE)
_ARN_OR_URL: Final = re.compile(r"(Arn|Url|Id|Algorithm|Claim)$")


def _policies(resources: Resources) -> Iterator[tuple[str, Any]]:
    for name, resource in resources.items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", []):
                yield name, policy["PolicyDocument"]
        elif resource["Type"] in ("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"):
            yield name, properties["PolicyDocument"]


def _statements(resources: Resources) -> Iterator[tuple[str, Resource]]:
    for name, document in _policies(resources):
        for statement in document["Statement"]:
            yield name, statement["Fn::If"][1] if "Fn::If" in statement else statement


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)


def test_no_action_has_a_star_and_nothing_is_allowed_by_exclusion(resources: Resources) -> None:
    for name, statement in _statements(resources):
        assert statement.keys() <= {"Effect", "Action", "Resource", "Condition", "Sid"}, name
        assert not [text for text in _texts(statement["Action"]) if "*" in text], name


def test_every_resource_is_named_but_where_there_is_a_reason(resources: Resources) -> None:
    unnamed = {
        name for name, statement in _statements(resources) if "*" in _texts(statement["Resource"])
    }
    assert unnamed == set(EVERY_RESOURCE)


def test_roles_are_taken_on_by_aws_services_only(resources: Resources) -> None:
    for name, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Role":
            for statement in resource["Properties"]["AssumeRolePolicyDocument"]["Statement"]:
                (principal,) = statement["Principal"].items()
                assert principal[0] == "Service", name
                assert all(each.endswith(".amazonaws.com") for each in _texts(principal[1])), name


def test_only_an_api_of_this_stack_may_call_a_function(of_type: OfType) -> None:
    for name, permission in of_type("AWS::Lambda::Permission").items():
        properties = permission["Properties"]
        assert properties["Principal"] == "apigateway.amazonaws.com", name
        source = str(properties["SourceArn"])
        assert re.search(r"\$\{(Socket|Http)(\.ApiId)?\}|'__ApiId__': {'Ref': 'Socket'}", source), (
            name
        )


def test_a_function_that_answers_a_client_gives_up_before_api_gateway(
    functions: Resources,
) -> None:
    for name in ("authorizer", "connect", "disconnect", "message", "api"):
        assert functions[name]["Timeout"] < SYNCHRONOUS_SECONDS_MAX, name


def test_every_table_can_go_back_and_is_encrypted(of_type: OfType) -> None:
    for name, table in of_type("AWS::DynamoDB::Table").items():
        properties = table["Properties"]
        assert properties["SSESpecification"] == {"SSEEnabled": True}, name
        assert "PointInTimeRecoverySpecification" in properties, name


def test_going_back_is_on_unless_it_is_turned_off(template: dict[str, Any]) -> None:
    assert template["Parameters"]["PointInTimeRecovery"]["Default"] == "true"


def test_every_queue_has_dead_letters_or_is_where_they_go(of_type: OfType) -> None:
    queues = of_type("AWS::SQS::Queue")
    dead = {
        queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for queue in queues.values()
        if "RedrivePolicy" in queue["Properties"]
    }
    without = {name for name, queue in queues.items() if "RedrivePolicy" not in queue["Properties"]}
    of_streams = {
        mapping["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
        for mapping in of_type("AWS::Lambda::EventSourceMapping").values()
        if is_stream(mapping["Properties"])
    }
    assert without == dead | of_streams and not dead & of_streams


def test_every_log_is_forgotten_some_day(of_type: OfType) -> None:
    for name, group in of_type("AWS::Logs::LogGroup").items():
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}, name


def test_access_logs_hold_no_query_string(of_type: OfType) -> None:
    for name, stage in of_type("AWS::ApiGatewayV2::Stage").items():
        text = json.dumps(stage["Properties"].get("AccessLogSettings", {}))
        assert not re.search("query|requestOverride|path|header|authorizer|identity", text), name


def test_every_stage_is_throttled(of_type: OfType) -> None:
    """What API Gateway lets through of itself is the account's whole quota."""
    for name, stage in of_type("AWS::ApiGatewayV2::Stage").items():
        properties = stage["Properties"]
        settings = [
            properties.get("DefaultRouteSettings", {}),
            *properties.get("RouteSettings", {}).values(),
        ]
        assert any("ThrottlingRateLimit" in each for each in settings), name


def test_no_parameter_carries_a_secret(template: dict[str, Any]) -> None:
    for name, parameter in template["Parameters"].items():
        if _SECRET_WORDS.search(name):
            assert _ARN_OR_URL.search(name), name
        assert not parameter.get("NoEcho"), f"{name}: a secret belongs into Secrets Manager"


def test_no_environment_carries_a_secret(functions: Resources) -> None:
    for function, properties in functions.items():
        for name, value in properties["Environment"]["Variables"].items():
            if _SECRET_WORDS.search(name):
                assert re.search("_(ARN|URL|ALGORITHM|CLAIM)$", name), (function, name)
            assert "{{resolve:" not in json.dumps(value), (function, name)


def test_secrets_are_made_by_aws_and_stand_nowhere(of_type: OfType) -> None:
    for name, secret in of_type("AWS::SecretsManager::Secret").items():
        assert "SecretString" not in secret["Properties"], name
        made = secret["Properties"]["GenerateSecretString"]
        assert made["PasswordLength"] >= 32, name


def test_a_second_stack_finds_no_name_taken(resources: Resources) -> None:
    stacks = [resources, *(nested(stack)["Resources"] for stack in NESTED)]
    for name, resource in chain.from_iterable(stack.items() for stack in stacks):
        if resource["Type"] not in NAMED_WITHIN_THE_STACK:
            for key, value in resource.get("Properties", {}).items():
                if key.endswith("Name"):
                    assert not isinstance(value, str), (name, key)
                    assert "StackName" in value.get("Fn::Sub", "StackName"), (name, key)


@pytest.mark.parametrize("kind", ["AWS::Lambda::Url", "AWS::EC2::SecurityGroup", "AWS::S3::Bucket"])
def test_there_is_no_other_way_in(of_type: OfType, kind: str) -> None:
    assert not of_type(kind)
