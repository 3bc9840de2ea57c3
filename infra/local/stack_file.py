"""Writes where the stack is and how to get in: `.local/stack.json`."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from infra.local.aws import REGION
from infra.local.background import Background
from infra.local.paths import StackPaths, open_private
from infra.local.seed import MATCH_ID, TOURNAMENT_ID, USERS
from scorecast_client.tokens import TokenSigner

TOKEN_MINUTES: Final = 7 * 24 * 60
QUEUES: Final = ("flush", "welcome", "fanout", "sweep")


def describe(
    cloud: Background, outputs: Mapping[str, str], parameters: Mapping[str, str]
) -> dict[str, Any]:
    secrets = cloud.aws.client("secretsmanager")
    secret = secrets.get_secret_value(SecretId=outputs["JwtSecretArn"])["SecretString"]
    signer = TokenSigner(secret, issuer=parameters["JwtIssuer"], audience=parameters["JwtAudience"])
    queues = {name: outputs[f"{name.title()}QueueUrl"] for name in QUEUES}
    dead = {f"{name}_dlq": outputs[f"{name.title()}DeadLetterQueueUrl"] for name in QUEUES}
    return {
        "stack_name": cloud.paths.stack_name,
        "region": REGION,
        **cloud.address,
        "ws_url": outputs["SocketUrl"],
        "http_url": outputs["HttpUrl"],
        "allows_anonymous": parameters["AllowAnonymous"] == "true",
        "api_id": outputs["SocketApiId"],
        "tables": {"connections": outputs["ConnectionsTable"], "matches": outputs["MatchesTable"]},
        "queues": queues | dead,
        "jwt": asdict(signer),
        "tokens": _tokens(signer),
    }


def write(paths: StackPaths, description: Mapping[str, Any]) -> None:
    """Write all of it or nothing."""
    draft = paths.stack_file.with_suffix(".json.new")
    with open_private(draft) as file:
        file.write(json.dumps(description, indent=1).encode() + b"\n")
    os.replace(draft, paths.stack_file)


def read(paths: StackPaths) -> dict[str, Any] | None:
    """None while the stack is not ready."""
    try:
        return dict(json.loads(paths.stack_file.read_text()))
    except FileNotFoundError:
        return None


def _tokens(signer: TokenSigner) -> dict[str, dict[str, str]]:
    """By role, with the user and the ids that it has rights on."""
    tournament = {"tournament_id": TOURNAMENT_ID}
    rights = {"organizer": tournament, "participant": tournament | {"match_id": MATCH_ID}}
    sign = partial(signer.token, now=datetime.now(UTC), minutes=TOKEN_MINUTES)
    return {
        role: {
            "token": sign(user_id, role="admin" if role == "admin" else None),
            "user_id": user_id,
            **rights.get(role, {}),
        }
        for role, user_id in USERS.items()
    }
