"""The requirements of a deployment, and how to fix each failure. Pure decisions."""

import difflib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from infra.cost import CALLS
from infra.preflight.account import NEW_CONNECTIONS_QUOTA, Account, Unknown
from infra.preflight.environments import Environment

HTTP_REQUESTS_PER_SECOND: Final = 1_000
"""What the template lets through to the HTTP API."""
EXECUTION_SECONDS_PER_CONNECT: Final = 0.1
"""authorizer, connect and welcome together, measured at 40 ms warm."""
EXECUTIONS_BESIDE: Final = 50
"""Of messages, flushes and fan-outs, while many connect."""
EXECUTIONS_UNRESERVED: Final = 100
"""What Lambda leaves to the functions without a reservation."""
RESERVATIONS: Final = tuple(
    f"{name}Concurrency" for name in ("Authorizer", "Connect", "Flush", "Fanout", "Sweep", "Api")
)
WRITE_UNITS_PER_CONNECT: Final = sum(
    CALLS[operation].write_units for operation in ("connect", "welcome", "disconnect")
)
CHANGING: Final = "_IN_PROGRESS"
NEVER_CREATED: Final = frozenset({"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"})
STUCK: Final = frozenset({"UPDATE_ROLLBACK_FAILED", "DELETE_FAILED"})


class Result(StrEnum):
    OK = "ok"
    FAILED = "FAILED"
    UNKNOWN = "unknown"
    """It could not be read. The deployment may work."""


@dataclass(frozen=True)
class Finding:
    check: str
    result: Result
    found: str
    to_do: str = ""


def check(environment: Environment, account: Account, known: Mapping[str, Any]) -> list[Finding]:
    """`known` are the template's parameters."""
    defaults = {name: str(each["Default"]) for name, each in known.items()}
    values = {**defaults, **environment.parameters}
    return [
        _credentials(account),
        *_parameters(environment, known),
        _architecture(environment, values),
        _keys(values),
        _stack(environment, account),
        _access_logs(values, account),
        _requests(values, account),
        _new_connections(values, account),
        _concurrency(values, account),
        _write_units(values, account),
    ]


def _credentials(account: Account) -> Finding:
    if isinstance(account.caller, Unknown):
        return Finding(
            "credentials",
            Result.FAILED,
            account.caller.why,
            "Sign in: set AWS_PROFILE, or run aws sso login, or export temporary credentials.",
        )
    return Finding("credentials", Result.OK, account.caller)


def _parameters(environment: Environment, known: Mapping[str, Any]) -> Iterator[Finding]:
    for name, value in environment.parameters.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {near[0]}?" if near else "Remove it from samconfig.toml."
            yield Finding("parameters", Result.FAILED, f"template.yaml has no {name}", hint)
            continue
        allowed = [str(value) for value in known[name].get("AllowedValues", [])]
        if allowed and value not in allowed:
            to_do = f"Use one of {', '.join(allowed)}."
            yield Finding("parameters", Result.FAILED, f"{name}={value}", to_do)


def _architecture(environment: Environment, values: Mapping[str, str]) -> Finding:
    built, deployed = environment.built_for or values["Architecture"], values["Architecture"]
    if built != deployed:
        return Finding(
            "architecture",
            Result.FAILED,
            f"built for {built}, deployed for {deployed}",
            f"Set Architecture once, under [{environment.name}.global.parameters].",
        )
    return Finding("architecture", Result.OK, deployed)


def _keys(values: Mapping[str, str]) -> Finding:
    algorithm, url = values["JwtAlgorithm"], values["JwksUrl"]
    missing = [name for name in ("JwksUrl", "JwtIssuer", "JwtAudience") if not values[name]]
    if algorithm != "HS256" and missing:
        found = f"{algorithm} without {', '.join(missing)}"
        return Finding("token keys", Result.FAILED, found, "Set them to the provider's.")
    return Finding("token keys", Result.OK, url or values["JwtSecretArn"] or "a new secret")


