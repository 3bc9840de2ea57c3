"""Pages of tournaments and matches over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from scorecast.aws.dynamodb.items import to_item
from scorecast.aws.dynamodb.listings import Listings
from scorecast.aws.dynamodb.match_items import new_match
from scorecast.aws.dynamodb.match_keys import pointer
from scorecast.domain.rooms import tournament_room
from scorecast.protocol.states import State
from tests import examples
from tests.acceptance.conftest import fake_api
from tests.harness.fake_api import FakeApi

__all__ = ["fake_api"]

FIRST: Final = datetime(2026, 11, 1, 12, tzinfo=UTC)


def kick_off(number: int) -> str:
    return (FIRST + timedelta(hours=number)).isoformat()


def store(fake_api: FakeApi, number: int, tournament_id: str = "t1") -> None:
    """Scheduled matches, as many registrations leave them, without moto's price for each."""
    items: list[Any] = []
    for n in range(number):
        match = examples.match(
            id=f"{tournament_id}-{n:05}",
            tournament_id=tournament_id,
            scheduled_at=kick_off(n),
            state=State.SCHEDULED,
        )
        items += [
            {"PutRequest": {"Item": to_item(item)}} for item in (new_match(match), pointer(match))
        ]
    table = fake_api.cloud.matches_table
    for start in range(0, len(items), 25):
        fake_api.cloud.dynamodb.batch_write_item(RequestItems={table: items[start : start + 25]})


def put_tournament(fake_api: FakeApi, *ids: str) -> None:
    for each in ids:
        fake_api.http("PUT", f"/tournaments/{each}", {"name": each.upper()})


def ids(page: Any) -> list[str]:
    return [match["match_id"] for match in page["matches"]]


def pages(fake_api: FakeApi, path: str, **query: str) -> Iterator[Any]:
    cursor: dict[str, str] = {}
    while True:
        page = fake_api.http("GET", path, query=query | cursor)
        yield page
        if page["next"] is None:
            return
        cursor = {"cursor": page["next"]}


def test_M11_pages_have_every_match_once_in_the_order_of_kick_offs(fake_api: FakeApi) -> None:
    put_tournament(fake_api, "t1", "t2")
    store(fake_api, 25)
    store(fake_api, 3, "t2")
    found = list(pages(fake_api, "/tournaments/t1/matches", limit="10"))
    assert [len(page["matches"]) for page in found] == [10, 10, 5]
    assert [each for page in found for each in ids(page)] == [f"t1-{n:05}" for n in range(25)]


def test_M11_a_list_of_matches_from_a_time_on_and_before_another(fake_api: FakeApi) -> None:
    put_tournament(fake_api, "t1")
    store(fake_api, 10)
    path = "/tournaments/t1/matches"
    some = fake_api.http("GET", path, query={"from": kick_off(2), "to": kick_off(5)})
    assert ids(some) == ["t1-00002", "t1-00003", "t1-00004"]
    zoned = kick_off(7).replace("+00:00", "Z")
    assert ids(fake_api.http("GET", path, query={"from": zoned})) == [
        "t1-00007",
        "t1-00008",
        "t1-00009",
    ]
    assert ids(fake_api.http("GET", path, query={"from": kick_off(5), "to": kick_off(2)})) == []
    found = pages(fake_api, path, **{"from": kick_off(6), "limit": "2"})
    assert [ids(page) for page in found] == [["t1-00006", "t1-00007"], ["t1-00008", "t1-00009"]]


def test_M11_live_matches_of_all_tournaments_are_listed(fake_api: FakeApi) -> None:
    put_tournament(fake_api, "t1", "t2")
    store(fake_api, 3)
    store(fake_api, 2, "t2")
    for match_id in ("t1-00001", "t2-00000", "t2-00001"):
        fake_api.http("POST", f"/matches/{match_id}/events", {"type": "match_start"})
    paused = {"type": "match_state_change", "new_state": "paused"}
    fake_api.http("POST", "/matches/t2-00001/events", paused)
    live = list(pages(fake_api, "/matches", state="live", limit="1"))
    assert [each for page in live for each in ids(page)] == ["t1-00001", "t2-00000"]
    assert ids(fake_api.http("GET", "/matches", query={"state": "paused"})) == ["t2-00001"]
    completed = {"type": "match_complete", "winner_id": None}
    fake_api.http("POST", "/matches/t1-00001/events", completed)
    assert ids(fake_api.http("GET", "/matches")) == ["t2-00000"]
    ended = fake_api.http("GET", "/tournaments/t1/matches", query={"state": "completed"})
    assert ids(ended) == ["t1-00001"]


