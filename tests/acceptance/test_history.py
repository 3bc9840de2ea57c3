"""What has happened to a match: every accepted score and every decisive event, each once."""

from typing import Any

import pytest

from scorecast.protocol.limits import HISTORY_PAGE_MAX, SENT_BYTES_MAX
from tests.harness.fake_api import FakeApi, Json
from tests.harness.socket import Socket

OFFICIAL = "the-official"
A_DAY_S = 24 * 60 * 60


def official(fake_api: FakeApi) -> Socket:
    fake_api.register("m1")
    reporter = fake_api.enter(token=fake_api.token(OFFICIAL, role="admin"))
    reporter.ask("match_start", match_id="m1")
    return reporter


def score(reporter: Socket, first: int, second: int = 0, **more: Any) -> None:
    published = {"participant1_score": first, "participant2_score": second, **more}
    assert reporter.ask("score_update", match_id="m1", **published)["type"] == "accepted"


def page(fake_api: FakeApi, *, anonymous: bool = False, **query: str) -> Json:
    return fake_api.http("GET", "/matches/m1/history", query=query, anonymous=anonymous)


def history(fake_api: FakeApi) -> list[Json]:
    assert fake_api.cloud.keep_history() == {"batchItemFailures": []}
    read = page(fake_api)
    assert read["next"] is None
    return list(read["entries"])


def brief(entries: list[Json]) -> list[Any]:
    """The revisions of scores, and the types of events, in order."""
    return [
        each["data"]["revision"] if each["type"] == "score_accepted" else each["type"]
        for each in entries
    ]


def test_M1_every_score_that_was_merged_is_in_the_history_with_who_and_when(
    fake_api: FakeApi,
) -> None:
    reporter = official(fake_api)
    for goals in range(1, 6):
        fake_api.wait(0.01)
        score(reporter, goals, details={"minute": goals})
    fake_api.cloud.flush("m1")
    reporter.ask("match_complete", match_id="m1", winner_id="p1")
    fake_api.cloud.flush("m1")

    entries = history(fake_api)

    assert brief(entries) == ["match_registered", "match_started", 1, 2, 3, 4, 5, "match_completed"]
    scores = [each["data"] for each in entries if each["type"] == "score_accepted"]
    assert [each["details"] for each in scores] == [{"minute": n} for n in range(1, 6)]
    assert {each["updated_by"] for each in scores} == {OFFICIAL}
    times_ms = [each["updated_at"] for each in scores]
    assert [each - times_ms[0] for each in times_ms] == [0, 10, 20, 30, 40]


def test_M1_a_record_that_comes_again_adds_nothing(fake_api: FakeApi) -> None:
    reporter = official(fake_api)
    score(reporter, 1)
    once = history(fake_api)
    score(reporter, 2)

    assert brief(history(fake_api)) == [*brief(once), 2]


def test_M1_a_final_score_has_its_own_entry_before_the_end(fake_api: FakeApi) -> None:
    reporter = official(fake_api)
    score(reporter, 1)
    final = {"participant1_score": 3, "participant2_score": 1}
    reporter.ask("match_complete", match_id="m1", winner_id="p1", **final)

    entries = history(fake_api)

    assert brief(entries) == ["match_registered", "match_started", 1, 2, "match_completed"]
    assert entries[3]["data"]["participant1_score"] == 3
    assert entries[3]["data"]["updated_by"] == OFFICIAL


def test_M1_an_event_is_there_as_clients_received_it_and_who_did_it(fake_api: FakeApi) -> None:
    reporter = official(fake_api)
    watching = fake_api.enter("spectator", match_id="m1")
    reporter.ask("match_complete", match_id="m1", winner_id="p2")
    fake_api.cloud.flush("m1")

    [posted] = [each for each in watching.messages if each["type"] == "match_completed"]
    [entry] = [each for each in history(fake_api) if each["type"] == "match_completed"]

    assert entry["data"] == posted["data"] | {"confirmed_by": OFFICIAL}


