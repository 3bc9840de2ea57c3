"""A running stack, from its JSON description."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scorecast_client.errors import ScorecastError
from scorecast_client.tokens import TokenSigner


class StackError(ScorecastError):
    """The description is missing, or is not one."""


@dataclass(frozen=True)
class Stack:
    ws_url: str
    http_url: str
    signer: TokenSigner
    tokens: Mapping[str, str]
    """The prepared tokens by role: admin, organizer, participant, spectator."""
    page_url: str | None = None
    """Of the scoreboard, with a slash at its end."""

    def token_for(self, user_id: str) -> str:
        """A token without a role, valid for a day."""
        return self.signer.token(user_id, now=datetime.now(UTC), minutes=24 * 60)


def read_stack(path: Path) -> Stack:
    try:
        return stack_from(json.loads(path.read_text(encoding="utf-8")))
    except OSError as fault:
        raise StackError(
            f"The stack description {path} cannot be read ({fault.strerror}); is a stack up?"
        ) from fault
    except ValueError as fault:
        raise StackError(f"The stack description {path} is not JSON: {fault}.") from fault


def stack_from(description: Mapping[str, Any]) -> Stack:
    try:
        signing = description["jwt"]
        return Stack(
            ws_url=description["ws_url"],
            http_url=description["http_url"],
            signer=TokenSigner(
                secret=signing["secret"],
                algorithm=signing["algorithm"],
                issuer=signing["issuer"],
                audience=signing["audience"],
            ),
            tokens={role: held["token"] for role, held in description["tokens"].items()},
            page_url=description.get("page_url"),
        )
    except KeyError as fault:
        raise StackError(f"The stack description has no {fault}.") from fault
    except (AttributeError, TypeError) as fault:
        raise StackError("The stack description is not of the expected form.") from fault
