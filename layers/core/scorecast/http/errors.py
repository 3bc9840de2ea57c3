"""What the HTTP API answers to an outage or a defect: never a stack trace."""

from http import HTTPStatus
from typing import Final

from botocore.exceptions import ClientError

from scorecast.aws.dynamodb.table import NOT_APPLIED, Contention
from scorecast.http import response
from scorecast.http.response import Response
from scorecast.protocol.errors import Code, Json, Rejection
from scorecast.runtime.telemetry import failed

_RETRY_AFTER_MS: Final = 1_000


def answer(error: Exception, correlation_id: str) -> Response:
    """503 if DynamoDB was too busy, for which a write may have been done all the same; else 500."""
    failed("unforeseen", error, correlation_id=correlation_id)
    data: Json = {"correlation_id": correlation_id}
    if _is_busy(error):
        busy = Rejection(Code.INTERNAL_ERROR, "Too busy: try again.", _RETRY_AFTER_MS, data)
        return response.problem(busy, HTTPStatus.SERVICE_UNAVAILABLE)
    refused = Rejection(Code.INTERNAL_ERROR, "Something went wrong on our side.", data=data)
    return response.problem(refused)


def _is_busy(error: Exception) -> bool:
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] in NOT_APPLIED
    return isinstance(error, Contention)
