from scorecast_client.replay.pace import COMMANDS_AT_ONCE, COMMANDS_PER_SECOND, Pace


def test_a_burst_goes_out_at_once_and_the_next_command_waits() -> None:
    pace = Pace()
    waits = [pace.wait_seconds(100.0) for _ in range(COMMANDS_AT_ONCE + 2)]

    assert waits[:COMMANDS_AT_ONCE] == [0.0] * COMMANDS_AT_ONCE
    assert waits[COMMANDS_AT_ONCE:] == [1 / COMMANDS_PER_SECOND, 2 / COMMANDS_PER_SECOND]


def test_a_pause_earns_the_burst_again() -> None:
    pace = Pace()
    for _ in range(COMMANDS_AT_ONCE + 5):
        pace.wait_seconds(100.0)

    waits = [pace.wait_seconds(200.0) for _ in range(COMMANDS_AT_ONCE + 1)]
    assert waits == [0.0] * COMMANDS_AT_ONCE + [1 / COMMANDS_PER_SECOND]
