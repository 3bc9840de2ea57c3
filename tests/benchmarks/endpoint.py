"""What stands for API Gateway: TLS servers on this machine, in processes of their own.

nginx answers at once, as fast as anything can. The slow server answers each request a fixed time
after it came.
"""

import heapq
import os
import select
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.benchmarks.report import FOLDER, Missing
from tests.benchmarks.worker import cores

_START_SECONDS: Final = 60
_ANSWER: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
_END: Final = b"\r\n\r\n"

_CONFIGURATION: Final = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  keepalive_requests 100000000;
  keepalive_timeout 300;
  client_body_temp_path {folder}/body;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate};
    ssl_certificate_key {certificate};
    location / {{ return 200; }}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Endpoint:
    url: str
    certificate: Path


@contextmanager
def nginx_serving() -> Iterator[Endpoint]:
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if nginx is None:
        raise Missing("nginx is missing: install it with `apt-get install nginx-light`.")
    certificate, port = _certificate(), free_port()
    folder = FOLDER.resolve()
    file = folder / "nginx.conf"
    file.write_text(_CONFIGURATION.format(folder=folder, port=port, certificate=certificate))
    with _running([nginx, "-e", "stderr", "-p", str(folder), "-c", str(file)], port):
        yield Endpoint(f"https://localhost:{port}/live", certificate)


@contextmanager
def slow_serving(*, delay_ms: float) -> Iterator[Endpoint]:
    certificate, port = _certificate(), free_port()
    command = [sys.executable, "-m", "tests.benchmarks.endpoint"]
    with _running([*command, str(port), str(certificate), str(delay_ms)], port):
        yield Endpoint(f"https://localhost:{port}/live", certificate)


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    _, core = cores()
    process = subprocess.Popen(command)
    try:
        os.sched_setaffinity(process.pid, {core})
        await_listener(port, process)
        yield
    finally:
        process.terminate()
        process.wait()


def await_listener(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline_s = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline_s and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        select.select([], [], [], 0.05)
    raise RuntimeError(f"{process.args!r} does not listen")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _certificate() -> Path:
    """A key and a certificate for localhost that is its own authority, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER.resolve() / "localhost.pem"
    encoding = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(encoding)
    )
    return file


class _SlowServer:
    """One thread and `poll`: asyncio would need most of a core for its share of the work."""

    def __init__(self, port: int, certificate: str, delay_s: float) -> None:
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(certificate)
        self._delay_s = delay_s
        self._listener = socket.create_server(("127.0.0.1", port), backlog=1024)
        self._poll = select.poll()
        self._poll.register(self._listener, select.POLLIN)
        self._clients: dict[int, ssl.SSLSocket] = {}
        self._received: dict[int, bytes] = {}
        self._due: list[tuple[float, int]] = []

    def run(self) -> None:
        while True:
            for descriptor, _ in self._poll.poll(self._pause_ms()):
                if descriptor == self._listener.fileno():
                    self._accept()
                else:
                    self._read(descriptor)
            while self._due and self._due[0][0] <= time.monotonic():
                self._answer(heapq.heappop(self._due)[1])

    def _pause_ms(self) -> float | None:
        if not self._due:
            return None
        # poll counts whole milliseconds: it is asked again rather than being late
        return max(0, int((self._due[0][0] - time.monotonic()) * 1_000))

    def _accept(self) -> None:
        accepted, _ = self._listener.accept()
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            client = self._tls.wrap_socket(accepted, server_side=True)
        except OSError:
            return  # a probe that only looked whether anyone listens
        client.setblocking(False)
        self._clients[client.fileno()] = client
        self._received[client.fileno()] = b""
        self._poll.register(client, select.POLLIN)

    def _read(self, descriptor: int) -> None:
        try:
            chunk = self._clients[descriptor].recv(65_536)
        except ssl.SSLWantReadError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            self._forget(descriptor)
            return
        self._received[descriptor] += chunk
        if self._is_whole(self._received[descriptor]):
            self._received[descriptor] = b""
            heapq.heappush(self._due, (time.monotonic() + self._delay_s, descriptor))

    @staticmethod
    def _is_whole(received: bytes) -> bool:
        head, found, body = received.partition(_END)
        if not found:
            return False
        length = head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
        return len(body) >= int(length or 0)

    def _answer(self, descriptor: int) -> None:
        try:
            if descriptor in self._clients:
                self._clients[descriptor].send(_ANSWER)
        except OSError:
            self._forget(descriptor)  # it waits no longer

    def _forget(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        self._clients.pop(descriptor).close()


if __name__ == "__main__":
    _SlowServer(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]) / 1_000).run()
