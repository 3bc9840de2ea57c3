"""The parameters' names and defaults are part of the interface; the environments use them."""

import tomllib
from typing import Any, Final

import pytest

from infra.local.deploy import BUCKET
from infra.local.parameters import DIFFERENT, FIXED
from infra.local.paths import ROOT
from scorecast.protocol.limits import SLOTS_PER_ITEM

DEFAULTS: Final = {
    "ConnectionsPerUser": 3,
    "ConnectionsPerIp": 10,
    "RoomCapacity": 2000,
    "RoomsPerConnection": 10,
    "ConnectionLimitPolicy": "reject",
    "MessageBytesMax": 16384,
    "MessagesPerSecondPerUser": 10,
    "MessageBurstPerUser": 20,
    "MessagesPerSecondPerIp": 20,
    "MessageBurstPerIp": 40,
    "HeartbeatIntervalSeconds": 25,
    "HeartbeatTimeoutSeconds": 50,
    "CoalesceWindowMs": 100,
    "CoalesceMaxWaitMs": 250,
    "PostsPerSecondBudget": 8000,
    "ConnectsPerSecondBudget": 400,
    "AllowedOrigins": "",
    "RequireOrigin": "false",
    "AllowAnonymous": "false",
    "PublishUserIds": "false",
    "JwtAlgorithm": "HS256",
    "JwtSecretArn": "",
    "JwksUrl": "",
    "JwtIssuer": "",
    "JwtAudience": "",
    "JwtUserClaim": "sub",
    "JwtRoleClaim": "role",
    "Architecture": "arm64",
    "LogLevel": "INFO",
    "LogRetentionDays": 30,
    "EventLogDays": 7,
    "HistoryDays": 365,
    "EventBusName": "",
    "PublishScores": "false",
}


@pytest.fixture(scope="module")
def environments() -> dict[str, Any]:
    return tomllib.loads((ROOT / "samconfig.toml").read_text())


def overrides(environment: dict[str, Any]) -> dict[str, str]:
    words = environment["global"]["parameters"].get("parameter_overrides", [])
    return dict(word.split("=", 1) for word in words)


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_parameter_has_its_default(name: str, template: dict[str, Any]) -> None:
    assert template["Parameters"][name]["Default"] == DEFAULTS[name]


@pytest.mark.parametrize("name", ["ConnectionsPerUser", "ConnectionsPerIp"])
def test_a_handshake_can_name_every_item_that_may_have_a_free_slot(
    name: str, template: dict[str, Any]
) -> None:
    """It lists their keys: those of a billion connections would take all of a function's memory."""
    assert template["Parameters"][name]["MaxValue"] <= 400 * SLOTS_PER_ITEM


def test_a_stack_can_be_deployed_without_a_single_parameter(template: dict[str, Any]) -> None:
    for name, parameter in template["Parameters"].items():
        assert "Default" in parameter, name


@pytest.mark.parametrize("name", ["local", "dev", "staging", "prod"])
def test_an_environment_names_parameters_that_exist(
    name: str, environments: dict[str, Any], template: dict[str, Any]
) -> None:
    assert set(overrides(environments[name])) <= set(template["Parameters"])


def test_production_keeps_its_data_its_logs_and_its_traces(environments: dict[str, Any]) -> None:
    chosen = overrides(environments["prod"])
    assert chosen["ProtectData"] == "true"
    assert chosen["PointInTimeRecovery"] == "true"
    assert chosen["Tracing"] == "Active"
    assert int(chosen["LogRetentionDays"]) >= 365


def test_the_local_cloud_agrees_with_the_template(
    environments: dict[str, Any], template: dict[str, Any]
) -> None:
    assert {*DIFFERENT, *FIXED} <= set(template["Parameters"])
    assert environments["local"]["deploy"]["parameters"]["s3_bucket"] == BUCKET
