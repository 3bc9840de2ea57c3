import base64
import hashlib
import re

import pytest

from scorecast.http.documentation_page import policy
from tests.http.caller import Caller, Reply


@pytest.fixture
def page(call: Caller) -> Reply:
    return Caller(None)("GET", "/docs")


def test_the_page_is_small_and_needs_no_token(page: Reply) -> None:
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert len(page.body.encode()) < 15_000


def test_the_page_loads_nothing_but_the_document(page: Reply) -> None:
    assert re.findall(r"https?:|//\w", page.body) == []
    assert re.findall(r'(?:src|href|fetch\()="?([^"\')]+)', page.body) == ["data:,", "openapi.json"]
    assert re.findall(r'fetch\("([^"]+)"\)', page.body) == ["openapi.json"]


def test_nothing_but_the_page_itself_may_run(page: Reply) -> None:
    rules = dict(
        rule.strip().split(" ", 1) for rule in page.headers["content-security-policy"].split(";")
    )
    assert (rules["default-src"], rules["connect-src"]) == ("'none'", "'self'")
    assert rules["frame-ancestors"] == "'none'"
    for element, rule in (("script", "script-src"), ("style", "style-src")):
        [inside] = re.findall(rf"<{element}>(.*?)</{element}>", page.body, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert "unsafe" not in str(rules)


def test_the_page_has_nothing_that_its_policy_would_stop(page: Reply) -> None:
    assert re.findall(r"\son\w+=|\sstyle=|innerHTML|eval\(", page.body) == []


def test_another_page_is_another_policy(page: Reply) -> None:
    assert policy(page.body.replace("let api;", "let api; evil()")) != policy(page.body)