def _stack(environment: Environment, account: Account) -> Finding:
    status = account.stack_status
    undeploy = f"Run make undeploy ENV={environment.name}, then deploy again."
    match status:
        case Unknown():
            return _unknown("stack", status, "cloudformation:DescribeStacks")
        case None:
            return Finding("stack", Result.OK, f"{environment.stack_name} will be created")
        case str() if status in NEVER_CREATED:
            kept = "Tables and secrets that ProtectData has kept are deleted by hand."
            found = f"the first creation failed: {status}"
            return Finding("stack", Result.FAILED, found, f"{undeploy} {kept}")
        case str() if status in STUCK:
            to_do = "See the stack's events in CloudFormation: they name what needs help."
            return Finding("stack", Result.FAILED, status, to_do)
        case str() if status.endswith(CHANGING):
            to_do = "Another deployment is running: wait for it."
            return Finding("stack", Result.FAILED, status, to_do)
    return Finding("stack", Result.OK, f"{environment.stack_name} will be updated ({status})")


def _access_logs(values: Mapping[str, str], account: Account) -> Finding:
    if values["AccessLogs"] != "true":
        return Finding("access logs", Result.OK, "off")
    role, creates = account.logs_role, values["GatewayLogRole"] == "true"
    if isinstance(role, Unknown):
        return _unknown("access logs", role, "apigateway:GET on /account")
    if role and creates and account.stack_status is None:
        found = f"the account has {role}, which this stack would replace"
        return Finding("access logs", Result.FAILED, found, "Set GatewayLogRole=false.")
    if not role and not creates:
        return Finding(
            "access logs",
            Result.FAILED,
            "API Gateway has no role for writing logs in this account and region",
            "Set GatewayLogRole=true, which creates one, or AccessLogs=false.",
        )
    return Finding("access logs", Result.OK, role or "the stack creates the role")


def _requests(values: Mapping[str, str], account: Account) -> Finding:
    posts, connects = int(values["PostsPerSecondBudget"]), int(values["ConnectsPerSecondBudget"])
    return _quota(
        "requests a second",
        account.requests_per_second,
        posts + connects + HTTP_REQUESTS_PER_SECOND,
        "Lower PostsPerSecondBudget by the difference, or ask for API Gateway's throttle quota.",
        permission="apigateway:GET on /account",
    )


def _new_connections(values: Mapping[str, str], account: Account) -> Finding:
    return _quota(
        "new connections a second",
        account.new_connections_per_second,
        int(values["ConnectsPerSecondBudget"]),
        f"Lower ConnectsPerSecondBudget, or ask for quota {NEW_CONNECTIONS_QUOTA} of API Gateway.",
        permission="servicequotas:GetServiceQuota",
    )


def _concurrency(values: Mapping[str, str], account: Account) -> Finding:
    connecting = int(values["ConnectsPerSecondBudget"]) * EXECUTION_SECONDS_PER_CONNECT
    reserved = sum(int(values[name]) for name in RESERVATIONS)
    return _quota(
        "Lambda executions at once",
        account.concurrent_executions,
        max(math.ceil(connecting) + EXECUTIONS_BESIDE, reserved + EXECUTIONS_UNRESERVED),
        "New accounts start with 10: ask for Lambda's quota Concurrent executions (1,000), "
        "or lower ConnectsPerSecondBudget.",
        permission="lambda:GetAccountSettings",
    )


def _write_units(values: Mapping[str, str], account: Account) -> Finding:
    return _quota(
        "write units a second",
        account.table_write_units,
        max(
            int(values["ConnectsPerSecondBudget"]) * WRITE_UNITS_PER_CONNECT,
            int(values["WarmWriteUnits"]),
        ),
        "Lower ConnectsPerSecondBudget or WarmWriteUnits, or ask for the table's write quota.",
        permission="dynamodb:DescribeLimits",
    )


def _quota(
    name: str, granted: float | Unknown, needed: float, to_do: str, *, permission: str
) -> Finding:
    if isinstance(granted, Unknown):
        return _unknown(name, granted, permission)
    found = f"{granted:,.0f} granted, {needed:,.0f} needed"
    if granted < needed:
        return Finding(name, Result.FAILED, found, to_do)
    return Finding(name, Result.OK, found)


def _unknown(name: str, unknown: Unknown, permission: str) -> Finding:
    return Finding(name, Result.UNKNOWN, unknown.why, f"To check it, allow {permission}.")
