import json
from pathlib import Path
from typing import Any

import jwt
import pytest

from infra.local import stack_file
from infra.local.page import CONTENT_TYPES, configuration
from infra.local.paths import StackPaths
from infra.local.ports import Ports
from infra.local.seed import DEMO
from infra.local.stack_file import write

SECRET = "s" * 64


class EveryOutput(dict[str, str]):
    """A stack's outputs, whichever are asked for."""

    def __missing__(self, name: str) -> str:
        return f"the {name}"


OUTPUTS = EveryOutput()
PARAMETERS = {"JwtIssuer": "https://scorecast.local", "JwtAudience": "scorecast"}


class FakeSecrets:
    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:
        assert SecretId == OUTPUTS["JwtSecretArn"]
        return {"SecretString": SECRET}


@pytest.fixture
def site(tmp_path: Path) -> StackPaths:
    site = StackPaths("stack", local=tmp_path)
    site.folder.mkdir(parents=True)
    return site


@pytest.fixture
def described(site: StackPaths, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(stack_file, "client", lambda service, endpoint_url: FakeSecrets())
    ports = Ports(cloud=4566, page=8080)
    written = stack_file.describe(site, ports, OUTPUTS, PARAMETERS)
    write(site, written)
    return dict(json.loads(site.description.read_text()))


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


def test_each_token_is_good_and_for_the_user_told(described: dict[str, Any]) -> None:
    for role, held in described["tokens"].items():
        assert claims(held["token"])["sub"] == held["user_id"], role


def test_only_the_admin_has_a_role_in_the_token(described: dict[str, Any]) -> None:
    roles = {role: claims(held["token"]).get("role") for role, held in described["tokens"].items()}
    assert roles == {"admin": "admin", "organizer": None, "participant": None, "spectator": None}


def test_the_ids_that_a_token_stands_for_are_told(described: dict[str, Any]) -> None:
    tokens = described["tokens"]
    assert tokens["organizer"]["tournament_id"] == DEMO.tournament_id
    assert tokens["participant"]["match_id"] == DEMO.match_id


def test_addresses_and_names_are_told(described: dict[str, Any]) -> None:
    assert described["ws_url"] == "the SocketUrl"
    assert described["endpoint_url"] == "http://127.0.0.1:4566"
    assert described["page_url"] == "http://127.0.0.1:8080/"
    assert described["tables"]["matches"] == "the MatchesTable"
    assert described["queues"]["flush_dlq"] == "the FlushDeadLetterQueueUrl"


def test_nothing_but_the_description_is_left_of_its_writing(
    site: StackPaths, described: dict[str, Any]
) -> None:
    assert [path.name for path in site.local.glob("*.json*")] == ["stack.json"]


def test_the_page_is_told_nothing_before_the_stack_is_ready(site: StackPaths) -> None:
    assert configuration(site) is None


def test_the_page_shows_the_demo_until_something_is_played(
    site: StackPaths, described: dict[str, Any]
) -> None:
    shown = configuration(site)
    assert shown is not None
    assert shown["ws_url"] == described["ws_url"]
    assert shown["tournament_id"] == DEMO.tournament_id

    site.shown.write_text("worldcup-2026")
    replayed = configuration(site)
    assert replayed is not None
    assert replayed["tournament_id"] == "worldcup-2026"


def test_every_visitor_of_the_page_is_a_spectator_of_their_own(
    site: StackPaths, described: dict[str, Any]
) -> None:
    first, second = configuration(site), configuration(site)
    assert first is not None and second is not None
    visitors = [claims(page["token"]) for page in (first, second)]
    assert visitors[0]["sub"] != visitors[1]["sub"]
    assert not any("role" in visitor for visitor in visitors)


def test_browsers_get_scripts_as_scripts() -> None:
    assert CONTENT_TYPES[".js"] == CONTENT_TYPES[".mjs"] == "text/javascript; charset=utf-8"
