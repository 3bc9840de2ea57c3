"""What DynamoDB was too busy for may be sent again; anything else that fails is our fault."""

import json
from io import StringIO

import pytest

from infra.local.paths import ROOT
from infra.specs.openapi.problems import CODES
from scorecast.aws.dynamodb.table import Table
from scorecast.protocol.errors import Code
from tests.harness.moto_cloud import MotoCloud
from tests.harness.wire import Fault, Wire, tapped
from tests.http.caller import Caller

BUSY = [Fault.THROTTLED, Fault.OVERLOADED]
DOWN = [Fault.BROKEN, Fault.UNREACHABLE, Fault.SILENT]
SCORE = {"participant1_score": 1, "participant2_score": 0}


@pytest.mark.parametrize("fault", BUSY)
def test_a_client_that_came_in_a_rush_is_given_a_time_to_wait(
    call: Caller, served: MotoCloud, fault: Fault
) -> None:
    with tapped(Wire(fault=lambda _attempt: fault)):
        reply = call("PUT", "/matches/m1/score", SCORE)
    assert reply.problem() == (503, "internal_error")
    assert int(reply.headers["retry-after"]) >= 1
    assert reply.json["correlation_id"] == "request-1"
    assert served.matches.get("m1").score.revision == 0


def test_a_write_may_have_been_done_and_is_sent_again(call: Caller, served: MotoCloud) -> None:
    def reading_its_matches(attempt: object) -> Fault | None:
        return Fault.THROTTLED if "Query" in str(attempt) else None

    with tapped(Wire(fault=reading_its_matches)):
        reply = call("PUT", "/tournaments/t1", {"name": "Renamed"})
    assert reply.problem() == (503, "internal_error")
    assert served.matches.tournament("t1").name == "Renamed"
    assert call("PUT", "/tournaments/t1", {"name": "Renamed"}).status == 200


def test_no_client_is_answered_that_nothing_was_done() -> None:
    page = (ROOT / "docs" / "protocol.md").read_text()
    for text in (CODES[Code.INTERNAL_ERROR], page):
        assert "nothing was done" not in " ".join(text.split())
        assert "may be published twice" in " ".join(text.split())


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.BROKEN])
def test_a_fault_has_no_body_for_who_asked_for_none(call: Caller, fault: Fault) -> None:
    with tapped(Wire(fault=lambda _attempt: fault)):
        reply = call("HEAD", "/matches/m1")
    assert (reply.status, reply.body) == (503 if fault is Fault.THROTTLED else 500, "")
    assert reply.headers["content-type"] == "application/problem+json"


def test_the_log_has_what_failed_and_where_and_none_of_what_was_sent(
    call: Caller, monkeypatch: pytest.MonkeyPatch, log_lines: StringIO
) -> None:
    def fail(_table: Table, pk: str, _sk: str) -> None:
        raise ValueError(pk)

    monkeypatch.setattr(Table, "get", fail)
    assert call("GET", "/matches/s3cret").problem() == (500, "internal_error")
    [line] = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    assert (line["message"], line["level"]) == ("unforeseen", "ERROR")
    assert (line["error"], line["correlation_id"]) == ("ValueError", "request-1")
    assert "in get_match" in "".join(line["traceback"])
    assert "s3cret" not in log_lines.getvalue()


@pytest.mark.parametrize("fault", DOWN)
def test_a_fault_of_ours_is_reported_without_detail(call: Caller, fault: Fault) -> None:
    with tapped(Wire(fault=lambda _attempt: fault)):
        reply = call("GET", "/matches/m1")
    assert reply.problem() == (500, "internal_error")
    assert "retry-after" not in reply.headers
    assert "dynamodb" not in reply.body.lower()


def test_a_write_that_others_keep_winning_was_not_done(call: Caller, served: MotoCloud) -> None:
    def conflict(attempt: object) -> Fault | None:
        return Fault.CONFLICT if "TransactWrite" in str(attempt) else None

    with tapped(Wire(fault=conflict)):
        reply = call("POST", "/matches/m1/events", {"type": "match_complete", "winner_id": None})
    assert reply.problem() == (503, "internal_error")
    assert served.matches.get("m1").state == "live"
