"""The stack under verification: its addresses, its settings, and tokens for it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scorecast_client.errors import ScorecastError
from scorecast_client.tokens import TokenSigner

if TYPE_CHECKING:
    from boto3.session import Session


class CannotVerify(ScorecastError):
    """The stack cannot be reached or read."""


@dataclass(frozen=True)
class Target:
    session: "Session"
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

    @property
    def page_url(self) -> str | None:
        """None if the stack does not host the page."""
        return self.outputs.get("PageUrl")

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
        stack = json.loads(path.read_text(encoding="utf-8"))
        keys, region, name = stack["aws"], stack["region"], stack["stack_name"]
        endpoint_url = stack["endpoint_url"]
    except OSError as error:
        raise CannotVerify(f"{path} cannot be read ({error.strerror}); is a stack up?") from error
    except ValueError as error:
        raise CannotVerify(f"{path} is not JSON: {error}.") from error
    except (KeyError, TypeError) as error:
        raise CannotVerify(f"{path} does not describe a stack: it has no {error}.") from error
    session = _session(region, **_credentials(keys))
    return of_stack(session, name, endpoint_url=endpoint_url)


def of_stack_name(name: str, *, region: str | None) -> Target:
    """A stack in AWS, with the credentials of the environment."""
    return of_stack(_session(region), name)


def of_stack(session: "Session", stack_name: str, *, endpoint_url: str | None = None) -> Target:
    from botocore.exceptions import BotoCoreError, ClientError, NoRegionError

    try:
        cloudformation = session.client("cloudformation", endpoint_url=endpoint_url)
        [stack] = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}
        if "JwtSecretArn" not in outputs:
            raise CannotVerify(f"{stack_name} takes an identity provider's tokens, not HS256.")
        secrets = session.client("secretsmanager", endpoint_url=endpoint_url)
        secret = secrets.get_secret_value(SecretId=outputs["JwtSecretArn"])["SecretString"]
    except NoRegionError as error:
        raise CannotVerify("No AWS region: give --region, or set AWS_DEFAULT_REGION.") from error
    except (BotoCoreError, ClientError) as error:
        raise CannotVerify(str(error)) from error
    given = {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}
    return Target(session, endpoint_url, outputs, given, secret)


def _session(region: str | None, **credentials: Any) -> "Session":
    from boto3.session import Session

    return Session(region_name=region, **credentials)


def _credentials(keys: Mapping[str, str]) -> dict[str, Any]:
    return {
        "aws_access_key_id": keys["access_key_id"],
        "aws_secret_access_key": keys["secret_access_key"],
    }
