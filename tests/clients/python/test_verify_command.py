"""`scorecast verify`, as far as it needs no stack. The checks themselves: tests/e2e."""

import json
import sys
from pathlib import Path

import pytest

from scorecast_client.cli import main

AWS = {"access_key_id": "key", "secret_access_key": "secret"}
STACK = {"aws": AWS, "region": "us-east-1", "stack_name": "s", "endpoint_url": "http://127.0.0.1:9"}


def test_a_stack_file_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--stack", str(tmp_path / "none.json")]) == 2
    assert "none.json cannot be read" in capsys.readouterr().err


def test_a_file_that_describes_no_stack_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "stack.json"
    path.write_text(json.dumps({"region": "us-east-1"}))
    assert main(["verify", "--stack", str(path)]) == 2
    assert "does not describe a stack: it has no 'aws'" in capsys.readouterr().err


def test_without_boto3_it_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stack.json"
    path.write_text(json.dumps(STACK))
    monkeypatch.setitem(sys.modules, "boto3.session", None)
    assert main(["verify", "--stack", str(path), "--json"]) == 2
    assert "extra, verify" in json.loads(capsys.readouterr().err)["error"]["message"]
