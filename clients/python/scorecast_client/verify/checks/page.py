"""The hosted page, through CloudFront, with the HTTP API behind its name."""

from http import HTTPStatus
from typing import Any, Final

import httpx

from scorecast_client.verify.check import Checks
from scorecast_client.verify.outcome import Skipped, require
from scorecast_client.verify.run import REQUEST_SECONDS_MAX, Run

checks: Final = Checks()


@checks.add("page: files", fact="CloudFront reads the bucket by origin access control, compressed.")
def page_files(run: Run) -> str:
    page = _get(run, "/")
    kind, encoding = page.headers.get("content-type", ""), page.headers.get("content-encoding", "")
    require(kind.startswith("text/html"), f"{page.status_code} {kind}")
    require(encoding in ("gzip", "br"), f"content-encoding {encoding or 'is missing'}")
    require("content-security-policy" in page.headers, "there is no content security policy")
    configuration = _get(run, "/config.json").json()
    address = configuration.get("ws_url")
    require(address == run.target.ws_url, f"config.json leads to {address}")
    return f"{len(page.content):,} bytes, {encoding} on the way"


@checks.add("page: API", fact="CloudFront passes Authorization, and asks again with If-None-Match.")
def page_api(run: Run) -> str:
    path = f"/matches/{run.new_match('page')}"
    first = _get(run, path, headers=run.authorization)
    require(first.status_code == HTTPStatus.OK, f"status {first.status_code}")
    tag = first.headers.get("etag", "")
    second = _get(run, path, headers=run.authorization | {"If-None-Match": tag})
    require(second.status_code == HTTPStatus.NOT_MODIFIED, f"then {second.status_code}")
    return "200 with an ETag, then 304"


@checks.add("page: tokens apart", fact="CloudFront's cache is keyed by Authorization.")
def page_tokens_apart(run: Run) -> str:
    path = f"/matches/{run.new_match('apart')}"
    known = _get(run, path, headers=run.authorization)
    other = _get(run, path, headers={"Authorization": "Bearer none"})
    require(known.status_code == HTTPStatus.OK, f"status {known.status_code}")
    require(other.status_code == HTTPStatus.UNAUTHORIZED, f"a bad token gets {other.status_code}")
    return "200 with a token, then 401 with another"


def _get(run: Run, path: str, **options: Any) -> httpx.Response:
    if run.target.page_url is None:
        raise Skipped("HostPage is off")
    return httpx.get(f"{run.target.page_url}{path}", timeout=REQUEST_SECONDS_MAX, **options)
