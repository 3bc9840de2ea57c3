"""What must hold of a match whatever went wrong: I3, I4 and I5 as its viewers see them."""

import json
from collections.abc import Iterable
from typing import Any, Final

from tests.harness.engine import EngineHarness, Json

_UNSETTLED: Final = frozenset(
    {"window_id", "window_opened_at_ms", "unsent", "pending", "pending_since_ms"}
)


def assert_published(engine: EngineHarness, viewers: Iterable[str], match_id: str = "m1") -> None:
    """Everyone has received everything, in order, and nothing is pending."""
    item = engine.match_item(match_id)
    assert not _UNSETTLED & item.keys(), item
    decisive = {
        int(each["sk"].removeprefix("E#"))
        for each in engine.items("MATCHES_TABLE")
        if each["pk"] == item["pk"] and each["sk"].startswith("E#")
    }
    assert_one_content(engine)
    for viewer in viewers:
        seen = newest_only(engine.events(viewer))
        _assert_seen(seen, item, decisive)


def newest_only(frames: Iterable[Json]) -> list[Json]:
    """What a client makes of its frames: it drops those that are not newer."""
    seen: list[Json] = []
    for message in frames:
        if not seen or message["data"]["sequence"] > seen[-1]["data"]["sequence"]:
            seen.append(message)
    return seen


def _assert_seen(seen: list[Json], item: dict[str, Any], decisive: set[int]) -> None:
    numbers = [message["data"]["sequence"] for message in seen]
    types = [message["type"] for message in seen]
    first = min(numbers, default=0)
    assert {number for number in decisive if number >= first} <= set(numbers)
    assert "match_completed" not in types[:-1]
    assert numbers[-1:] == [item["sequence_number"]]
    scored = [message["data"] for message in seen if "participant1_score" in message["data"]]
    shown = [(data["participant1_score"], data["participant2_score"]) for data in scored[-1:]]
    assert shown == [(item["participant1_score"], item["participant2_score"])]


def assert_one_content(engine: EngineHarness) -> None:
    """A number always means the same bytes, to every client and however often."""
    contents: dict[tuple[str, int], bytes] = {}
    for bodies in list(engine.gateway.bodies.values()):
        for body in bodies:
            message = json.loads(body)
            if message["type"] == "viewers" or "sequence" not in message.get("data", {}):
                continue
            about = message["data"].get("match_id") or message["data"]["tournament_id"]
            known = contents.setdefault((about, message["data"]["sequence"]), body)
            assert known == body
