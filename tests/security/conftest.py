"""The stage of the acceptance tests: the real handlers over moto."""

from tests.acceptance.conftest import aws, cloud, connections_api, stage, wire, wired_anew

__all__ = ["aws", "cloud", "connections_api", "stage", "wire", "wired_anew"]
