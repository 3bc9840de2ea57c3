"""What DynamoDB was too busy to do may be sent again; anything else that fails is our fault."""

import pytest

from tests.acceptance.wire import Fault, Wire, tapped
from tests.http.caller import Caller
from tests.integration.cloud import Cloud

BUSY = [Fault.THROTTLED, Fault.OVERLOADED]
DOWN = [Fault.BROKEN, Fault.UNREACHABLE, Fault.SILENT]
SCORE = {"participant1_score": 1, "participant2_score": 0}


@pytest.mark.parametrize("fault", BUSY)
def test_a_client_that_came_in_a_rush_is_told_when_to_come_again(
    call: Caller, served: Cloud, fault: Fault
) -> None:
    with tapped(Wire(fault=lambda _attempt: fault)):
        reply = call("PUT", "/matches/m1/score", SCORE)
    assert reply.problem() == (503, "internal_error")
    assert int(reply.headers["retry-after"]) >= 1
    assert reply.json["correlation_id"] == "request-1"
    assert served.matches.get("m1").score.revision == 0


@pytest.mark.parametrize("fault", DOWN)
def test_a_fault_of_ours_is_told_without_detail(call: Caller, fault: Fault) -> None:
    with tapped(Wire(fault=lambda _attempt: fault)):
        reply = call("GET", "/matches/m1")
    assert reply.problem() == (500, "internal_error")
    assert "retry-after" not in reply.headers
    assert "dynamodb" not in reply.body.lower()


def test_a_write_that_others_keep_winning_was_not_done(call: Caller, served: Cloud) -> None:
    def conflict(attempt: object) -> Fault | None:
        return Fault.CONFLICT if "TransactWrite" in str(attempt) else None

    with tapped(Wire(fault=conflict)):
        reply = call("POST", "/matches/m1/events", {"type": "match_complete", "winner_id": None})
    assert reply.problem() == (503, "internal_error")
    assert served.matches.get("m1").state == "live"
