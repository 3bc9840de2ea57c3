"""The view on Django's page; the client's own tests run those of JavaScript frameworks."""

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import jwt
import pytest

from tests.docs.pages import blocks, page

SECRET = "a secret of at least thirty-two bytes"


class Response(SimpleNamespace):
    def __init__(self, text: str, **more: Any) -> None:
        super().__init__(text=text, **more)


def test_djangos_view_gives_the_signed_in_user_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    http: Any = ModuleType("django.http")
    http.HttpRequest, http.HttpResponse = SimpleNamespace, Response
    monkeypatch.setitem(sys.modules, "django", ModuleType("django"))
    monkeypatch.setitem(sys.modules, "django.http", http)
    monkeypatch.setenv("SCORECAST_SECRET", SECRET)
    view: dict[str, Any] = {}
    exec(blocks(page("with-django.md"), r"python views\.py")[0], view)

    answer = view["scorecast_token"](SimpleNamespace(user=SimpleNamespace(pk=7)))

    assert jwt.decode(answer.text, SECRET, algorithms=["HS256"])["sub"] == "user-7"
    assert answer.headers == {"Cache-Control": "no-store"}
