"""Secrets Manager, without boto3: the authorizer starts in half the time."""

import json
from dataclasses import dataclass, field

from scorecast.aws.signed_http.client import Request, SignedHttp
from scorecast.protocol.limits import SECRET_CACHE_SECONDS
from scorecast.runtime.system import System

_TIMEOUT_MS = 2_000


def secrets_url(region: str) -> str:
    """The service's address: China's partition has a domain of its own."""
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    return f"https://secretsmanager.{region}.{suffix}"


class SecretUnavailable(Exception):
    """Secrets Manager did not return the secret. The message contains only its status."""


@dataclass(slots=True)
class Secrets:
    """Current and previous values, kept for some minutes, so that a rotation may overlap."""

    http: SignedHttp
    system: System
    _kept: dict[tuple[str, str], tuple[int, str | None]] = field(default_factory=dict)

    def current(self, arn: str) -> str:
        value = self._value(arn, "AWSCURRENT")
        if value is None:
            raise SecretUnavailable("no current value")
        return value

    def valid(self, arn: str) -> list[str]:
        """The current value and, while a rotation overlaps, the previous one."""
        previous = self._value(arn, "AWSPREVIOUS")
        return [self.current(arn)] + ([previous] if previous is not None else [])

    def _value(self, arn: str, stage: str) -> str | None:
        now_ms = self.system.now_ms()
        read_at_ms, value = self._kept.get((arn, stage), (0, None))
        if now_ms - read_at_ms > SECRET_CACHE_SECONDS * 1_000:
            value = self._read(arn, stage)
            self._kept[arn, stage] = (now_ms, value)
        return value

    def _read(self, arn: str, stage: str) -> str | None:
        body = json.dumps({"SecretId": arn, "VersionStage": stage}).encode()
        headers = {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": "secretsmanager.GetSecretValue",
        }
        reply = self.http.send(Request("POST", "/", body, headers), timeout_ms=_TIMEOUT_MS)
        if reply.status == 400 and b"ResourceNotFoundException" in reply.body:
            return None
        if reply.status != 200:
            raise SecretUnavailable(f"status {reply.status}")
        value: str = json.loads(reply.body)["SecretString"]
        return value
