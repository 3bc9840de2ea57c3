"""AWS calls as the handlers see them: switched, retried by the SDK, and struck by faults.

A fault strikes one attempt of one call. botocore's standard mode sends a request again after a
lost reply, a throttle or a 5xx, with the same token, until its attempts are used up; a client
made with one attempt raises at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.simulation.dynamodb import (
    DynamoDB,
    Reply,
    Request,
    client_error,
    transaction_cancelled,
)
from tests.simulation.outages import Outage
from tests.simulation.scheduler import Scheduler
from tests.simulation.sqs import Queues

_ENDPOINT: Final = "https://aws.invalid"
READ_TIMEOUT_US: Final = 2_000_000

DYNAMODB_FAULTS: Final = (
    "crash_before",
    "crash_after",
    "lost_reply",
    "lost_reply",
    "lost_request",
    "throttle",
    "server_error",
    "conflict",
    "conflict",
    "stall",
    "hang",
)
SQS_FAULTS: Final = (
    "crash_before",
    "crash_after",
    "lost_reply",
    "lost_request",
    "throttle",
    "stall",
    "hang",
)
STORMS: Final = 0.25
"""How often all attempts after a failed one are throttled, so that the SDK gives up."""

READS: Final = frozenset({"GetItem", "BatchGetItem", "Query"})


type Interceptor = Callable[[str, str, Request], None]
"""Sees every call before it is made: service, operation, request. It may kill the invocation."""


@dataclass(slots=True)
class Faults:
    """How many faults may still strike, and how likely each call is struck."""

    left: int
    rate: float
    struck: int = 0
    last_us: int = 0
    """When the last one struck."""
    hidden_until_us: int = 0
    """Until when the records of Lambdas that died are hidden from others."""

    def strike(self, now_us: int) -> None:
        self.left -= 1
        self.note(now_us)

    def note(self, now_us: int) -> None:
        """One that was not drawn: a part of an outage, or placed by a test."""
        self.struck += 1
        self.last_us = max(self.last_us, now_us)


class Calls:
    def __init__(
        self,
        scheduler: Scheduler,
        dynamodb: DynamoDB,
        queues: Queues,
        faults: Faults,
        trace: Callable[[str, str, str], None] | None = None,
    ) -> None:
        self._scheduler = scheduler
        self._dynamodb = dynamodb
        self._queues = queues
        self.faults = faults
        self._trace = trace
        self.made = 0
        self.outages: list[Outage] = []
        self.interceptors: list[Interceptor] = []

    def call(self, service: str, operation: str, request: Request, attempts_max: int) -> Reply:
        """One call of an SDK client's method, with all of its attempts."""
        self._scheduler.switch()
        self._note_call(service, operation, request)
        if operation == "TransactWriteItems" and "ClientRequestToken" not in request:
            request = request | {"ClientRequestToken": f"token-{self.made}"}
        if self.outages or self._dynamodb.partition_writes is not None:
            return self._during_outages(service, operation, request, attempts_max)
        if self.faults.left <= 0 or self._scheduler.rng.random() >= self.faults.rate:
            return self._attempt(service, operation, request, "")
        return self._struck(service, operation, request, attempts_max)

    def _struck(self, service: str, operation: str, request: Request, attempts: int) -> Reply:
        rng = self._scheduler.rng
        error: Exception | None = None
        is_storm = rng.random() < STORMS
        for attempt in range(attempts):
            if attempt:
                self._scheduler.sleep(int(rng.random() * 500_000))
            fault = self._fault(service) if not attempt else self._next_fault(service, is_storm)
            try:
                return self._attempt(service, operation, request, fault)
            except _TryAgain as again:
                error = again.error
        assert error is not None
        raise error

    def _note_call(self, service: str, operation: str, request: Request) -> None:
        self.made += 1
        task = self._scheduler.current
        if task is not None:
            task.invocation.calls += 1
        for interceptor in self.interceptors:
            interceptor(service, operation, request)

    def _during_outages(
        self, service: str, operation: str, request: Request, attempts: int
    ) -> Reply:
        """As `_struck`, but every attempt asks what holds at its moment."""
        error: Exception | None = None
        for attempt in range(attempts):
            if attempt:
                pause_s = min(2 ** (attempt - 1), 20) * self._scheduler.rng.random()
                self._scheduler.sleep(int(pause_s * 1_000_000))
            try:
                return self._attempt_in_outage(service, operation, request)
            except _TryAgain as again:
                error = again.error
        assert error is not None
        raise error

    def _attempt_in_outage(self, service: str, operation: str, request: Request) -> Reply:
        now_us, rng = self._scheduler.now_us, self._scheduler.rng
        for outage in self.outages:
            is_struck = outage.strikes(service, operation, request, now_us)
            if not is_struck or (outage.share < 1 and rng.random() >= outage.share):
                continue
            self.faults.note(now_us)
            self._scheduler.seen[f"{service} outage"] += 1
            match outage.kind:
                case "unprocessed" if operation == "BatchGetItem":
                    self._note(operation, request, "unprocessed")
                    return {
                        "Responses": {table: [] for table in request["RequestItems"]},
                        "UnprocessedKeys": request["RequestItems"],
                    }
                case "hang" | "lost_reply":
                    if outage.kind == "lost_reply":
                        self._apply(service, operation, request, outage.kind)
                    self._scheduler.sleep(READ_TIMEOUT_US)
                    raise _TryAgain(ReadTimeoutError(endpoint_url=_ENDPOINT))
                case "server_error":
                    raise _TryAgain(client_error("InternalServerError", operation))
            self._note(operation, request, "not applied (outage)")
            raise _TryAgain(_throttled(service, operation))
        return self._attempt(service, operation, request, "")

    def _fault(self, service: str) -> str:
        choices = DYNAMODB_FAULTS if service == "dynamodb" else SQS_FAULTS
        return self._strike(service, self._scheduler.rng.choice(choices))

    def _next_fault(self, service: str, is_storm: bool) -> str:
        """Of an attempt after a failed one: throttled in a storm, else perhaps another fault."""
        if is_storm:
            return self._strike(service, "throttle")
        return self._fault(service) if self._scheduler.rng.random() < 0.6 else ""

    def _strike(self, service: str, fault: str) -> str:
        self.faults.strike(self._scheduler.now_us)
        self._scheduler.seen[f"{service} {fault}"] += 1
        return fault

    def _attempt(self, service: str, operation: str, request: Request, fault: str) -> Reply:
        if not fault:
            return self._apply(service, operation, request, "")
        reply: Reply | ClientError | None = None
        applied = fault in ("crash_after", "lost_reply") or (
            fault in ("server_error", "hang") and self._scheduler.rng.random() < 0.5
        )
        if fault == "stall":
            self._scheduler.sleep(int(self._scheduler.rng.random() * 3_000_000))
            applied = True
        if applied:
            try:
                reply = self._apply(service, operation, request, fault)
            except ClientError as error:
                reply = error
        else:
            self._note(operation, request, f"not applied ({fault})")
        return self._answer(service, operation, request, fault, reply)

    def _answer(
        self,
        service: str,
        operation: str,
        request: Request,
        fault: str,
        reply: Reply | ClientError | None,
    ) -> Reply:
        match fault:
            case "crash_before" | "crash_after":
                self._scheduler.crash()
            case "hang":
                self._scheduler.sleep(1_000_000_000)
            case "lost_reply" | "lost_request":
                raise _TryAgain(self._silence())
            case "throttle":
                raise _TryAgain(_throttled(service, operation))
            case "server_error":
                raise _TryAgain(client_error("InternalServerError", operation))
            case "conflict" if operation not in READS and not self._dynamodb.knows(request):
                raise self._conflict(operation, request)
        if isinstance(reply, ClientError):
            raise reply
        return reply if reply is not None else self._apply(service, operation, request, "")

    def _silence(self) -> Exception:
        if self._scheduler.rng.random() < 0.5:
            return ConnectionClosedError(endpoint_url=_ENDPOINT)
        self._scheduler.sleep(READ_TIMEOUT_US)
        return ReadTimeoutError(endpoint_url=_ENDPOINT)

    def _conflict(self, operation: str, request: Request) -> ClientError:
        """Another transaction holds one of the items."""
        if operation != "TransactWriteItems":
            return client_error("TransactionConflictException", operation)
        reasons: list[dict[str, Any]] = [{"Code": "None"} for _ in request["TransactItems"]]
        held = self._scheduler.rng.randrange(len(reasons))
        reasons[held] = {"Code": "TransactionConflict", "Message": "ongoing transaction"}
        return transaction_cancelled(reasons)

    def _apply(self, service: str, operation: str, request: Request, fault: str) -> Reply:
        now_us = self._scheduler.now_us
        try:
            if service == "sqs":
                reply = self._queues.apply(operation, request)
            else:
                reply = self._dynamodb.apply(operation, request, now_us)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ValidationException":
                self._scheduler.fail(f"{operation} is not valid: {error}")
            self._note(operation, request, _cancellation(error) or code, fault)
            if code == "ThrottlingException":
                self.faults.note(now_us)
                raise _TryAgain(error) from None
            raise
        if self._trace is not None:
            self._note(operation, request, _outcome(operation, reply), fault)
        return reply

    def _note(self, operation: str, request: Request, outcome: str, fault: str = "") -> None:
        if self._trace is not None:
            shown = f"{outcome} [{fault}]" if fault else outcome
            self._trace(operation, describe(operation, request), shown)


