"""Unexpected errors of a WebSocket route: a correlation id for the client, the rest for the log."""

from functools import wraps
from typing import Any

from scorecast.protocol import messages
from scorecast.protocol.errors import Code, Rejection
from scorecast.runtime.telemetry import Event, Handler, correlation_id, failed, observed


def internal_error(message_id: str | None = None) -> str:
    """The message for faults of the service: the id by which the log can be searched, and no
    detail."""
    rejection = Rejection(
        Code.INTERNAL_ERROR,
        "Something went wrong on our side.",
        data={"correlation_id": correlation_id()},
    )
    return messages.error(rejection, message_id)


def websocket_route(handler: Handler) -> Handler:
    """Observe a route, and return status 500 for an error that it did not expect."""

    @observed
    @wraps(handler)
    def guarded(event: Event, context: Any) -> Event:
        try:
            return handler(event, context)
        except Exception as error:
            failed("unexpected", error)
            return {"statusCode": 500, "body": internal_error()}

    return guarded
