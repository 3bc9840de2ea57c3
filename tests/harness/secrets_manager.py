"""Secrets Manager is not moto's part: the server of the connections answers for it."""

import pytest

from scorecast.wiring import clients
from tests.examples import SECRET
from tests.harness.connections_api import ConnectionsApi


def serve_secrets(
    api: ConnectionsApi,
    patch: pytest.MonkeyPatch,
    *,
    jwt: str = SECRET,
    ip: str = SECRET,
    edge: str = SECRET,
) -> None:
    """Have the wired part that reads secrets read these, wherever DynamoDB and SQS are."""
    for arn, value in (("arn:jwt", jwt), ("arn:ip", ip), ("arn:edge", edge)):
        api.secrets[arn, "AWSCURRENT"] = value
    with patch.context() as while_wired:
        while_wired.setenv("AWS_ENDPOINT_URL", api.secrets_url)
        clients.secrets()
