"""Unexpected errors of a WebSocket route: a correlation id for the client, the rest for the log."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from scorecast.protocol import messages
from scorecast.protocol.errors import Code, Rejection
from scorecast.runtime.telemetry import failed

type Event = dict[str, Any]
type Handler = Callable[[Event, Any], Event]


def internal_error(correlation_id: str, message_id: str | None = None) -> str:
    """The message for our own faults: the id to search the log for, and no detail."""
    rejection = Rejection(
        Code.INTERNAL_ERROR,
        "Something went wrong on our side.",
        data={"correlation_id": correlation_id},
    )
    return messages.error(rejection, message_id)


def websocket_route(handler: Handler) -> Handler:
    """Return status 500 and a correlation id for an unexpected error of a WebSocket route."""

    @wraps(handler)
    def guarded(event: Event, context: Any) -> Event:
        try:
            return handler(event, context)
        except Exception as error:
            failed("unexpected", error, correlation_id=context.aws_request_id)
            return {"statusCode": 500, "body": internal_error(context.aws_request_id)}

    return guarded
