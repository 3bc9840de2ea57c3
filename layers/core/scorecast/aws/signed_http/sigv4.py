"""AWS's Signature Version 4, for requests that differ in their path alone.

A fan-out signs a request per viewer. What does not depend on the path is computed once for all of
them, which leaves one hash and one HMAC per request.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from scorecast.aws.signed_http.credentials import Credentials

_ALGORITHM: Final = "AWS4-HMAC-SHA256"


class PathSigner:
    """HTTP/1.1 requests of one method, body and moment, signed for any path.

    `headers` are signed and must be lower case; the host is among them.
    """

    def __init__(
        self,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        service: str,
        region: str,
        credentials: Credentials,
        at_s: float,
    ) -> None:
        moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at_s))
        day = moment[:8]
        scope = f"{day}/{region}/{service}/aws4_request"
        signed = {**headers, "x-amz-date": moment}
        if credentials.token:
            signed["x-amz-security-token"] = credentials.token
        names = ";".join(sorted(signed))
        self._key = _signing_key(credentials.secret_key, day, region, service)
        self._to_sign = f"{_ALGORITHM}\n{moment}\n{scope}\n"
        self._canonical_start = hashlib.sha256(f"{method}\n".encode())
        self._canonical_end = (
            "\n\n"
            + "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
            + f"\n{names}\n{hashlib.sha256(body).hexdigest()}"
        )
        self._start = f"{method} "
        self._head = (
            " HTTP/1.1\r\n"
            + "".join(f"{name.title()}: {value}\r\n" for name, value in signed.items())
            + f"Content-Length: {len(body)}\r\n"
            f"Authorization: {_ALGORITHM} Credential={credentials.access_key}/{scope},"
            f" SignedHeaders={names}, Signature="
        )
        self._end = b"\r\n\r\n" + body

    def request(self, path: str) -> bytes:
        """The whole request for a path, which is percent-encoded already and has no query."""
        canonical = self._canonical_start.copy()
        # Every service but S3 wants the encoded path encoded once more.
        canonical.update((quote(path, safe="/~") + self._canonical_end).encode())
        to_sign = self._to_sign + canonical.hexdigest()
        signature = _hmac(self._key, to_sign).hex()
        return f"{self._start}{path}{self._head}{signature}".encode() + self._end


@lru_cache(maxsize=8)
def _signing_key(secret_key: str, day: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (day, region, service, "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