def test_M11_tournaments_are_listed_by_state(fake_api: FakeApi) -> None:
    put_tournament(fake_api, "c", "a", "b")
    fake_api.http("POST", "/tournaments/b/events", {"type": "tournament_completed"})
    listed = [
        each for page in pages(fake_api, "/tournaments", limit="1") for each in page["tournaments"]
    ]
    assert [(each["tournament_id"], each["name"]) for each in listed] == [("a", "A"), ("c", "C")]
    completed = fake_api.http("GET", "/tournaments", query={"state": "completed"})["tournaments"]
    assert [each["tournament_id"] for each in completed] == ["b"]


def test_M10_an_archived_tournament_leaves_the_lists_and_comes_back(fake_api: FakeApi) -> None:
    put_tournament(fake_api, "t1")
    assert fake_api.http("POST", "/tournaments/t1/archive")["archived"] is True
    assert fake_api.http("GET", "/tournaments")["tournaments"] == []
    [archived] = fake_api.http("GET", "/tournaments", query={"state": "archived"})["tournaments"]
    assert (archived["tournament_id"], archived["state"]) == ("t1", "open")
    fake_api.http("POST", "/tournaments/t1/events", {"type": "tournament_completed"})
    assert fake_api.http("GET", "/tournaments", query={"state": "completed"})["tournaments"] == []
    assert fake_api.http("DELETE", "/tournaments/t1/archive")["archived"] is False
    [listed] = fake_api.http("GET", "/tournaments", query={"state": "completed"})["tournaments"]
    assert listed["archived"] is False


def test_M10_an_empty_tournament_is_deleted_and_its_numbers_go_on(fake_api: FakeApi) -> None:
    fake_api.register("m1")
    bracket = {"type": "bracket_updated", "data": {}}
    assert fake_api.http("POST", "/tournaments/t1/events", bracket)["sequence"] == 1
    fake_api.http("DELETE", "/tournaments/t1", status=409)
    fake_api.http("DELETE", "/matches/m1")
    fake_api.http("DELETE", "/tournaments/t1")
    fake_api.http("GET", "/tournaments/t1", status=404)
    fake_api.http("DELETE", "/tournaments/t1", status=404)
    assert fake_api.http("GET", "/tournaments")["tournaments"] == []
    deleted = fake_api.cloud.items(fake_api.cloud.matches_table)["T#t1", "T"]
    days = int(fake_api.cloud.environment["EVENT_LOG_DAYS"])
    assert deleted["expires_at"] == fake_api.cloud.system.now_ms() // 1_000 + days * 86_400
    fake_api.register()
    assert fake_api.http("POST", "/tournaments/t1/events", bracket)["sequence"] == 2
    assert [
        each["tournament_id"] for each in fake_api.http("GET", "/tournaments")["tournaments"]
    ] == ["t1"]


def test_a_match_that_finds_its_tournament_deleted_is_withdrawn(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tournament is deleted between the request's look at it and its write."""
    from scorecast.aws.dynamodb.registrations import Registrations

    fake_api.register()
    store_it = Registrations.store

    def delete_before(*args: Any) -> Any:
        monkeypatch.setattr(Registrations, "store", store_it)
        fake_api.http("DELETE", "/tournaments/t1")
        return store_it(*args)

    monkeypatch.setattr(Registrations, "store", delete_before)
    participants = [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}]
    body = {"tournament_id": "t1", "participants": participants, "scheduled_at": kick_off(1)}
    fake_api.http("PUT", "/matches/m1", body, status=404)
    fake_api.http("GET", "/matches/m1", status=404)
    assert fake_api.cloud.matches.of_tournament("t1") == []


def item(match_id: str, **changes: Any) -> dict[str, Any]:
    participants = [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}]
    fields = {"participants": participants, "scheduled_at": kick_off(1)}
    return {"match_id": match_id} | fields | changes


