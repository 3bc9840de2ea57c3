"""The outcome of a write, from DynamoDB's response. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scorecast.aws.dynamodb.items import Item, from_item

NOT_APPLIED: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionConflictException",
    }
)
"""Errors of requests that were not applied. boto3 never retries the last.

A client that retries by itself may report one of these after an earlier attempt was applied, so its
requests must be safe to repeat.
"""

_REASONS_NOT_APPLIED: Final = frozenset(
    {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
)


@dataclass(frozen=True, slots=True)
class ConditionNotMet:
    """Nothing was written. `item` is the item as it was, None when there is none."""

    item: Item | None


@dataclass(frozen=True, slots=True)
class Written:
    """The item after the write, where the request asked for it."""

    item: Item


@dataclass(frozen=True, slots=True)
class Committed:
    """All of the transaction was written."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Nothing was written. By action: None, or the condition that was not met."""

    reasons: tuple[ConditionNotMet | None, ...]


def not_met(response: Mapping[str, Any]) -> ConditionNotMet:
    item = response.get("Item")
    return ConditionNotMet(from_item(item) if item else None)


def _reasons(response: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(response.get("CancellationReasons", ()))


def cancelled(response: Mapping[str, Any]) -> Cancelled | None:
    """The conditions that were not met; None if none was, or if another try may show more."""
    codes = [reason.get("Code") for reason in _reasons(response)]
    if "ConditionalCheckFailed" not in codes:
        return None
    return Cancelled(
        tuple(
            not_met(reason) if reason.get("Code") == "ConditionalCheckFailed" else None
            for reason in _reasons(response)
        )
    )


def may_try_again(response: Mapping[str, Any]) -> bool:
    codes = {reason.get("Code") for reason in _reasons(response)}
    if codes:
        return codes <= _REASONS_NOT_APPLIED | {"None", None}
    return response["Error"]["Code"] in {*NOT_APPLIED, "TransactionInProgressException"}
