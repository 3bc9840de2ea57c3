"""Every frame that the server sends, by its type: its model and its schema."""

from typing import Any, Final

from pydantic import TypeAdapter

from infra.wire.answers import (
    Accepted,
    ConnectionEstablished,
    Pong,
    Refreshed,
    Subscribed,
    Unsubscribed,
)
from infra.wire.commands import Schema, Untitled
from infra.wire.events import (
    BracketGenerated,
    BracketUpdated,
    DisputeCreated,
    MatchCompleted,
    MatchStarted,
    MatchStateChanged,
    Ping,
    ScoreUpdated,
    TournamentCompleted,
    ViewerCounts,
)
from infra.wire.refusals import AnyError, CloseReason, GatewayError

GATEWAY_ERROR: Final = "gateway_error"
"""The document's name for the one frame without a type."""
REFERENCE: Final = "#/components/schemas/{model}"
ERROR_SUMMARY: Final = "A command was refused, or the token has expired. The connection stays open."

MODELS: Final[dict[str, Any]] = {
    "connection_established": ConnectionEstablished,
    "subscribed": Subscribed,
    "unsubscribed": Unsubscribed,
    "accepted": Accepted,
    "refreshed": Refreshed,
    "pong": Pong,
    "error": AnyError,
    "score_updated": ScoreUpdated,
    "match_started": MatchStarted,
    "match_state_changed": MatchStateChanged,
    "dispute_created": DisputeCreated,
    "match_completed": MatchCompleted,
    "bracket_generated": BracketGenerated,
    "bracket_updated": BracketUpdated,
    "tournament_completed": TournamentCompleted,
    "viewers": ViewerCounts,
    "ping": Ping,
    "goodbye": CloseReason,
    GATEWAY_ERROR: GatewayError,
}


def summary(kind: str) -> str:
    return ERROR_SUMMARY if kind == "error" else str(MODELS[kind].__doc__)


def schemas() -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The schema of every frame by its type, and the definitions that they share."""
    asked = [(kind, "validation", TypeAdapter(model)) for kind, model in MODELS.items()]
    made, shared = TypeAdapter.json_schemas(
        asked,  # type: ignore[arg-type]
        schema_generator=Untitled,
        ref_template=REFERENCE,
    )
    return {kind: made[kind, "validation"] for kind in MODELS}, shared["$defs"]