def test_only_officials_and_participants_see_in_the_history_who_reported(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOW_ANONYMOUS", "true")
    reporter = official(fake_api)
    score(reporter, 1)
    fake_api.cloud.keep_history()

    def named(**who: Any) -> bool:
        read = fake_api.http("GET", "/matches/m1/history", **who)
        return OFFICIAL in str(read)

    assert named() and named(user_id="p1")
    assert not named(user_id="spectator") and not named(anonymous=True)


def test_a_history_is_read_page_by_page_and_none_is_too_large(fake_api: FakeApi) -> None:
    reporter = official(fake_api)
    for goals in range(1, 31):
        fake_api.wait(1)
        score(reporter, goals, details={"text": "x" * 1_900})
    fake_api.cloud.keep_history()
    read: list[Json] = []
    query: dict[str, str] = {"limit": "20"}
    sizes = []
    while query:
        response = fake_api.http_response(
            "GET",
            "/matches/m1/history",
            None,
            token=fake_api.token("admin", role="admin"),
            query=query,
        )
        sizes.append(len(response["body"].encode()))
        some = fake_api.http("GET", "/matches/m1/history", query=query)
        read += some["entries"]
        query = {"limit": "20", "cursor": some["next"]} if some["next"] else {}

    assert brief(read) == ["match_registered", "match_started", *range(1, 31)]
    assert max(sizes) <= SENT_BYTES_MAX
    assert len(sizes) >= 3


def test_a_page_begins_after_a_revision(fake_api: FakeApi) -> None:
    reporter = official(fake_api)
    for goals in range(1, 5):
        score(reporter, goals)
    reporter.ask("match_state_change", match_id="m1", new_state="paused")
    fake_api.cloud.keep_history()

    assert brief(page(fake_api, after="3")["entries"]) == [4, "match_state_changed"]
    assert brief(page(fake_api, after="4")["entries"]) == ["match_state_changed"]
    assert page(fake_api, after="5")["entries"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", str(HISTORY_PAGE_MAX + 1)),
        ("limit", "1e1"),
        ("after", "-1"),
        ("after", "9" * 30),
        ("after", "٣"),
        ("cursor", "1"),
        ("cursor", "1.1.1"),
        ("cursor", ""),
    ],
)
def test_a_bad_page_is_refused_by_the_name_of_its_parameter(
    name: str, value: str, fake_api: FakeApi
) -> None:
    fake_api.register("m1")
    problem = fake_api.http("GET", "/matches/m1/history", query={name: value}, status=422)
    assert set(problem["errors"]) == {name}


def test_an_unknown_match_has_no_history(fake_api: FakeApi) -> None:
    assert fake_api.http("GET", "/matches/m9/history", status=404)["code"] == "not_found"


def test_a_history_is_forgotten_after_its_days(fake_api: FakeApi) -> None:
    score(official(fake_api), 1)
    fake_api.cloud.keep_history()
    days = int(fake_api.cloud.environment["HISTORY_DAYS"])

    fake_api.wait(days * A_DAY_S - 60)
    assert brief(page(fake_api)["entries"]) == ["match_registered", "match_started", 1]
    fake_api.wait(120)
    assert page(fake_api)["entries"] == []


def test_what_is_stored_again_is_kept_no_longer(fake_api: FakeApi) -> None:
    score(official(fake_api), 1)
    fake_api.cloud.keep_history()
    before = fake_api.cloud.items(fake_api.cloud.environment["HISTORY_TABLE"])
    fake_api.wait(3_600)
    fake_api.cloud.keep_history()

    assert fake_api.cloud.items(fake_api.cloud.environment["HISTORY_TABLE"]) == before


def test_a_record_that_cannot_be_read_is_set_aside_whole_and_holds_nothing_up(
    fake_api: FakeApi,
) -> None:
    import history as function

    score(official(fake_api), 1)
    unreadable = {"eventName": "MODIFY", "dynamodb": {"SequenceNumber": "7", "NewImage": {}}}
    batch = {"Records": [unreadable, *fake_api.cloud.stream()]}

    assert function.handler(batch, fake_api.cloud.context) == {"batchItemFailures": []}

    assert fake_api.cloud.messages("HISTORY_DEAD_LETTER_QUEUE_URL") == [unreadable]
    assert brief(page(fake_api)["entries"]) == ["match_registered", "match_started", 1]
