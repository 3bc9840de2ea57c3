"""Ask OSV, which has the advisories of PyPI and npm, and keep its answer in a file."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import batched
from typing import Any, Final

import httpx

from infra.audit.locked import Package

URL: Final = "https://api.osv.dev/v1/querybatch"
QUERIES_MAX: Final = 1_000
TIMEOUT_SECONDS: Final = 20


@dataclass(frozen=True)
class Answer:
    """Advisories by package, of all that were asked about."""

    asked_on: date
    advisories: Mapping[str, Sequence[str]]

    def to_json(self) -> str:
        content = {"asked_on": self.asked_on.isoformat(), "advisories": self.advisories}
        return json.dumps(content, indent=1, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Answer":
        content = json.loads(text)
        return cls(date.fromisoformat(content["asked_on"]), content["advisories"])


def ask(http: httpx.Client, packages: Iterable[Package], today: date) -> Answer:
    """Raises httpx.HTTPError where OSV cannot be reached, or does not answer."""
    advisories: dict[str, list[str]] = {}
    for some in batched(packages, QUERIES_MAX, strict=False):
        response = http.post(URL, json={"queries": [_query(each) for each in some]})
        results = response.raise_for_status().json()["results"]
        for package, result in zip(some, results, strict=True):
            advisories[str(package)] = sorted(_ids(result))
    return Answer(today, advisories)


def _query(package: Package) -> dict[str, Any]:
    named = {"ecosystem": package.ecosystem, "name": package.name}
    return {"package": named, "version": package.version}


def _ids(result: Mapping[str, Any]) -> Iterable[str]:
    return (each["id"] for each in result.get("vulns", []))
