"""The document as other people's tools see it: a linter, and generators of clients."""

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from infra.local.paths import ROOT
from infra.specs.pages import OPENAPI
from tests.harness.moto_cloud import MotoCloud
from tests.http.conftest import token
from tests.http.server import Server

TOOLS: Final = ROOT / "tests" / "http" / "node_modules" / ".bin"
OFFLINE: Final = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def _run(*command: str | Path, folder: Path) -> str:
    """What a command prints; it must succeed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **OFFLINE, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_redocly_finds_nothing_to_criticise(tmp_path: Path) -> None:
    printed = _run(TOOLS / "redocly", "lint", "--extends=recommended", OPENAPI, folder=tmp_path)
    assert "is valid" in printed
    assert "warning" not in printed.lower(), printed


def test_typescript_types_are_generated_and_compile(tmp_path: Path) -> None:
    types = tmp_path / "scorecast.ts"
    printed = _run(TOOLS / "openapi-typescript", OPENAPI, "--output", types, folder=tmp_path)
    assert "warn" not in printed.lower(), printed
    _run(TOOLS / "tsc", "--noEmit", "--strict", types, folder=tmp_path)
    assert 'operations["put_score"]' in types.read_text()


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A Python client, generated without a warning."""
    folder = tmp_path_factory.mktemp("generated")
    config = folder / "config.yaml"
    config.write_text("package_name_override: scorecast_generated\npost_hooks: []\n")
    package = folder / "scorecast_generated"
    generate = (Path(sys.executable).parent / "openapi-python-client", "generate")
    options = ("--meta=none", "--fail-on-warning", f"--config={config}", f"--path={OPENAPI}")
    _run(*generate, *options, f"--output-path={package}", folder=folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield lambda module: importlib.import_module(f"scorecast_generated.{module}")


def test_a_generated_client_reads_a_match(
    server: Server, served: MotoCloud, generated: Any
) -> None:
    served.register("m1")
    read = generated("api.matches.get_match").sync_detailed
    with generated("client").AuthenticatedClient(base_url=server.url, token=token()) as client:
        response = read("m1", client=client)
    assert (response.status_code, response.parsed.match_id) == (200, "m1")


def test_a_generated_client_knows_the_errors(server: Server, generated: Any) -> None:
    read = generated("api.matches.get_match").sync_detailed
    with generated("client").AuthenticatedClient(base_url=server.url, token=token()) as client:
        response = read("none", client=client)
    assert (response.status_code, response.parsed.code) == (404, "not_found")
