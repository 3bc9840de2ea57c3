import pytest

from scorecast.domain.matches.changes import Change, event_of
from scorecast.domain.matches.decisions import decide
from scorecast.domain.matches.disputes import dispute_id_of, match_disputes
from scorecast.domain.matches.match import Dispute, Disputes, Match, Resolution, Result
from scorecast.protocol.commands import DisputeCreate, DisputeResolve
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.ids import is_id
from scorecast.protocol.limits import DISPUTES_MAX
from scorecast.protocol.states import Outcome, State
from tests.examples import NOW_MS, match, occasion, score

OPENING = DisputeCreate(match_id="m1", reason="Offside")
OPEN = Disputes(count=1, open={"d0": "p2"})


def _open(before: Match, by: str = "p1") -> Change | Rejection:
    return decide(OPENING, before, occasion(user_id=by))


def _resolve(before: Match, dispute_id: str = "d0") -> Change | Rejection:
    command = DisputeResolve(
        match_id="m1", dispute_id=dispute_id, resolution="rejected", note="Seen on video."
    )
    return decide(command, before, occasion())


@pytest.mark.parametrize("state", State)
def test_a_dispute_changes_neither_state_nor_result_nor_score(state: State) -> None:
    result = Result(winner_id="p2", outcome=Outcome.PLAYED)
    before = match(state=state, result=result, score=score(1, 2, revision=3))
    asked = _open(before)
    assert isinstance(asked, Change)
    assert (asked.new_state, asked.result, asked.score) == (state, result, before.score)
    assert asked.disputes == Disputes(count=1, open={"d1": "p1"})


def test_a_disputes_event_has_no_text() -> None:
    asked = _open(match(disputes=OPEN))
    assert isinstance(asked, Change)
    assert event_of(asked, match(), now_ms=NOW_MS).data == {
        "dispute_id": "d1",
        "initiated_by": "p1",
        "status": "open",
        "open_disputes": 2,
        "server_time": NOW_MS,
    }
    assert asked.dispute == Dispute(
        id="d1", initiated_by="p1", reason="Offside", created_at_ms=NOW_MS
    )


def test_a_user_has_one_open_dispute_of_a_match() -> None:
    refused = _open(match(disputes=OPEN), by="p2")
    assert refused == Rejection(Code.FORBIDDEN, "You have an open dispute about this match.")
    resolved = Disputes(count=1)
    assert isinstance(_open(match(disputes=resolved), by="p2"), Change)


def test_a_match_has_ten_disputes_resolved_ones_included() -> None:
    assert isinstance(_open(match(disputes=Disputes(count=DISPUTES_MAX - 1))), Change)
    refused = _open(match(disputes=Disputes(count=DISPUTES_MAX)))
    assert refused == Rejection(Code.FORBIDDEN, "A match has at most 10 disputes.")


def test_a_resolved_dispute_is_open_no_more() -> None:
    asked = _resolve(match(disputes=OPEN))
    assert isinstance(asked, Change)
    assert asked.disputes == Disputes(count=1, open={})
    assert event_of(asked, match(), now_ms=NOW_MS).data == {
        "dispute_id": "d0",
        "resolution": "rejected",
        "resolved_by": "or",
        "open_disputes": 0,
        "server_time": NOW_MS,
    }
    assert asked.dispute == Resolution(
        dispute_id="d0",
        resolution="rejected",
        note="Seen on video.",
        resolved_by="or",
        resolved_at_ms=NOW_MS,
    )


def test_only_an_open_dispute_is_resolved() -> None:
    refused = _resolve(match(disputes=OPEN), "d9")
    assert refused == Rejection(Code.NOT_FOUND, "This match has no such open dispute.")


@pytest.mark.parametrize("command_id", ["KxY2cFlkoAMEVOQ=", "a+b/c==", "80757d44-c072-486f"])
def test_a_dispute_has_an_id_of_the_protocol(command_id: str) -> None:
    assert is_id(dispute_id_of(command_id))


def test_disputes_are_listed_oldest_first_with_their_texts() -> None:
    resolution = Resolution(
        dispute_id="d1", resolution="upheld", note=None, resolved_by="or", resolved_at_ms=9
    )
    disputes = [
        Dispute(id="d2", initiated_by="p2", reason="Late", created_at_ms=7),
        Dispute(
            id="d1", initiated_by="p1", reason="Offside", created_at_ms=5, resolution=resolution
        ),
    ]
    first, second = match_disputes("m1", disputes)["disputes"]
    assert first == {
        "dispute_id": "d1",
        "initiated_by": "p1",
        "reason": "Offside",
        "created_at": 5,
        "status": "resolved",
        "resolution": "upheld",
        "note": None,
        "resolved_by": "or",
        "resolved_at": 9,
    }
    assert (second["dispute_id"], second["status"], second["resolution"]) == ("d2", "open", None)
