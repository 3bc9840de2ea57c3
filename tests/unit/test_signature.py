from collections.abc import Mapping
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from scorecast.aws.signed_http.credentials import Credentials
from scorecast.aws.signed_http.sigv4 import PathSigner

AT_S = 1_795_360_000.9
HOST = "abc123.execute-api.eu-central-1.amazonaws.com"
_NOT_SIGNED = {"Authorization", "Content-Length"}


def _parts(request: bytes) -> tuple[str, str, dict[str, str], bytes]:
    """Method, path, headers and body of a request as it is sent."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, version = first.split(" ")
    assert version == "HTTP/1.1"
    headers = dict(line.split(": ", 1) for line in lines)
    return method, path, headers, body


def _botocores(request: bytes, credentials: Credentials, service: str) -> str:
    """What botocore signs the same request with, given its headers and its time."""
    method, path, headers, body = _parts(request)
    signed = {name: value for name, value in headers.items() if name not in _NOT_SIGNED}
    botocore = SigV4Auth(
        BotocoreCredentials(credentials.access_key, credentials.secret_key, credentials.token),
        service,
        "eu-central-1",
    )
    url = f"https://{headers['Host']}{path}"
    asked = AWSRequest(method, url, headers=signed, data=body)
    asked.context["timestamp"] = headers["X-Amz-Date"]
    to_sign = botocore.string_to_sign(asked, botocore.canonical_request(asked))
    names = botocore.signed_headers(botocore.headers_to_sign(asked))
    return (
        f"AWS4-HMAC-SHA256 Credential={botocore.scope(asked)},"
        f" SignedHeaders={names}, Signature={botocore.signature(to_sign, asked)}"
    )


def _request(
    path: str,
    *,
    method: str = "POST",
    body: bytes = b"{}",
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
    service: str = "execute-api",
) -> bytes:
    signer = PathSigner(
        method,
        {"host": HOST} | dict(headers or {}),
        body,
        service=service,
        region="eu-central-1",
        credentials=Credentials("AKID", "secret", token),
        at_s=AT_S,
    )
    return signer.request(path)


@pytest.mark.parametrize("connection_id", ["c1", "Uo1yzfLRliACEVg=", "a/b+c", "ü", "~_-."])
@pytest.mark.parametrize(("method", "body"), [("POST", b'{"a":"\xc3\xbc"}'), ("GET", b"")])
@pytest.mark.parametrize("token", [None, "session"])
def test_a_signature_equals_botocores(
    connection_id: str, method: str, body: bytes, token: str | None
) -> None:
    path = f"/live/@connections/{quote(connection_id, safe='')}"
    request = _request(path, method=method, body=body, token=token)
    credentials = Credentials("AKID", "secret", token)
    expected = _botocores(request, credentials, "execute-api")
    assert _parts(request)[2]["Authorization"] == expected


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40), st.binary(max_size=40))
def test_any_connections_signature_equals_botocores(connection_id: str, body: bytes) -> None:
    request = _request(f"/live/@connections/x{quote(connection_id, safe='')}", body=body)
    expected = _botocores(request, Credentials("AKID", "secret"), "execute-api")
    assert _parts(request)[2]["Authorization"] == expected


def test_further_headers_are_signed_as_botocore_signs_them() -> None:
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "secretsmanager.GetSecretValue",
        "host": "localhost:4566",
    }
    request = _request("/", headers=headers, service="secretsmanager")
    expected = _botocores(request, Credentials("AKID", "secret"), "secretsmanager")
    assert _parts(request)[2]["Authorization"] == expected


def test_a_request_is_whole() -> None:
    method, path, headers, body = _parts(_request("/live/x", body=b"abc", token="session"))
    assert (method, path, body) == ("POST", "/live/x", b"abc")
    assert (headers["Host"], headers["Content-Length"]) == (HOST, "3")
    assert headers["X-Amz-Date"] == "20261122T150640Z"
    assert headers["X-Amz-Security-Token"] == "session"


def test_one_signer_signs_every_path_apart() -> None:
    signer = PathSigner(
        "POST",
        {"host": HOST},
        b"",
        service="execute-api",
        region="eu-central-1",
        credentials=Credentials("AKID", "secret"),
        at_s=AT_S,
    )
    first, second = signer.request("/a"), signer.request("/b")
    assert first == signer.request("/a")
    assert _parts(first)[2]["Authorization"] != _parts(second)[2]["Authorization"]
