"""`scorecast verify`, as far as it needs no stack. The checks themselves: tests/e2e."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from boto3.session import Session

from scorecast_client.cli import main
from scorecast_client.verify.target import Target

AWS = {"access_key_id": "key", "secret_access_key": "secret"}
STACK = {"aws": AWS, "region": "us-east-1", "stack_name": "s", "endpoint_url": "http://127.0.0.1:9"}


def test_a_stack_file_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--stack", str(tmp_path / "none.json")]) == 2
    assert "none.json cannot be read" in capsys.readouterr().err


def test_a_missing_region_is_named_with_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    assert main(["verify", "scorecast-dev"]) == 2
    assert capsys.readouterr().err == (
        "scorecast: No AWS region: give --region, or set AWS_DEFAULT_REGION.\n"
    )


def test_a_file_that_describes_no_stack_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "stack.json"
    path.write_text(json.dumps({"region": "us-east-1"}))
    assert main(["verify", "--stack", str(path)]) == 2
    assert "does not describe a stack: it has no 'aws'" in capsys.readouterr().err


def test_without_boto3_it_says_what_to_install() -> None:
    """In a process of its own: here, parts of it have been imported."""
    absent = "sys.modules['boto3'] = sys.modules['botocore'] = None"
    command = "sys.exit(main(['verify', 'scorecast-dev', '--json']))"
    script = f"import sys; {absent}; from scorecast_client.cli import main; {command}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 2
    assert "pip install boto3" in json.loads(done.stderr)["error"]["message"]


def test_a_stack_that_is_not_named_is_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCORECAST_HTTP", "https://scores.example")
    assert main(["verify"]) == 2
    assert "Give the stack's name in AWS, or --stack FILE" in capsys.readouterr().err


def test_two_variables_that_name_two_stacks_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "stack.json"
    path.write_text(json.dumps(STACK))
    outputs = {"HttpUrl": "http://127.0.0.1:9/"}
    target = Target(Session(), None, outputs, {"JwtIssuer": "", "JwtAudience": ""}, "s" * 32)
    monkeypatch.setattr("scorecast_client.verify.target.of_stack", lambda *_, **__: target)
    monkeypatch.setenv("SCORECAST_STACK", str(path))
    monkeypatch.setenv("SCORECAST_HTTP", "http://127.0.0.1:8")
    assert main(["verify"]) == 2
    assert "$SCORECAST_HTTP is http://127.0.0.1:8, and the stack" in capsys.readouterr().err
    monkeypatch.setenv("SCORECAST_HTTP", "http://127.0.0.1:9")
    assert main(["verify"]) == 4
    assert "http://127.0.0.1:9/ does not answer" in capsys.readouterr().err


def test_a_check_that_does_not_exist_is_named_before_anything_is_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["verify", "scorecast-dev", "--only", "none"]) == 2
    assert "There is no check 'none'; there are: token in the query" in capsys.readouterr().err
