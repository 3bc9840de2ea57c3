"""What another web page, or another program without the key, can do to the local cloud: nothing."""

import stat
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx
import pytest
from botocore.exceptions import ClientError
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from infra.local.aws import LocalAws
from tests.e2e.deployed import PATHS, Deployed

EVIL = "https://evil.example"


@pytest.fixture
def cloud(deployed: Deployed) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=deployed.description["endpoint_url"], timeout=30) as client:
        yield client


def read_secrets(signed_by: str | None) -> httpx.Request:
    credential = f"Credential={signed_by}/20260101/us-east-1/secretsmanager/aws4_request"
    return httpx.Request(
        "POST",
        "/",
        json={},
        headers={
            "X-Amz-Target": "secretsmanager.ListSecrets",
            "Content-Type": "application/x-amz-json-1.1",
            **({"Authorization": f"AWS4-HMAC-SHA256 {credential}"} if signed_by else {}),
        },
    )


def sent(cloud: httpx.Client, request: httpx.Request, **headers: str) -> httpx.Response:
    """The request as given, and with more headers."""
    return cloud.request(
        request.method,
        str(request.url),
        content=request.read(),
        headers={**request.headers, "Host": cloud.base_url.netloc.decode(), **headers},
    )


def test_the_key_of_the_stack_file_reads_secrets(cloud: httpx.Client, deployed: Deployed) -> None:
    assert deployed.aws.client("secretsmanager").list_secrets()["SecretList"]
    answer = sent(cloud, read_secrets(deployed.aws.access_key_id))
    assert (answer.status_code, "SecretList" in answer.text) == (HTTPStatus.OK, True)


@pytest.mark.parametrize("key", [None, "test", "000000000000", "AKIAIOSFODNN7EXAMPLE"])
def test_no_other_key_reads_secrets(cloud: httpx.Client, key: str | None) -> None:
    answer = sent(cloud, read_secrets(key))
    assert (answer.status_code, "SecretList" in answer.text) == (HTTPStatus.FORBIDDEN, False)


@pytest.mark.parametrize("origin", [EVIL, "null", "http://127.0.0.1:8080"])
def test_no_page_reads_secrets_even_with_the_key(
    cloud: httpx.Client, deployed: Deployed, origin: str
) -> None:
    answer = sent(cloud, read_secrets(deployed.aws.access_key_id), Origin=origin)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert "access-control-allow-origin" not in answer.headers


def test_no_page_gets_leave_to_send_a_signature(cloud: httpx.Client) -> None:
    preflight = cloud.options(
        "/", headers={"Origin": EVIL, "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status_code == HTTPStatus.FORBIDDEN
    assert "access-control-allow-origin" not in preflight.headers


def test_a_rebound_name_reads_nothing(cloud: httpx.Client, deployed: Deployed) -> None:
    port = cloud.base_url.port
    for host in ("evil.example", f"evil.example:{port}"):
        answer = sent(cloud, read_secrets(deployed.aws.access_key_id), Host=host)
        assert answer.status_code == HTTPStatus.FORBIDDEN
        answer = httpx.get(f"{deployed.stack.http_url}/openapi.json", headers={"Host": host})
        assert answer.status_code == HTTPStatus.FORBIDDEN


def test_without_the_key_no_function_can_be_created(deployed: Deployed) -> None:
    stranger = LocalAws(deployed.description["endpoint_url"]).client("lambda")
    with pytest.raises(ClientError) as refused:
        stranger.create_function(
            FunctionName="evil",
            Role="arn:aws:iam::000000000000:role/evil",
            Runtime="python3.13",
            Handler="evil.handler",
            Code={"ZipFile": b"PK\x05\x06" + bytes(18)},
        )
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("path", ["/_ministack/reset", "/_ministack/config"])
def test_without_the_key_the_cloud_cannot_be_administered(
    cloud: httpx.Client, deployed: Deployed, path: str
) -> None:
    assert cloud.post(path).status_code == HTTPStatus.FORBIDDEN
    assert deployed.aws.client("secretsmanager").list_secrets()["SecretList"]


@pytest.mark.parametrize("connections", ["@connections", "%40connections"])
def test_without_the_key_connections_cannot_be_posted_to(
    cloud: httpx.Client, deployed: Deployed, connections: str
) -> None:
    path = f"{urlsplit(deployed.stack.ws_url).path}/{connections}/some-connection"
    assert cloud.post(path, content=b"{}").status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    ("host", "origin"),
    [("127.0.0.1", Origin(EVIL)), ("evil.example", None), ("evil.example", Origin(EVIL))],
)
def test_another_page_opens_no_socket(deployed: Deployed, host: str, origin: Origin | None) -> None:
    to = urlsplit(deployed.stack.ws_url)
    url = f"ws://{host}:{to.port}{to.path}?token={deployed.stack.tokens['spectator']}"
    with pytest.raises(InvalidStatus) as refused:
        with connect(url, address=(to.hostname, to.port), proxy=None, origin=origin):
            pass
    assert refused.value.response.status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("origin", ["page", "http://localhost:5173"])
def test_a_page_of_this_machine_opens_a_socket(deployed: Deployed, origin: str) -> None:
    own = deployed.description["page_url"].rstrip("/") if origin == "page" else origin
    url = f"{deployed.stack.ws_url}?token={deployed.stack.tokens['spectator']}"
    with connect(url, proxy=None, origin=Origin(own)) as socket:
        socket.send('{"type": "ping"}')
        assert socket.recv()


def test_the_keys_and_tokens_are_readable_by_their_owner_alone(deployed: Deployed) -> None:
    assert stat.S_IMODE(PATHS.local.stat().st_mode) == 0o700
    found = [PATHS.stack_file, *PATHS.folder.iterdir()]
    received = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in found if path.stat().st_size
    }
    assert [name for name, mode in received.items() if mode & 0o077] == []
    assert {PATHS.stack_file.name, "background.lock", "cloud.log", "sam.log"} <= received.keys()
