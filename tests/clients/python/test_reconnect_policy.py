import pytest

from scorecast_client.errors import AddressError, ConnectRefused, NoNewerToken
from scorecast_client.messages import Goodbye
from scorecast_client.reconnect_policy import (
    Decision,
    GiveUp,
    Retry,
    after_goodbye,
    after_refusal,
    counts,
)


def goodbye(
    code: int, reason: str, *, reconnect: bool, retry_after_ms: int | None = None
) -> Goodbye:
    return Goodbye(code, reason, reconnect, retry_after_ms)


@pytest.mark.parametrize(
    ("ended_by", "renewable", "decision"),
    [
        (None, False, Retry(None)),
        (goodbye(4012, "server_drain", reconnect=True, retry_after_ms=1500), False, Retry(1.5)),
        (goodbye(4008, "slow_consumer", reconnect=True), False, Retry(None)),
        (goodbye(4008, "connection_limit_exceeded", reconnect=True), True, GiveUp()),
        (goodbye(4003, "disconnected_by_server", reconnect=False), True, GiveUp()),
        (goodbye(4001, "token_expired", reconnect=True), False, GiveUp()),
        (goodbye(4001, "token_expired", reconnect=True), True, Retry(None, newer_token=True)),
    ],
)
def test_a_goodbye_decides_about_reconnecting(
    ended_by: Goodbye | None, renewable: bool, decision: Decision
) -> None:
    assert after_goodbye(ended_by, renewable=renewable) == decision


@pytest.mark.parametrize(
    ("refused", "refusals", "decision"),
    [
        (ConnectRefused("Proxy.", status=403), 1, Retry(None)),
        (ConnectRefused("Proxy.", status=403), 4, Retry(None)),
        (ConnectRefused("Service.", status=403), 5, GiveUp()),
        (ConnectRefused("Busy.", status=429), 0, Retry(None)),
        (ConnectRefused("Down.", status=503), 0, Retry(None)),
        (ConnectRefused("No route."), 0, Retry(None)),
        (AddressError("Nonsense."), 0, GiveUp()),
        (NoNewerToken("Old.", status=401), 1, GiveUp()),
        (
            ConnectRefused("Full.", goodbye=goodbye(4008, "room_full", reconnect=True)),
            0,
            Retry(None),
        ),
    ],
)
def test_a_refusal_is_final_only_when_it_is_repeated(
    refused: ConnectRefused, refusals: int, decision: Decision
) -> None:
    assert after_refusal(refused, renewable=False, refusals=refusals, refusals_max=5) == decision


def test_only_refusals_that_may_be_final_are_counted() -> None:
    expired = goodbye(4001, "token_expired", reconnect=True)
    assert counts(ConnectRefused("No.", status=401))
    assert counts(ConnectRefused("No.", goodbye=expired))
    assert not counts(ConnectRefused("Busy.", status=429))
    assert not counts(ConnectRefused("Down.", status=500))
    assert not counts(ConnectRefused("No route."))


@pytest.mark.parametrize("status", range(400, 600))
def test_a_refusal_may_pass_only_by_a_status_that_says_so(status: int) -> None:
    refused = ConnectRefused("No.", status=status)
    assert counts(refused) == (status < 500 and status not in (408, 410, 425, 429))
