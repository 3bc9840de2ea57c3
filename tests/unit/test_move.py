"""What a cell makes of what another one says of a tournament that is on its way."""

import pytest

from scorecast.domain.matches.move import Decision, Move, Phase, decision
from scorecast.domain.matches.tournament import Tournament, endpoint
from scorecast.protocol.cells import Endpoint, TournamentEndpoint

HERE: Endpoint = {"socket_url": "wss://live-1.test", "http_url": "https://api-1.test"}
THERE: Endpoint = {"socket_url": "wss://live-2.test", "http_url": "https://api-2.test"}


def _said(phase: Phase | None, number: int) -> TournamentEndpoint:
    """What the cell says that the tournament leaves."""
    move = None if phase is None else Move(number=number, phase=phase, endpoint=THERE)
    stored = Tournament(
        id="t1", name="Cup", organizers=(), state="open", sequence=0, move=move, move_number=number
    )
    return endpoint(stored, HERE)


@pytest.mark.parametrize(
    ("phase", "number", "decided"),
    [
        (Phase.LEFT, 3, Decision.COMMITTED),
        (Phase.LEAVING, 3, Decision.UNDECIDED),
        (None, 3, Decision.GIVEN_UP),
        (Phase.LEFT, 4, Decision.GIVEN_UP),
        (None, 4, Decision.GIVEN_UP),
        (Phase.LEAVING, 4, Decision.UNDECIDED),
        (Phase.ARRIVING, 4, Decision.UNDECIDED),
        (None, 2, Decision.UNDECIDED),
        (Phase.LEFT, 2, Decision.UNDECIDED),
    ],
)
def test_a_move_is_decided_by_the_cell_that_it_leaves(
    phase: Phase | None, number: int, decided: Decision
) -> None:
    assert decision(3, _said(phase, number)) is decided


def test_a_tournament_is_here_until_it_has_left() -> None:
    assert _said(None, 0)["endpoint"] == _said(Phase.LEAVING, 1)["endpoint"] == HERE
    assert _said(Phase.LEFT, 1) == {
        "tournament_id": "t1",
        "state": "moved",
        "endpoint": THERE,
        "move": 1,
    }
