import boto3
import pytest

from scorecast.aws.secrets_manager import Secrets, SecretUnavailable, secrets_url
from scorecast.aws.signed_http import credentials
from scorecast.aws.signed_http.client import SignedHttp
from scorecast.protocol.limits import SECRET_CACHE_SECONDS
from tests.harness.connections_api import ConnectionsApi
from tests.harness.fakes import FakeClock

CURRENT, PREVIOUS = ("arn:jwt", "AWSCURRENT"), ("arn:jwt", "AWSPREVIOUS")
pytestmark = pytest.mark.usefixtures("aws")


@pytest.fixture
def system() -> FakeClock:
    return FakeClock()


@pytest.fixture
def secrets(connections_api: ConnectionsApi, system: FakeClock) -> Secrets:
    url = connections_api.endpoint.removesuffix("/live")
    return Secrets(
        SignedHttp(
            url, service="secretsmanager", region="us-east-1", credentials=credentials.current
        ),
        system,
    )


@pytest.mark.parametrize(
    "region", ["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1", "cn-northwest-1"]
)
def test_the_address_is_the_one_that_boto3_uses(region: str) -> None:
    assert secrets_url(region) == boto3.client("secretsmanager", region).meta.endpoint_url


def test_without_a_rotation_one_value_is_valid(
    secrets: Secrets, connections_api: ConnectionsApi
) -> None:
    connections_api.secrets[CURRENT] = "new"
    assert (secrets.current("arn:jwt"), secrets.valid("arn:jwt")) == ("new", ["new"])


def test_during_a_rotation_both_values_are_valid(
    secrets: Secrets, connections_api: ConnectionsApi
) -> None:
    connections_api.secrets |= {CURRENT: "new", PREVIOUS: "old"}
    assert secrets.valid("arn:jwt") == ["new", "old"]


def test_a_value_is_kept_for_some_minutes_and_then_asked_for_again(
    secrets: Secrets, connections_api: ConnectionsApi, system: FakeClock
) -> None:
    connections_api.secrets[CURRENT] = "old"
    secrets.current("arn:jwt")
    connections_api.secrets[CURRENT] = "new"
    system.sleep_ms(SECRET_CACHE_SECONDS * 1_000)
    assert secrets.current("arn:jwt") == "old"
    system.sleep_ms(1)
    assert secrets.current("arn:jwt") == "new"


def test_the_absence_of_a_previous_value_is_cached(
    secrets: Secrets, connections_api: ConnectionsApi
) -> None:
    connections_api.secrets[CURRENT] = "new"
    secrets.valid("arn:jwt")
    secrets.valid("arn:jwt")
    assert len(connections_api.requests) == 2


def test_a_secret_without_a_value_is_unavailable_and_its_name_is_not_revealed(
    secrets: Secrets,
) -> None:
    with pytest.raises(SecretUnavailable) as failure:
        secrets.current("arn:jwt")
    assert "arn:jwt" not in str(failure.value)


def test_a_secret_behind_a_dead_endpoint_is_unavailable(system: FakeClock) -> None:
    http = SignedHttp(
        "http://127.0.0.1:1",
        service="secretsmanager",
        region="us-east-1",
        credentials=credentials.current,
    )
    with pytest.raises(SecretUnavailable):
        Secrets(http, system).current("arn:jwt")
