"""The fake API of the acceptance tests: the real handlers over moto."""

from tests.harness.fixtures import aws, cloud, connections_api, fake_api, issuer, wire, wired_anew

__all__ = ["aws", "cloud", "connections_api", "fake_api", "issuer", "wire", "wired_anew"]
