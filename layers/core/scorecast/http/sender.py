"""The address that a request comes from, directly or through CloudFront."""

import hmac
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Final

from scorecast.http.request import Request

EDGE_HEADER: Final = "x-scorecast-edge"
FORWARDED_FOR: Final = "x-forwarded-for"


def comes_from_edge(request: Request, secrets: Iterable[str]) -> bool:
    """Whether CloudFront has forwarded it: only then can the header with addresses be trusted."""
    proof = request.headers.get(EDGE_HEADER, "").encode()
    return any(hmac.compare_digest(proof, secret.encode()) for secret in secrets)


def viewer_address(request: Request) -> str:
    """The viewer's address in a request from CloudFront, whose own address is shared by many
    viewers.

    CloudFront appends the viewer's address to what the viewer sent, and API Gateway CloudFront's.
    """
    addresses = [each.strip() for each in request.headers.get(FORWARDED_FOR, "").split(",")]
    if addresses[-1] == request.source_ip:
        addresses.pop()
    return addresses[-1] if addresses and _is_address(addresses[-1]) else request.source_ip


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
