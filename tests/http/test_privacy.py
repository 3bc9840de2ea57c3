"""Which users run and report is for officials, and in a match for its participants."""

from typing import Any

import pytest

from tests.http.caller import Caller
from tests.http.conftest import token

SCORE = {"participant1_score": 1, "participant2_score": 0}
OFFICIALS: list[dict[str, Any]] = [
    {"role": "admin"},
    {"role": "service"},
    {"sub": "or", "role": None},
    {"sub": "cl", "role": None, "tournaments": ["t1"]},
]
PARTICIPANT: dict[str, Any] = {"sub": "p1", "role": None}
SPECTATOR: dict[str, Any] = {"sub": "sp", "role": None}


@pytest.fixture
def reported(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """A match with a score that an organizer has reported."""
    monkeypatch.setenv("ALLOW_ANONYMOUS", "true")
    assert Caller(token(sub="or", role=None))("PUT", "/matches/m1/score", SCORE).status == 200


def _caller(claims: dict[str, Any] | None) -> Caller:
    return Caller(None if claims is None else token(**claims))


def _match(claims: dict[str, Any] | None) -> Any:
    return _caller(claims)("GET", "/matches/m1").json


def _tournament(claims: dict[str, Any] | None) -> Any:
    return _caller(claims)("GET", "/tournaments/t1").json


@pytest.mark.parametrize("claims", OFFICIALS)
def test_an_official_sees_who_runs_and_who_reports(reported: None, claims: dict[str, Any]) -> None:
    assert _match(claims)["updated_by"] == "or"
    assert _tournament(claims)["organizers"] == ["or"]
    assert [each["updated_by"] for each in _tournament(claims)["matches"]] == ["or"]


def test_a_participant_sees_who_reports_their_match(reported: None) -> None:
    assert _match(PARTICIPANT)["updated_by"] == "or"
    assert "organizers" not in _tournament(PARTICIPANT)


@pytest.mark.parametrize("claims", [SPECTATOR, None])
def test_a_spectator_sees_no_user(reported: None, claims: dict[str, Any] | None) -> None:
    assert "updated_by" not in _match(claims)
    tournament = _tournament(claims)
    assert "organizers" not in tournament
    assert all("updated_by" not in each for each in tournament["matches"])
    assert tournament["matches"][0]["participant1_score"] == 1


@pytest.fixture
def published(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISH_USER_IDS", "true")


@pytest.mark.parametrize("claims", [SPECTATOR, None])
def test_a_parameter_shows_users_to_everyone(
    published: None, reported: None, claims: dict[str, Any] | None
) -> None:
    assert _match(claims)["updated_by"] == "or"
    assert _tournament(claims)["organizers"] == ["or"]


def test_a_user_who_becomes_an_organizer_gets_what_organizers_see(call: Caller) -> None:
    user = Caller(token(**SPECTATOR))
    before = user("GET", "/tournaments/t1")
    assert call("PUT", "/tournaments/t1", {"name": "Cup", "organizers": ["sp"]}).status == 200
    after = user("GET", "/tournaments/t1", if_none_match=before.headers["etag"])
    assert (after.status, after.json["organizers"]) == (200, ["sp"])


@pytest.mark.parametrize("claims", [OFFICIALS[0], PARTICIPANT])
def test_a_tag_of_one_who_sees_less_is_not_current_for_one_who_sees_more(
    call: Caller, claims: dict[str, Any]
) -> None:
    tag = Caller(token(**SPECTATOR))("GET", "/tournaments/t1").headers["etag"]
    assert Caller(token(**claims))("GET", "/tournaments/t1", if_none_match=tag).status == 200