def test_M10_a_tournament_stays_if_a_match_is_registered_while_it_is_deleted(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_api.register()
    is_empty = Listings.is_empty

    def overtaken(self: Listings, tournament_id: str) -> bool:
        found = is_empty(self, tournament_id)
        monkeypatch.setattr(Listings, "is_empty", is_empty)
        fake_api.register("m1")
        return found

    monkeypatch.setattr(Listings, "is_empty", overtaken)
    fake_api.http("DELETE", "/tournaments/t1", status=409)
    listed = fake_api.http("GET", "/tournaments/t1")["matches"]
    assert [match["match_id"] for match in listed] == ["m1"]


def test_M11_matches_are_put_together_with_a_result_for_each(fake_api: FakeApi) -> None:
    fake_api.register("m1")
    put_tournament(fake_api, "t2")
    fake_api.http("POST", "/matches/m1/events", {"type": "match_start"})
    fake_api.http("PUT", "/tournaments/t2/matches", {"matches": [item("elsewhere")]})
    others = [{"id": "p3", "name": "Chile"}, {"id": "p4", "name": "Cuba"}]
    body = {"matches": [item("m2"), item("m1", participants=others), item("elsewhere")]}
    results = fake_api.http("PUT", "/tournaments/t1/matches", body)["results"]
    assert [(each["match_id"], each["outcome"], each.get("code")) for each in results] == [
        ("m2", "registered", None),
        ("m1", "rejected", "invalid_transition"),
        ("elsewhere", "rejected", "forbidden"),
    ]
    again = fake_api.http("PUT", "/tournaments/t1/matches", {"matches": [item("m2")]})["results"]
    assert again == [{"match_id": "m2", "outcome": "unchanged", "sequence": 1}]
    later = {"matches": [item("m2", scheduled_at=kick_off(9))]}
    [moved] = fake_api.http("PUT", "/tournaments/t1/matches", later)["results"]
    assert (moved["outcome"], moved["sequence"]) == ("updated", 2)


@pytest.mark.parametrize(
    "matches", [[], [item("m1")] * 2, [item(f"m{n}") for n in range(101)], [{"match_id": "m1"}]]
)
def test_a_batch_that_is_wrong_changes_nothing(fake_api: FakeApi, matches: list[Any]) -> None:
    fake_api.register()
    fake_api.http("PUT", "/tournaments/t1/matches", {"matches": matches}, status=422)
    assert fake_api.cloud.matches.of_tournament("t1") == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/tournaments", {"state": "scheduled"}),
        ("/tournaments", {"limit": "0"}),
        ("/tournaments", {"limit": "101"}),
        ("/tournaments", {"cursor": "%"}),
        ("/tournaments", {"cursor": "w6k"}),
        ("/matches", {"state": "scheduled"}),
        ("/tournaments/t1/matches", {"state": "over"}),
        ("/tournaments/t1/matches", {"from": "2026-06-11"}),
        ("/tournaments/t1/matches", {"to": "yesterday"}),
    ],
)
def test_a_list_is_asked_for_as_strictly_as_bodies(
    fake_api: FakeApi, path: str, query: dict[str, str]
) -> None:
    fake_api.register()
    refused = fake_api.http("GET", path, query=query, status=422)
    assert list(refused["errors"]) == list(query)


def structure(matches: int) -> dict[str, Any]:
    rounds = [{"name": "Final", "matches": [{"match_id": "f", "slots": [None, {"loser_of": "s"}]}]}]
    semi = {"name": "Semi", "matches": [{"match_id": "s", "slots": [None, None]}]}
    group = {"name": "Group A", "matches": [f"match-{n:059}"[:64] for n in range(matches)]}
    return {"groups": [group], "rounds": [semi, *rounds]}


def test_M11_a_structure_is_stored_published_and_read(fake_api: FakeApi) -> None:
    fake_api.register()
    fake_api.http("GET", "/tournaments/t9/structure", status=404)
    none = fake_api.http("GET", "/tournaments/t1/structure")
    assert none == {"tournament_id": "t1", "version": 0, "groups": [], "rounds": []}
    viewer = fake_api.enter("viewer", tournament_id="t1")
    given = structure(2)
    assert fake_api.http("PUT", "/tournaments/t1/structure", given)["version"] == 1
    read = fake_api.http("GET", "/tournaments/t1/structure")
    assert read == {"tournament_id": "t1", "version": 1} | given
    assert fake_api.http("PUT", "/tournaments/t1/structure", given)["version"] == 1
    fake_api.cloud.flush_room.run(tournament_room("t1"), request_id="r")
    [event] = viewer.messages[1:]
    assert event["type"] == "bracket_updated"
    assert {name: event["data"][name] for name in ("version", "groups", "rounds")} == (
        {"version": 1} | given
    )


def test_M11_a_large_structure_is_published_by_its_version(fake_api: FakeApi) -> None:
    fake_api.register()
    viewer = fake_api.enter("viewer", tournament_id="t1")
    given = structure(3_800)
    assert fake_api.http("PUT", "/tournaments/t1/structure", given)["version"] == 1
    assert fake_api.http("GET", "/tournaments/t1/structure")["groups"] == given["groups"]
    fake_api.cloud.flush_room.run(tournament_room("t1"), request_id="r")
    assert {"version", "groups"} & viewer.messages[-1]["data"].keys() == {"version"}
    refused = fake_api.http("PUT", "/tournaments/t1/structure", structure(4_000), status=422)
    assert "262144 bytes" in refused["detail"]


@pytest.mark.parametrize(
    "rounds",
    [
        [{"name": "R", "matches": [{"match_id": "a", "slots": [None]}]}],
        [{"name": "R", "matches": [{"match_id": "a", "slots": [None, {}]}]}],
        [{"name": "R", "matches": [{"match_id": "a", "slots": [None, {"winner_of": "a"}]}]}],
        [{"name": "R", "matches": [{"match_id": "a", "slots": [None, None]}] * 2}],
        [{"name": "", "matches": []}],
    ],
)
def test_an_inconsistent_structure_is_refused(fake_api: FakeApi, rounds: list[Any]) -> None:
    fake_api.register()
    body = {"groups": [], "rounds": rounds}
    fake_api.http("PUT", "/tournaments/t1/structure", body, status=422)
