"""Requests over TLS, as every request to AWS is, to a server with a certificate of its own."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scorecast.aws.signed_http import client
from scorecast.aws.signed_http.client import Request, SignedHttp
from scorecast.aws.signed_http.connection import NO_ANSWER, Address, Reply
from scorecast.aws.signed_http.credentials import Credentials

LARGE_BYTES = 8 * 1024 * 1024
"""More than the buffers of two sockets hold: its sender has to wait for the other side."""


def _certificate(key: ec.EllipticCurvePrivateKey, address: str) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an endpoint")])
    now = datetime.datetime.now(datetime.UTC)
    addresses = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    return (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(addresses, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _written(folder: Path, address: str) -> Path:
    """A file with a new certificate for the address, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = _certificate(key, address).public_bytes(serialization.Encoding.PEM)
    file = folder / f"{address}.pem"
    file.write_bytes(secret + public)
    return file


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The server's, which is trusted."""
    file = _written(tmp_path, "127.0.0.1")
    trusted = ssl.create_default_context(cafile=str(file))
    monkeypatch.setattr(client, "trusted", lambda: trusted)
    return file


@contextmanager
def _server(certificate: Path, replies: list[bytes]) -> Iterator[int]:
    """Answers one request after another on its first connection that shakes hands; its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_serve, args=(listening, context, replies))
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            thread.join(timeout=10)
            assert not thread.is_alive()


def _serve(listening: socket.socket, context: ssl.SSLContext, replies: list[bytes]) -> None:
    connection, _ = listening.accept()
    try:
        secured = context.wrap_socket(connection, server_side=True)
    except OSError:  # the client does not like the certificate
        connection.close()
        return
    with secured, secured.makefile("rwb") as stream:
        for reply in replies:
            length = 0
            while (line := stream.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            stream.read(length)
            stream.write(reply)
            stream.flush()


def _http(port: int) -> SignedHttp:
    return SignedHttp(
        f"https://127.0.0.1:{port}",
        service="execute-api",
        region="eu-central-1",
        credentials=lambda: Credentials("AKID", "secret"),
    )


def _sent(port: int, body: bytes = b"", timeout_ms: float = 10_000) -> Reply:
    return _http(port).send(Request("POST", "/", body), timeout_ms=timeout_ms)


def _answer(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body


def test_a_reply_comes_over_tls(certificate: Path) -> None:
    with _server(certificate, [_answer(b"{}")]) as port:
        assert _sent(port, b"a score") == Reply(200, b"{}")


def test_a_connection_is_kept_for_the_next_request(certificate: Path) -> None:
    """The server takes one connection only."""
    with _server(certificate, [_answer(b"1"), _answer(b"2")]) as port:
        http = _http(port)
        replies = [http.send(Request("POST", "/"), timeout_ms=10_000) for _ in range(2)]
    assert replies == [Reply(200, b"1"), Reply(200, b"2")]


def test_what_is_larger_than_any_buffer_goes_and_comes_whole(certificate: Path) -> None:
    body = bytes(range(256)) * (LARGE_BYTES // 256)
    with _server(certificate, [_answer(body)]) as port:
        assert _sent(port, body, timeout_ms=60_000) == Reply(200, body)


def test_a_server_with_an_untrusted_certificate_is_sent_nothing(tmp_path: Path) -> None:
    with _server(_written(tmp_path, "127.0.0.1"), [_answer(b"{}")]) as port:
        assert _sent(port) == Reply(NO_ANSWER)


def test_a_certificate_of_another_address_is_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = _written(tmp_path, "127.0.0.2")
    trusted = ssl.create_default_context(cafile=str(other))
    monkeypatch.setattr(client, "trusted", lambda: trusted)
    with _server(other, [_answer(b"{}")]) as port:
        assert _sent(port) == Reply(NO_ANSWER)


def test_a_server_that_does_not_shake_hands_is_given_up(certificate: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert _sent(silent.getsockname()[1], timeout_ms=200) == Reply(NO_ANSWER)


def test_an_address_that_refuses_leaves_the_others(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead: Address = (socket.AF_INET, closed.getsockname())
    with _server(certificate, [_answer(b"{}")]) as port:
        http = _http(port)
        monkeypatch.setattr(http, "resolve", lambda: [dead, (socket.AF_INET, ("127.0.0.1", port))])
        assert http.send(Request("POST", "/"), timeout_ms=10_000) == Reply(200, b"{}")
