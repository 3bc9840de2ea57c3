import pytest

from scorecast.http.problems import STATUS
from scorecast.protocol.errors import CloseReason, Code

CODES = """invalid_json invalid_schema unsupported_message_type payload_too_large
message_rate_limit_exceeded ip_rate_limit_exceeded not_found forbidden stale conflict match_not_live
invalid_transition room_full token_expired connection_limit_exceeded
ip_connection_limit_exceeded rate_limit_exceeded internal_error tournament_moving moved"""

LAST_WORDS = {
    ("bad_request", 4000, False),
    ("authentication_required", 4001, True),
    ("token_expired", 4001, True),
    ("forbidden", 4003, False),
    ("disconnected_by_server", 4003, False),
    ("not_found", 4004, False),
    ("heartbeat_timeout", 4004, True),
    ("connection_limit_exceeded", 4008, True),
    ("rate_limit_exceeded", 4008, True),
    ("room_full", 4008, True),
    ("slow_consumer", 4008, True),
    ("payload_too_large", 4009, False),
    ("server_drain", 4012, True),
    ("max_duration", 4012, True),
    ("moved", 4013, True),
}


def test_codes_are_those_of_the_protocol() -> None:
    assert set(Code) == set(CODES.split())


def test_close_reasons_are_those_of_the_protocol() -> None:
    assert {(word.value[1], word.value[0], word.value[2]) for word in CloseReason} <= LAST_WORDS


@pytest.mark.parametrize("code", Code)
def test_every_code_has_a_status_over_http(code: Code) -> None:
    assert 400 <= STATUS[code] < 600
