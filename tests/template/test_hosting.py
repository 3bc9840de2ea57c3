"""The hosted page's files in a bucket: all of them, with their types, and nothing else."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from moto import mock_aws

from infra import hosting
from infra.local.build import PAGE

OUTPUTS: Final = {
    "PageBucket": "page",
    "PageUrl": "https://scores.example.com",
    "SocketUrl": "wss://live.example.com",
}
LOADED: Final = re.compile(r'(?:src|href)="([\w/-]+\.\w+)"')
IMPORTED: Final = re.compile(r'(?:from|import) ?"\./([^"]+)"')


pytestmark = pytest.mark.usefixtures("built_pages")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket=OUTPUTS["PageBucket"])
        yield client


def _keys(s3: Any) -> set[str]:
    found = s3.list_objects_v2(Bucket=OUTPUTS["PageBucket"]).get("Contents", [])
    return {each["Key"] for each in found}


def _object(s3: Any, key: str) -> Any:
    return s3.get_object(Bucket=OUTPUTS["PageBucket"], Key=key)


def test_the_page_and_the_official_find_all_that_they_load(s3: Any) -> None:
    hosting.publish(s3, OUTPUTS)
    keys = _keys(s3)
    assert {"index.html", "official.html"} <= keys
    for key in keys:
        if key.endswith(".html"):
            text = _object(s3, key)["Body"].read().decode()
            assert set(LOADED.findall(text)) <= keys, key
        elif key.endswith(".js") and not key.startswith("client/"):
            text = _object(s3, key)["Body"].read().decode()
            assert {str(Path(key).parent / each) for each in IMPORTED.findall(text)} <= keys, key


def test_nothing_of_the_pages_tests_and_tools_is_served(s3: Any) -> None:
    hosting.publish(s3, OUTPUTS)
    assert not [key for key in _keys(s3) if "test" in key or key == "package.json"]


def test_a_file_has_its_type_and_is_asked_for_again(s3: Any) -> None:
    hosting.publish(s3, OUTPUTS)
    types = {
        "index.html": "text/html; charset=utf-8",
        "client/index.js": "text/javascript; charset=utf-8",
        "config.json": "application/json",
    }
    for key, kind in types.items():
        found = _object(s3, key)
        assert (found["ContentType"], found["CacheControl"]) == (kind, "no-cache")


def test_the_configuration_leads_to_the_stack_under_the_pages_name(s3: Any) -> None:
    hosting.publish(s3, OUTPUTS)
    configuration = json.loads(_object(s3, "config.json")["Body"].read())
    assert configuration == {"ws_url": OUTPUTS["SocketUrl"], "http_url": OUTPUTS["PageUrl"]}


def test_a_file_that_the_page_no_longer_has_is_removed(s3: Any) -> None:
    s3.put_object(Bucket=OUTPUTS["PageBucket"], Key="old.js", Body=b"")
    hosting.publish(s3, OUTPUTS)
    assert "old.js" not in _keys(s3)
    assert "main.js" in _keys(s3) and (PAGE / "main.js").exists()


@pytest.mark.parametrize(("answer", "code", "left"), [("y", 0, False), ("n", 1, True)])
def test_the_bucket_is_emptied_once_this_is_confirmed(
    answer: str, code: int, left: bool, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosting.publish(s3, OUTPUTS)
    monkeypatch.setattr("builtins.input", lambda _: answer)
    assert hosting.clear(s3, OUTPUTS) == code
    assert bool(_keys(s3)) is left


def test_without_an_answer_nothing_is_deleted(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_: str) -> str:
        raise EOFError

    hosting.publish(s3, OUTPUTS)
    monkeypatch.setattr("builtins.input", nobody)
    assert hosting.clear(s3, OUTPUTS) == 1
    assert _keys(s3)


def test_an_unknown_environment_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert hosting.main(["publish", "nonsense"]) == hosting.CANNOT_GO_ON
    assert "ENV=nonsense is not an environment" in capsys.readouterr().err
