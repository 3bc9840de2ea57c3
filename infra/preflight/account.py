"""The state of the AWS account, read before anything is built or created. Nothing is changed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

NEW_CONNECTIONS_QUOTA: Final = "L-9ED1E49A"
"""Service Quotas' code: new WebSocket connections per second."""
QUICKLY: Final = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 2})


@dataclass(frozen=True)
class Unknown:
    """A fact that could not be read."""

    why: str


@dataclass(frozen=True)
class Account:
    caller: str | Unknown
    stack_status: str | Unknown | None
    """None: there is no such stack."""
    logs_role: str | Unknown | None
    """The role with which API Gateway writes access logs, for the whole account."""
    requests_per_second: float | Unknown
    """Of all APIs, posts to connections included."""
    new_connections_per_second: float | Unknown
    concurrent_executions: int | Unknown
    table_write_units: int | Unknown


def read_account(session: Session, *, stack_name: str) -> Account:
    def ask(service: str, question: Callable[[Any], Any]) -> Any:
        try:
            return question(session.client(service, config=QUICKLY))  # type: ignore[call-overload]
        except (BotoCoreError, ClientError) as error:
            return Unknown(str(error))

    gateway = ask("apigateway", lambda client: client.get_account())
    return Account(
        caller=ask("sts", lambda client: client.get_caller_identity()["Arn"]),
        stack_status=ask("cloudformation", lambda client: _stack_status(client, stack_name)),
        logs_role=_member(gateway, lambda found: found.get("cloudwatchRoleArn")),
        requests_per_second=_member(gateway, lambda found: found["throttleSettings"]["rateLimit"]),
        new_connections_per_second=ask("service-quotas", _new_connections_per_second),
        concurrent_executions=ask(
            "lambda",
            lambda client: client.get_account_settings()["AccountLimit"]["ConcurrentExecutions"],
        ),
        table_write_units=ask(
            "dynamodb", lambda client: client.describe_limits()["TableMaxWriteCapacityUnits"]
        ),
    )


def _stack_status(cloudformation: Any, stack_name: str) -> str | None:
    try:
        found = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":  # there is no such stack
            return None
        raise
    return str(found[0]["StackStatus"])


def _new_connections_per_second(quotas: Any) -> float:
    asked = {"ServiceCode": "apigateway", "QuotaCode": NEW_CONNECTIONS_QUOTA}
    try:
        found = quotas.get_service_quota(**asked)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchResourceException":
            raise
        found = quotas.get_aws_default_service_quota(**asked)  # it was never changed
    return float(found["Quota"]["Value"])


def _member(found: Any, of: Callable[[Any], Any]) -> Any:
    if isinstance(found, Unknown):
        return found
    try:
        return of(found)
    except KeyError as missing:
        return Unknown(f"the answer has no {missing}")
