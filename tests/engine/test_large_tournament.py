"""A tournament of 10,000 matches, over the simulator's model of DynamoDB."""

import json
from datetime import UTC, datetime
from typing import Any, Final

import api

from scorecast.aws.dynamodb.items import to_item
from scorecast.aws.dynamodb.match_items import new_match
from scorecast.aws.dynamodb.match_keys import pointer
from scorecast.protocol.limits import LISTED_MATCHES_MAX, PAGE_ITEMS_MAX, SENT_BYTES_MAX
from scorecast.protocol.states import State
from scorecast.wiring import clients
from tests import examples
from tests.harness.engine import CONTEXT, EngineHarness

MANY: Final = 10_000
HOUR_MS: Final = 60 * 60 * 1_000


def kick_off(engine: EngineHarness, number: int) -> str:
    """An hour apart; the thousandth match begins now."""
    at_ms = engine.timeline.now_ms() + (number - 1_000) * HOUR_MS
    return datetime.fromtimestamp(at_ms / 1_000, UTC).isoformat()


def read(engine: EngineHarness, path: str, **query: str) -> Any:
    event = engine.http_event("GET", path, {}) | {"body": None, "queryStringParameters": query}
    response = api.handler(event, CONTEXT)
    assert response["statusCode"] == 200, response
    return json.loads(response["body"])


def ids(page: Any) -> list[str]:
    return [match["match_id"] for match in page["matches"]]


def store(engine: EngineHarness) -> None:
    for n in range(MANY):
        match = examples.match(
            id=f"t1-{n:05}", scheduled_at=kick_off(engine, n), state=State.SCHEDULED
        )
        for item in (new_match(match), pointer(match)):
            request = {"TableName": engine.environment["MATCHES_TABLE"], "Item": to_item(item)}
            engine.database(clients.dynamodb(1), "PutItem", request)


def test_M11_a_tournament_of_10_000_matches_is_listed_joined_and_watched(
    modelled: EngineHarness,
) -> None:
    engine = modelled
    engine.register()
    store(engine)

    listing = read(engine, "/tournaments/t1")
    assert (len(listing["matches"]), listing["complete"]) == (LISTED_MATCHES_MAX, False)
    rest = read(engine, "/tournaments/t1/matches", cursor=listing["next"])
    assert ids(rest) == [f"t1-{n:05}" for n in range(500, 600)]

    engine.order("match_start", "t1-09000")
    engine.pass_ms(2_000)
    playing = read(engine, "/tournaments/t1/matches", state="live")
    assert (ids(playing), playing["next"]) == (["t1-09000"], None)

    engine.enter("viewer")
    answer = engine.command("subscribe", by="viewer", tournament_id="t1")
    assert answer is not None
    snapshot = answer["data"]["snapshot"]
    assert len(json.dumps(answer).encode()) <= SENT_BYTES_MAX
    assert snapshot["complete"] is False
    near = {f"t1-{n:05}" for n in range(1_000 - 24, 1_000 - 24 + PAGE_ITEMS_MAX)}
    assert "t1-09000" in ids(snapshot)
    assert {"t1-01000"} <= set(ids(snapshot)) - {"t1-09000"} <= near

    engine.score(1, "t1-09000")
    engine.pass_ms(2_000)
    assert engine.numbers("viewer") == [("score_updated", 2)]
