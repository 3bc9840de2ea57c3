"""What the local page answers before its stack is ready, and to a browser that has the file."""

import asyncio
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from infra.local import page as served
from infra.local.paths import StackPaths
from infra.local.ports import HOST

SCRIPT = "export const LONG = 1;\n" * 100


class Browser:
    def __init__(self, paths: StackPaths) -> None:
        self._transport = httpx.ASGITransport(served.page(paths))

    def get(self, path: str, **headers: str) -> httpx.Response:
        async def answer() -> httpx.Response:
            opened = httpx.AsyncClient(transport=self._transport, base_url=f"http://{HOST}:8080")
            async with opened as client:
                return await client.get(path, headers=headers)

        return asyncio.run(answer())


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Browser:
    (tmp_path / "main.js").write_text(SCRIPT)
    monkeypatch.setattr(served, "PAGE", tmp_path)
    return Browser(StackPaths("stack", local=tmp_path))


@pytest.mark.parametrize("path", ["/config.json", "/tokens.json"])
def test_a_stack_that_is_not_ready_says_so(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.json() == {"code": "not_ready"}


def test_a_file_is_compressed_and_asked_for_again(browser: Browser) -> None:
    answer = browser.get("/main.js")
    assert answer.text == SCRIPT
    assert int(answer.headers["content-length"]) < len(SCRIPT)
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"

    again = browser.get("/main.js", **{"If-None-Match": answer.headers["etag"]})
    assert again.status_code == HTTPStatus.NOT_MODIFIED
    assert again.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/config.json", "/tokens.json", "/main.js"])
def test_another_name_for_this_machine_is_refused(browser: Browser, path: str) -> None:
    answer = browser.get(path, Host="rebound.example:8080")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
