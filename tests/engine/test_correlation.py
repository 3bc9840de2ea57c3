"""One id from a client's message through SQS to the posts: what the log is searched for."""

import json
from io import StringIO
from typing import Any

import message

from scorecast.domain.rooms import match_room
from scorecast.protocol.limits import FANOUT_LANES, SHARD_MEMBERS_MAX
from tests.harness.engine import CONTEXT, EngineHarness


def _lines(log_lines: StringIO, text: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log_lines.getvalue().splitlines()]
    return [line for line in lines if line["message"] == text]


def test_a_score_is_posted_under_the_id_of_the_message_that_reported_it(
    engine: EngineHarness, log_lines: StringIO
) -> None:
    engine.register("m1")
    engine.viewer("v1", match_room("m1"))
    log_lines.seek(0)
    log_lines.truncate()
    event = engine.message_event(
        "score_update", match_id="m1", participant1_score=1, participant2_score=0
    )
    message.handler(event, CONTEXT)
    engine.pass_ms(300)
    posted = _lines(log_lines, "posted")
    assert posted
    assert {line["correlation_id"] for line in posted} == {event["requestContext"]["requestId"]}
    assert {line["function_request_id"] for line in posted} == {"request-1"}


def test_the_batches_of_a_large_room_carry_the_id_on(
    engine: EngineHarness, log_lines: StringIO
) -> None:
    engine.register("m1")
    engine.fill(match_room("m1"), [f"v{n:04}" for n in range(SHARD_MEMBERS_MAX + 1)])
    event = engine.message_event(
        "score_update", match_id="m1", participant1_score=1, participant2_score=0
    )
    log_lines.seek(0)
    log_lines.truncate()
    message.handler(event, CONTEXT)
    engine.pass_ms(300)
    posted = _lines(log_lines, "posted")
    assert len(posted) == FANOUT_LANES
    assert {line["correlation_id"] for line in posted} == {event["requestContext"]["requestId"]}
