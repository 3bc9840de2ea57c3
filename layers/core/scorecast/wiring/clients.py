"""Clients of AWS and of other services, with time-outs and retries that a function can afford."""

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from scorecast.protocol.limits import BATCH_RECORDS_MAX, POSTS_IN_FLIGHT_MAX
from scorecast.runtime import settings as of
from scorecast.wiring import host

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

    from scorecast.aws.cell_directory import CellDirectory
    from scorecast.aws.gateway import Gateway
    from scorecast.aws.jwks import Verifier
    from scorecast.aws.secrets_manager import Secrets
    from scorecast.aws.signed_http.client import SignedHttp


def _config(attempts_max: int) -> Any:
    from botocore.config import Config

    return Config(
        retries={"mode": "standard", "total_max_attempts": attempts_max},
        connect_timeout=1,
        read_timeout=2,
        max_pool_connections=BATCH_RECORDS_MAX,
        tcp_keepalive=True,
    )


@cache
def dynamodb(attempts_max: int) -> "DynamoDBClient":
    import boto3

    return boto3.client("dynamodb", config=_config(attempts_max))


@cache
def sqs(attempts_max: int = 3) -> "SQSClient":
    import boto3

    return boto3.client("sqs", config=_config(attempts_max))


@cache
def events() -> Any:
    import boto3

    return boto3.client("events", config=_config(2))


def _signed_http(url: str, service: str) -> "SignedHttp":
    from scorecast.aws.signed_http import credentials
    from scorecast.aws.signed_http.client import SignedHttp

    region = os.environ["AWS_REGION"]
    return SignedHttp(url, service=service, region=region, credentials=credentials.current)


@cache
def secrets() -> "Secrets":
    from scorecast.aws.secrets_manager import Secrets, secrets_url

    url = os.environ.get("AWS_ENDPOINT_URL") or secrets_url(os.environ["AWS_REGION"])
    return Secrets(_signed_http(url, "secretsmanager"), host.system())


@cache
def gateway(settings: of.GatewaySettings) -> "Gateway":
    from scorecast.aws.gateway import ApiGateway

    http = _signed_http(settings.gateway_endpoint, "execute-api")
    return ApiGateway(http, posts_in_flight_max=POSTS_IN_FLIGHT_MAX)


@cache
def verifier(settings: of.TokenSettings) -> "Verifier":
    from scorecast.aws.jwks import KeySet, Verifier
    from scorecast.domain.connections.tokens import SYMMETRIC

    algorithm, is_local = settings.jwt_algorithm, "AWS_ENDPOINT_URL" in os.environ
    key_set = None
    if algorithm != SYMMETRIC:
        key_set = KeySet(settings.jwks_url, algorithm, may_be_http=is_local)
    return Verifier(settings, secrets(), key_set, host.system())


@cache
def cell_directory() -> "CellDirectory":
    from scorecast.aws.cell_directory import CellDirectory

    return CellDirectory(may_be_http="AWS_ENDPOINT_URL" in os.environ)
