import json
from http import HTTPStatus

from scorecast.errors import Code, Refused
from scorecast.problems import body


def test_a_problem_names_its_status_and_its_code() -> None:
    problem = json.loads(body(Refused(Code.STALE, "A newer score is stored.")))
    assert problem == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "code": "stale",
        "detail": "A newer score is stored.",
    }


def test_a_problem_carries_the_refusals_data() -> None:
    refused = Refused(Code.INVALID_SCHEMA, "name is missing.", data={"errors": {"name": "is"}})
    assert json.loads(body(refused))["errors"] == {"name": "is"}


def test_a_status_may_be_told_apart_from_its_code() -> None:
    refused = Refused(Code.FORBIDDEN, "A token is required.")
    assert json.loads(body(refused, HTTPStatus.UNAUTHORIZED))["status"] == 401
