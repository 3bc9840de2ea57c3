"""The stack under verification: its addresses, its settings, and tokens for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from boto3.session import Session
from botocore.exceptions import BotoCoreError, ClientError

from infra.local.aws import LocalAws
from scorecast_client.tokens import TokenSigner


class CannotVerify(Exception):
    """The stack cannot be reached or read."""


@dataclass(frozen=True)
class Target:
    session: Session
    endpoint_url: str | None
    """Of AWS's services; None for AWS itself."""
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    secret: str

    @property
    def is_aws(self) -> bool:
        return self.endpoint_url is None

    @property
    def ws_url(self) -> str:
        return self.outputs["SocketUrl"]

    @property
    def http_url(self) -> str:
        return self.outputs["HttpUrl"]

    def number(self, parameter: str) -> int:
        return int(self.parameters[parameter])

    def token(self, user_id: str, *, role: str | None = None, minutes: float = 30) -> str:
        return self._signer.token(user_id, now=datetime.now(UTC), minutes=minutes, role=role)

    @cached_property
    def connections(self) -> Any:
        """The API for server-side connection management, `@connections`."""
        url = "http" + self.ws_url.removeprefix("ws")
        return self.session.client("apigatewaymanagementapi", endpoint_url=url)

    @cached_property
    def _signer(self) -> TokenSigner:
        return TokenSigner(
            self.secret,
            issuer=self.parameters["JwtIssuer"] or None,
            audience=self.parameters["JwtAudience"] or None,
        )


def of_stack_file(path: Path) -> Target:
    """A stack in the local cloud."""
    try:
        stack = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise CannotVerify(f"{path} cannot be read: {error}") from error
    aws = LocalAws.of(stack)
    session = Session(aws.access_key_id, aws.secret_access_key, region_name=stack["region"])
    return of_stack(session, stack["stack_name"], endpoint_url=aws.endpoint_url)


def of_stack(session: Session, stack_name: str, *, endpoint_url: str | None = None) -> Target:
    try:
        cloudformation = session.client("cloudformation", endpoint_url=endpoint_url)
        [stack] = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        if "JwtSecretArn" not in outputs:
            raise CannotVerify(f"{stack_name} takes an identity provider's tokens, not HS256.")
        secrets = session.client("secretsmanager", endpoint_url=endpoint_url)
        secret = secrets.get_secret_value(SecretId=outputs["JwtSecretArn"])["SecretString"]
    except (BotoCoreError, ClientError) as error:
        raise CannotVerify(str(error)) from error
    given = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    return Target(session, endpoint_url, outputs, given, secret)
