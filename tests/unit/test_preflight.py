"""What stops a deployment before it has begun, each check failing once."""

import json
from dataclasses import replace
from typing import Any

import pytest

from infra import template
from infra.preflight import __main__ as command
from infra.preflight.account import Account, Unknown
from infra.preflight.checks import Finding, Result, check
from infra.preflight.environments import Environment, UnknownEnvironment, read_environment

ENVIRONMENT = Environment("dev", stack_name="scorecast-dev", region="eu-central-1")
ACCOUNT = Account(
    caller="arn:aws:iam::111122223333:user/ann",
    stack_status=None,
    logs_role=None,
    requests_per_second=10_000,
    new_connections_per_second=500,
    concurrent_executions=1_000,
    table_write_units=40_000,
)
DENIED = Unknown("not authorized")
QUOTAS = (
    "requests_per_second",
    "new_connections_per_second",
    "concurrent_executions",
    "table_write_units",
)


def findings(environment: Environment = ENVIRONMENT, account: Account = ACCOUNT) -> list[Finding]:
    return check(environment, account, template.written()["Parameters"])


def failed(environment: Environment = ENVIRONMENT, account: Account = ACCOUNT) -> list[Finding]:
    return [each for each in findings(environment, account) if each.result is Result.FAILED]


def only_failure(environment: Environment = ENVIRONMENT, account: Account = ACCOUNT) -> Finding:
    [finding] = failed(environment, account)
    assert finding.to_do
    return finding


def test_the_defaults_fit_an_account_with_the_usual_quotas() -> None:
    assert {each.result for each in findings()} == {Result.OK}


def test_a_caller_who_is_not_signed_in_learns_how() -> None:
    finding = only_failure(account=replace(ACCOUNT, caller=Unknown("ExpiredToken")))
    assert (finding.check, "aws sso login" in finding.to_do) == ("credentials", True)


@pytest.mark.parametrize(
    ("overrides", "found", "to_do"),
    [
        ({"RoomCapasity": "5"}, "no RoomCapasity", "RoomCapacity"),
        ({"Zzz": "5"}, "no Zzz", "Remove it"),
        ({"Tracing": "on"}, "Tracing=on", "Active, PassThrough"),
        ({"JwtAlgorithm": "RS256"}, "without JwksUrl, JwtIssuer, JwtAudience", "provider's"),
        ({"WarmWriteUnits": "50000"}, "40,000 granted, 50,000 needed", "WarmWriteUnits"),
        ({"ApiConcurrency": "950"}, "needed", "Concurrent executions"),
        ({"AccessLogs": "true"}, "no role for writing logs", "GatewayLogRole=true"),
        ({"PostsPerSecondBudget": "9000"}, "10,000 granted, 10,400 needed", "throttle quota"),
        ({"ConnectsPerSecondBudget": "501"}, "500 granted, 501 needed", "L-9ED1E49A"),
    ],
)
def test_a_parameter_that_cannot_work_is_named(
    overrides: dict[str, str], found: str, to_do: str
) -> None:
    finding = only_failure(replace(ENVIRONMENT, parameters=overrides))
    assert found in finding.found
    assert to_do in finding.to_do


def test_a_role_for_logs_that_the_stack_creates_is_not_missed() -> None:
    logging = {"AccessLogs": "true", "GatewayLogRole": "true"}
    assert failed(replace(ENVIRONMENT, parameters=logging)) == []


def test_a_role_of_the_account_is_not_replaced() -> None:
    logging = {"AccessLogs": "true", "GatewayLogRole": "true"}
    environment = replace(ENVIRONMENT, parameters=logging)
    owned = replace(ACCOUNT, logs_role="arn:role")
    assert "would replace" in only_failure(environment, owned).found
    assert failed(environment, replace(owned, stack_status="UPDATE_COMPLETE")) == []
    assert failed(environment, ACCOUNT) == []


def test_two_architectures_are_named() -> None:
    both = replace(ENVIRONMENT, built_for="x86_64", parameters={"Architecture": "arm64"})
    assert "built for x86_64, deployed for arm64" in only_failure(both).found
    assert failed(replace(both, parameters={"Architecture": "x86_64"})) == []


@pytest.mark.parametrize(
    ("status", "to_do"),
    [
        ("ROLLBACK_COMPLETE", "make undeploy ENV=dev"),
        ("UPDATE_ROLLBACK_FAILED", "events"),
        ("UPDATE_IN_PROGRESS", "wait"),
    ],
)
def test_a_stack_that_cannot_be_updated_is_named(status: str, to_do: str) -> None:
    finding = only_failure(account=replace(ACCOUNT, stack_status=status))
    assert status in finding.found
    assert to_do in finding.to_do


def test_a_stack_that_can_be_updated_passes() -> None:
    assert failed(account=replace(ACCOUNT, stack_status="UPDATE_ROLLBACK_COMPLETE")) == []


@pytest.mark.parametrize("quota", QUOTAS)
def test_each_quota_is_compared_with_the_budgets(quota: str) -> None:
    small: dict[str, Any] = {quota: 10}
    assert "needed" in only_failure(account=replace(ACCOUNT, **small)).found


@pytest.mark.parametrize("fact", [*QUOTAS, "stack_status", "logs_role"])
def test_what_cannot_be_read_is_unknown_and_names_the_permission(fact: str) -> None:
    logging = replace(ENVIRONMENT, parameters={"AccessLogs": "true"})
    account = replace(ACCOUNT, logs_role="arn:role")
    denied: dict[str, Any] = {fact: DENIED}
    found = findings(logging, replace(account, **denied))
    [unknown] = [each for each in found if each.result is not Result.OK]
    assert (unknown.result, unknown.found) == (Result.UNKNOWN, "not authorized")
    assert unknown.to_do.startswith("To check it, allow ")


def test_an_environment_has_what_build_deploy_and_delete_share() -> None:
    prod = read_environment("prod")
    assert prod.stack_name == "scorecast-prod"
    assert prod.parameters["ProtectData"] == "true"


@pytest.mark.parametrize("name", ["nonsense", "version", "local", ""])
def test_an_unknown_environment_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownEnvironment, match=r"samconfig.toml has dev, prod, staging\."):
        read_environment(name)


def test_a_missing_region_is_named_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    assert command.main(["dev", "--known-only"]) == 2
    assert "No AWS region: set AWS_DEFAULT_REGION" in capsys.readouterr().err

    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert command.main(["dev", "--known-only"]) == 0


@pytest.mark.parametrize(("status", "code"), [(None, 0), ("ROLLBACK_COMPLETE", 1)])
def test_the_exit_code_says_whether_a_check_has_failed(
    status: str | None,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    account = replace(ACCOUNT, stack_status=status)
    monkeypatch.setattr(command, "read_account", lambda session, stack_name: account)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")

    assert command.main(["dev"]) == code
    assert ("-> Run make undeploy ENV=dev" in capsys.readouterr().out) == bool(code)

    assert command.main(["dev", "--json"]) == code
    published = json.loads(capsys.readouterr().out)
    assert [each["check"] for each in published if each["result"] == "FAILED"] == ["stack"] * code
