"""The HTTP API: entity tags, other origins, problems."""

from typing import Final

from scorecast_client.verify.check import Checks
from scorecast_client.verify.outcome import Skipped, require
from scorecast_client.verify.run import Run

checks: Final = Checks()


@checks.add("HTTP: ETag", fact="If-None-Match reaches the function, and 304 has no body.")
def http_etag(run: Run) -> str:
    path = f"/matches/{run.new_match('etag')}"
    first = run.request("GET", path)
    etag = first.headers.get("etag")
    require(bool(etag), f"status {first.status_code} without an ETag")
    second = run.request("GET", path, headers=run.authorization | {"If-None-Match": etag})
    require((second.status_code, second.content) == (304, b""), f"status {second.status_code}")
    return "200 with an ETag, then 304"


@checks.add("HTTP: CORS", fact="OPTIONS reaches the function, as the API configures no CORS.")
def http_cors(run: Run) -> str:
    allowed = run.target.parameters["AllowedOrigins"].split(",")[0].strip()
    origin = "http://127.0.0.1:8080" if not run.target.is_aws else allowed or "https://a.example"
    if "*" in origin:
        raise Skipped("AllowedOrigins begins with sub-domains")
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT"}
    response = run.request("OPTIONS", "/matches/any", headers=asked)
    granted = response.headers.get("access-control-allow-origin")
    require(granted in (origin, "*"), f"status {response.status_code}, origin {granted}")
    return f"{granted} is allowed"


@checks.add("HTTP: problems", fact="The gateway passes status and content type on.")
def http_problems(run: Run) -> str:
    missing = run.request("GET", f"/matches/{run.tournament_id}-none")
    kind = missing.headers.get("content-type", "")
    require(
        (missing.status_code, kind) == (404, "application/problem+json"),
        f"{missing.status_code} {kind}",
    )
    refused = run.request("GET", "/matches/any", headers={"Authorization": "Bearer none"})
    require(refused.status_code == 401, f"a bad token is {refused.status_code}")
    return "404 and 401 as problem+json"
