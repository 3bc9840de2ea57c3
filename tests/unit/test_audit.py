import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.audit import __main__ as audit
from infra.audit.locked import Package, npm_packages, python_packages
from infra.audit.osv import Answer, ask

TODAY = date(2026, 11, 27)
LAYER = Package("PyPI", "pyjwt", "2.0.0", is_shipped=True)
TOOL = Package("PyPI", "mypy", "2.4.0")
UV_LOCK = """
[[package]]
name = "scorecast"
version = "0.1.0"
source = { virtual = "." }
dev-dependencies = { layer = [{ name = "pyjwt" }], dev = [{ name = "mypy" }] }
[[package]]
name = "scorecast-client"
version = "0.1.0"
source = { editable = "." }
dependencies = [{ name = "httpx" }]
[[package]]
name = "httpx"
version = "0.28.1"
source = { registry = "r" }
dependencies = [{ name = "idna" }]
[[package]]
name = "idna"
version = "3.20"
source = { registry = "r" }
[[package]]
name = "mypy"
version = "2.4.0"
source = { registry = "r" }
[[package]]
name = "pyjwt"
version = "2.0.0"
source = { registry = "r" }
"""


def osv(vulnerable: dict[str, list[str]]) -> httpx.Client:
    """One that knows these advisories by name."""

    def respond(request: httpx.Request) -> httpx.Response:
        queries = json.loads(request.content)["queries"]
        return httpx.Response(200, json={"results": [_result(query) for query in queries]})

    def _result(query: dict[str, Any]) -> dict[str, Any]:
        found = vulnerable.get(query["package"]["name"], [])
        return {"vulns": [{"id": each} for each in found]} if found else {}

    return httpx.Client(transport=httpx.MockTransport(respond))


def test_the_layer_and_the_client_with_what_they_need_are_shipped() -> None:
    found = {each.name: each.is_shipped for each in python_packages(UV_LOCK)}
    assert found == {"httpx": True, "idna": True, "mypy": False, "pyjwt": True}


def test_of_npm_only_what_is_not_for_development_is_shipped() -> None:
    lock = {
        "": {},
        "node_modules/esbuild": {"version": "1.0.0", "dev": True},
        "node_modules/a/node_modules/@b/c": {"version": "2.0.0"},
    }
    assert npm_packages(json.dumps({"packages": lock})) == [
        Package("npm", "esbuild", "1.0.0"),
        Package("npm", "@b/c", "2.0.0", is_shipped=True),
    ]


def test_every_locked_package_is_asked_about() -> None:
    named = {str(each).rpartition("@")[0] for each in audit.locked()}
    assert named >= {"PyPI/cryptography", "PyPI/checkov", "npm/esbuild", "npm/@asyncapi/parser"}
    shipped = {each.name for each in audit.locked() if each.is_shipped}
    assert {"cryptography", "pydantic", "httpx", "websockets"} <= shipped
    assert shipped.isdisjoint({"mypy", "moto", "checkov", "ministack", "esbuild"})


@pytest.mark.parametrize(("package", "code"), [(LAYER, 1), (TOOL, 0)])
def test_a_vulnerability_of_what_is_shipped_fails(
    package: Package, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = ask(osv({package.name: ["GHSA-1"]}), [LAYER, TOOL], TODAY)
    assert audit.report([LAYER, TOOL], answer) == code
    shown = capsys.readouterr().out
    assert f"{package} " in shown and "https://osv.dev/vulnerability/GHSA-1" in shown
    assert "2 packages, as of 2026-11-27" in shown


def test_a_kept_answer_is_used_offline_with_its_day(capsys: pytest.CaptureFixture[str]) -> None:
    kept = Answer.from_json(ask(osv({"pyjwt": ["GHSA-1"]}), [LAYER, TOOL], TODAY).to_json())
    assert audit.audit_offline([LAYER, TOOL], kept, TODAY, is_ci=False) == 1
    assert "as of 2026-11-27" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (None, "NOTHING WAS AUDITED"),
        (Answer(TODAY - timedelta(31), {str(LAYER): [], str(TOOL): []}), "31 days old"),
        (Answer(TODAY, {str(LAYER): []}), "1 packages are not in the kept answer: PyPI/mypy@2.4.0"),
    ],
)
def test_what_was_not_asked_is_said_and_is_an_error_under_ci(
    kept: Answer | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.audit_offline([LAYER, TOOL], kept, TODAY, is_ci=False) == 0
    assert said in capsys.readouterr().err
    assert audit.audit_offline([LAYER, TOOL], kept, TODAY, is_ci=True) == 2


@pytest.mark.parametrize("status", [200, 503])
def test_an_answer_that_is_none_counts_as_not_asked(
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    response = httpx.Response(status, json={})
    broken = httpx.Client(transport=httpx.MockTransport(lambda _: response))
    monkeypatch.setattr(httpx, "Client", lambda **_: broken)
    monkeypatch.setattr(audit, "SAVED", tmp_path / "advisories.json")
    monkeypatch.setenv("CI", "true")
    assert audit.main([]) == 2
    assert "OSV was not asked" in capsys.readouterr().err


def test_an_answer_is_kept_where_it_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = osv({})
    monkeypatch.setattr(httpx, "Client", lambda **_: known)
    monkeypatch.setattr(audit, "SAVED", tmp_path / "advisories.json")
    assert audit.main(["--save"]) == 0
    kept = audit.read_saved()
    assert kept is not None and kept.asked_on == datetime.now(UTC).date()
    assert audit.audit_offline(audit.locked(), kept, kept.asked_on, is_ci=True) == 0


def test_the_gate_asks() -> None:
    makefile = (audit.ROOT / "Makefile").read_text()
    assert "check-audit" in makefile.partition("\nCHECKS := ")[2].partition("\n")[0]
    assert "\ncheck-audit:\n\t@$(PYTHON) -m infra.audit\n" in makefile
