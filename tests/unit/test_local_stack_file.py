import json
from pathlib import Path
from typing import Any

import jwt
import pytest

from infra.local import stack_file
from infra.local.aws import LocalAws
from infra.local.background import Background
from infra.local.page import configuration, page_headers
from infra.local.paths import StackPaths
from infra.local.seed import MATCH_ID, TOURNAMENT_ID
from infra.local.stack_file import write

SECRET = "s" * 64


class EveryOutput(dict[str, str]):
    """A stack's outputs, whichever are asked for."""

    def __missing__(self, name: str) -> str:
        return f"the {name}"


ADDRESS = {
    "page_url": "http://127.0.0.1:8080/",
    **LocalAws("http://127.0.0.1:4566").described(),
}
OUTPUTS = EveryOutput()
PARAMETERS = {
    "JwtIssuer": "https://scorecast.local",
    "JwtAudience": "scorecast",
    "AllowAnonymous": "false",
}


class FakeSecrets:
    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:
        assert SecretId == OUTPUTS["JwtSecretArn"]
        return {"SecretString": SECRET}


@pytest.fixture
def paths(tmp_path: Path) -> StackPaths:
    paths = StackPaths("stack", local=tmp_path)
    paths.folder.mkdir(parents=True)
    return paths


@pytest.fixture
def described(paths: StackPaths, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(LocalAws, "client", lambda aws, service: FakeSecrets())
    written = stack_file.describe(Background(paths, 4242, ADDRESS), OUTPUTS, PARAMETERS)
    write(paths, written)
    return dict(json.loads(paths.stack_file.read_text()))


def claims(token: str) -> dict[str, Any]:
    return dict(
        jwt.decode(
            token,
            SECRET,
            algorithms=["HS256"],
            audience="scorecast",
            issuer=PARAMETERS["JwtIssuer"],
        )
    )


def test_each_token_is_valid_for_its_user(described: dict[str, Any]) -> None:
    for role, held in described["tokens"].items():
        assert claims(held["token"])["sub"] == held["user_id"], role


def test_only_the_admin_has_a_role_in_the_token(described: dict[str, Any]) -> None:
    roles = {role: claims(held["token"]).get("role") for role, held in described["tokens"].items()}
    assert roles == {"admin": "admin", "organizer": None, "participant": None, "spectator": None}


def test_a_token_comes_with_the_ids_it_is_for(described: dict[str, Any]) -> None:
    tokens = described["tokens"]
    assert tokens["organizer"]["tournament_id"] == TOURNAMENT_ID
    assert tokens["participant"]["match_id"] == MATCH_ID


def test_addresses_and_names_are_written(described: dict[str, Any]) -> None:
    assert described["ws_url"] == "the SocketUrl"
    assert described["endpoint_url"] == "http://127.0.0.1:4566"
    assert described["page_url"] == "http://127.0.0.1:8080/"
    assert described["tables"]["matches"] == "the MatchesTable"
    assert described["queues"]["flush_dlq"] == "the FlushDeadLetterQueueUrl"


def test_writing_leaves_no_other_file(paths: StackPaths, described: dict[str, Any]) -> None:
    assert [path.name for path in paths.local.glob("*.json*")] == ["stack.json"]


def test_there_is_no_configuration_before_the_stack_is_ready(paths: StackPaths) -> None:
    assert configuration(paths) is None


def test_the_page_shows_the_demo_until_a_replay(
    paths: StackPaths, described: dict[str, Any]
) -> None:
    shown = configuration(paths)
    assert shown is not None
    assert shown["ws_url"] == described["ws_url"]
    assert shown["tournament_id"] == TOURNAMENT_ID

    paths.state.mkdir()
    paths.shown.write_text("worldcup-2026")
    replayed = configuration(paths)
    assert replayed is not None
    assert replayed["tournament_id"] == "worldcup-2026"


def test_every_visitor_of_the_page_is_another_spectator(
    paths: StackPaths, described: dict[str, Any]
) -> None:
    first, second = configuration(paths), configuration(paths)
    assert first is not None and second is not None
    visitors = [claims(page["token"]) for page in (first, second)]
    assert visitors[0]["sub"] != visitors[1]["sub"]
    assert not any("role" in visitor for visitor in visitors)


def test_spectators_have_no_token_where_they_need_none(
    paths: StackPaths, described: dict[str, Any]
) -> None:
    write(paths, described | {"allows_anonymous": True})
    shown = configuration(paths)
    assert shown is not None
    assert "token" not in shown


def test_the_page_has_the_headers_of_the_hosted_one() -> None:
    headers = page_headers()
    policy = headers.pop("Content-Security-Policy")
    assert "default-src 'none'; script-src 'self'" in policy
    assert "connect-src 'self' http://127.0.0.1:* ws://127.0.0.1:*" in policy
    assert "$" not in policy
    assert headers == {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
