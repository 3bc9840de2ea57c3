"""Writes down where the stack is and how to get in: `.local/stack.json`."""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from infra.local.paths import StackPaths
from infra.local.ports import Ports
from infra.local.seed import DEMO
from infra.local.tools import REGION, client
from scorecast_client.tokens import TokenSigner

TOKEN_MINUTES: Final = 7 * 24 * 60


def describe(
    site: StackPaths, ports: Ports, outputs: Mapping[str, str], parameters: Mapping[str, str]
) -> dict[str, Any]:
    secrets = client("secretsmanager", ports.endpoint_url)
    secret = secrets.get_secret_value(SecretId=outputs["JwtSecretArn"])["SecretString"]
    signer = TokenSigner(secret, issuer=parameters["JwtIssuer"], audience=parameters["JwtAudience"])
    return {
        "stack_name": site.stack_name,
        "region": REGION,
        "endpoint_url": ports.endpoint_url,
        "ws_url": outputs["SocketUrl"],
        "http_url": outputs["HttpUrl"],
        "page_url": ports.page_url,
        "api_id": outputs["SocketApiId"],
        "tables": {"connections": outputs["ConnectionsTable"], "matches": outputs["MatchesTable"]},
        "queues": {
            "flush": outputs["FlushQueueUrl"],
            "flush_dlq": outputs["FlushDeadLetterQueueUrl"],
            "welcome": outputs["WelcomeQueueUrl"],
            "welcome_dlq": outputs["WelcomeDeadLetterQueueUrl"],
            "fanout": outputs["FanoutQueueUrl"],
            "fanout_dlq": outputs["FanoutDeadLetterQueueUrl"],
            "sweep": outputs["SweepQueueUrl"],
            "sweep_dlq": outputs["SweepDeadLetterQueueUrl"],
        },
        "jwt": {
            "algorithm": signer.algorithm,
            "secret": signer.secret,
            "issuer": signer.issuer,
            "audience": signer.audience,
        },
        "tokens": _tokens(signer),
    }


def write(site: StackPaths, description: Mapping[str, Any]) -> None:
    """Write all of it or nothing."""
    draft = site.description.with_suffix(".json.new")
    draft.write_text(json.dumps(description, indent=1) + "\n")
    os.replace(draft, site.description)


def _tokens(signer: TokenSigner) -> dict[str, dict[str, str]]:
    tournament = {"tournament_id": DEMO.tournament_id}
    match = {**tournament, "match_id": DEMO.match_id}
    return {
        "admin": _token(signer, DEMO.admin, role="admin"),
        "organizer": _token(signer, DEMO.organizer) | tournament,
        "participant": _token(signer, DEMO.participants[0]) | match,
        "spectator": _token(signer, DEMO.spectator),
    }


def _token(signer: TokenSigner, user_id: str, *, role: str | None = None) -> dict[str, str]:
    now = datetime.now(UTC)
    token = signer.token(user_id, now=now, minutes=TOKEN_MINUTES, role=role)
    return {"token": token, "user_id": user_id}
