"""What a Lambda answers when something went wrong that nobody foresaw: never a stack trace."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from scorecast.protocol import messages
from scorecast.protocol.errors import Code, Rejection
from scorecast.runtime.telemetry import failed

type Event = dict[str, Any]
type Handler = Callable[[Event, Any], Event]


def internal_error(correlation_id: str, message_id: str | None = None) -> str:
    """The frame for our own faults: it carries what the log can be searched for, no detail."""
    refused = Rejection(
        Code.INTERNAL_ERROR,
        "Something went wrong on our side.",
        data={"correlation_id": correlation_id},
    )
    return messages.error(refused, message_id)


def websocket_route(handler: Handler) -> Handler:
    """Answer an unforeseen error of a WebSocket route with status 500 and a correlation id."""

    @wraps(handler)
    def guarded(event: Event, context: Any) -> Event:
        try:
            return handler(event, context)
        except Exception as error:
            failed("unforeseen", error, correlation_id=context.aws_request_id)
            return {"statusCode": 500, "body": internal_error(context.aws_request_id)}

    return guarded