class _TryAgain(Exception):
    """An attempt failed in a way that the SDK answers with another one."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def _throttled(service: str, operation: str) -> ClientError:
    code = "RequestThrottled" if service == "sqs" else "ProvisionedThroughputExceededException"
    return client_error(code, operation)


def _cancellation(error: ClientError) -> str:
    reasons: Any = error.response.get("CancellationReasons")
    return ", ".join(reason["Code"] for reason in reasons) if reasons else ""


def _bare(item: Any) -> Any:
    """Typed JSON for people."""
    if not isinstance(item, dict):
        return item
    if len(item) == 1:
        ((kind, value),) = item.items()
        if kind in ("S", "N", "BOOL", "NS", "SS"):
            return int(value) if kind == "N" else value
        if kind == "M":
            return {name: _bare(child) for name, child in value.items()}
    return {name: _bare(child) for name, child in item.items()}


def _target(request: Request) -> str:
    key = request.get("Key") or request.get("Item")
    return f"{key['pk']['S']}/{key['sk']['S']}" if key else ""


def describe(operation: str, request: Request) -> str:
    """A request in one line, for the trace."""
    match operation:
        case "SendMessage":
            return str(request.get("MessageDeduplicationId", request["MessageBody"]))
        case "ChangeMessageVisibility":
            return f"{request['ReceiptHandle']} {request['VisibilityTimeout']} s"
        case "BatchGetItem" | "BatchWriteItem":
            return "…"
        case "Query":
            return " ".join(str(_bare(v)) for v in request["ExpressionAttributeValues"].values())
        case "TransactWriteItems":
            return "; ".join(
                f"{kind} {describe(kind, one)}"
                for action in request["TransactItems"]
                for kind, one in action.items()
            )
    text = request.get("UpdateExpression", "")
    values = _bare(request.get("ExpressionAttributeValues", {}))
    shown = f" {text[:60]}{'…' if len(text) > 60 else ''} {values}" if text else ""
    return f"{_target(request)}{shown}"


def _outcome(operation: str, reply: Reply) -> str:
    if operation == "GetItem":
        return _brief(_bare(reply.get("Item")))
    if operation == "Query":
        return f"{len(reply['Items'])} items" + (" …" if "LastEvaluatedKey" in reply else "")
    return _brief(_bare(reply["Attributes"])) if "Attributes" in reply else "ok"


_TOLD: Final = frozenset(
    {
        "closed_at_ms",
        "rooms",
        "connections",
        "members",
        "match_state",
        "revision",
        "sequence_number",
        "window_id",
        "unsent",
        "pending",
        "claimed_by",
        "claimed_sequence",
        "client_revision",
        "received_at_ms",
        "recent_update_1",
    }
)
"""Attributes that say what became of an item; a trace leaves out the rest."""


def _brief(item: Any) -> str:
    if item is None:
        return "none"
    return str({name: value for name, value in item.items() if name in _TOLD})
