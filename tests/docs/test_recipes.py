"""The recipes for identity providers: their tokens, through their code, into the real verifier."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from samtranslator.yaml_helper import yaml_parse

from infra.template import TEMPLATE
from scorecast.aws.jwks import KeySet, Verifier
from scorecast.domain.connections.identity import BadToken, Identity
from scorecast.runtime.settings import TokenSettings
from tests.docs.pages import blocks, page, section
from tests.harness.fakes import FakeClock

NODE: Final = Path(sys.executable).parent / "node"
COGNITO: Final = section(page("recipes.md"), "### Cognito")
AUTH0: Final = section(page("recipes.md"), "### Auth0")
POOL: Final = {"REGION": "eu-west-1", "POOL": "eu-west-1_AbCdEfGhI", "CLIENT": "1example23456789"}
TENANT: Final = {"TENANT": "example.eu.auth0.com", "API": "https://scores.example.com"}
NOW_S: Final = FakeClock().now_ms() // 1_000
RUN_ACTION: Final = """
const [file, trigger, event] = process.argv.slice(1);
const claims = {};
const accessToken = { setCustomClaim: (name, value) => { claims[name] = value; } };
await (await import(file)).default[trigger](JSON.parse(event), { accessToken });
console.log(JSON.stringify(claims));
"""


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def published() -> bytes:
    """The key set, with what both providers put into it."""
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(key().public_key(), as_dict=True)
    return json.dumps({"keys": [jwk | {"kid": "k1", "use": "sig", "alg": "RS256"}]}).encode()


def parameters(recipe: str, names: Mapping[str, str]) -> dict[str, str]:
    """The recipe's parameters, with the reader's own names in them."""
    (block,) = blocks(recipe, "toml")
    for placeholder, name in names.items():
        block = block.replace(placeholder, name)
    return dict(each.split("=", 1) for each in tomllib.loads(block)["parameter_overrides"])


def verifier(given: Mapping[str, str]) -> Verifier:
    settings = TokenSettings(
        jwt_algorithm=given["JwtAlgorithm"],
        jwt_secret_arn="",
        jwks_url=given["JwksUrl"],
        jwt_issuer=given["JwtIssuer"],
        jwt_audience=given["JwtAudience"],
        jwt_user_claim=given.get("JwtUserClaim", "sub"),
        jwt_role_claim=given.get("JwtRoleClaim", "role"),
    )
    no_secrets: Any = None
    key_set = KeySet(settings.jwks_url, settings.jwt_algorithm)
    assert key_set.jwk_set_cache is not None
    key_set.jwk_set_cache.put(json.loads(published()))
    return Verifier(settings, no_secrets, key_set, FakeClock())


def signed(claims: Mapping[str, Any], **header: str) -> str:
    times = {"iat": NOW_S - 5, "exp": NOW_S + 3_600}
    return jwt.encode(
        {**claims, **times}, key(), algorithm="RS256", headers={"kid": "k1", **header}
    )


def cognito_claims(groups: list[str]) -> dict[str, Any]:
    """An ID token's claims after the recipe's trigger has seen them."""
    trigger: dict[str, Any] = {}
    exec(blocks(COGNITO, "python pre_token_generation.py")[0], trigger)
    event = {
        "version": "2",
        "triggerSource": "TokenGeneration_Authentication",
        "request": {
            "userAttributes": {"sub": "0c1f4b2e-7f0a-4f0b-9a57-0d6ac1a6a5b1"},
            "groupConfiguration": {"groupsToOverride": groups, "preferredRole": None},
        },
        "response": {"claimsAndScopeOverrideDetails": None},
    }
    answered = trigger["handler"](event, None)["response"]["claimsAndScopeOverrideDetails"]
    return {
        "sub": "0c1f4b2e-7f0a-4f0b-9a57-0d6ac1a6a5b1",
        "cognito:groups": groups,
        "iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI",
        "cognito:username": "ann",
        "name": "Ann",
        "aud": "1example23456789",
        "token_use": "id",
        **answered["idTokenGeneration"]["claimsToAddOrOverride"],
    }


def run_action(tmp_path: Path, name: str, trigger: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """The claims that an Action sets."""
    (code,) = blocks(AUTH0, f"js {name}")
    action = tmp_path / name.replace(".js", ".cjs")
    action.write_text(code)
    command = [str(NODE), "--input-type=module", "--eval", RUN_ACTION, str(action), trigger]
    done = subprocess.run(
        [*command, json.dumps(event)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def auth0_claims(tmp_path: Path, user_id: str, **app_metadata: object) -> dict[str, Any]:
    """An access token's claims after the recipe's Action."""
    event = {"user": {"user_id": user_id, "app_metadata": app_metadata}}
    return {
        "iss": "https://example.eu.auth0.com/",
        "sub": user_id,
        "aud": ["https://scores.example.com", "https://example.eu.auth0.com/userinfo"],
        "azp": "my_client_id",
        "scope": "openid profile",
        **run_action(tmp_path, "post-login.js", "onExecutePostLogin", event),
    }


@pytest.mark.parametrize(("recipe", "names"), [(COGNITO, POOL), (AUTH0, TENANT)])
def test_the_parameters_are_the_templates_and_it_takes_them(
    recipe: str, names: dict[str, str]
) -> None:
    defined = yaml_parse(TEMPLATE.read_text())["Parameters"]
    for name, value in parameters(recipe, names).items():
        assert re.fullmatch(defined[name].get("AllowedPattern", ".*"), value), name
        assert value in defined[name].get("AllowedValues", [value]), name
        assert not [each for each in names if re.search(rf"\b{each}\b", value)]


def test_a_user_of_cognito_may_watch() -> None:
    holder = verifier(parameters(COGNITO, POOL)).verify(signed(cognito_claims([])))
    assert isinstance(holder, Identity)
    assert holder.user_id == "0c1f4b2e-7f0a-4f0b-9a57-0d6ac1a6a5b1"
    assert (holder.name, holder.role, holder.tournaments) == ("Ann", None, ())


def test_groups_of_cognito_make_admins_and_organizers() -> None:
    groups = ["scorecast-admins", "organizes-cup-1", "organizes-cup-2", "others"]
    holder = verifier(parameters(COGNITO, POOL)).verify(signed(cognito_claims(groups)))
    assert isinstance(holder, Identity)
    assert (holder.role, holder.tournaments) == ("admin", ("cup-1", "cup-2"))


def test_an_access_token_of_cognito_is_refused() -> None:
    claims = cognito_claims([]) | {"token_use": "access", "client_id": POOL["CLIENT"]}
    del claims["aud"]
    refused = verifier(parameters(COGNITO, POOL)).verify(signed(claims))
    assert refused == BadToken("MissingRequiredClaimError", "aud")


def test_a_user_of_auth0_may_watch(tmp_path: Path) -> None:
    claims = auth0_claims(tmp_path, "auth0|5f7c8ec7c33c6c004bbafe82")
    for kind in ("JWT", "at+jwt"):
        holder = verifier(parameters(AUTH0, TENANT)).verify(signed(claims, typ=kind))
        assert isinstance(holder, Identity)
        assert holder.user_id == claims["scorecast_id"]
        assert (holder.role, holder.tournaments) == (None, ())


def test_users_of_auth0_whose_names_are_alike_get_ids_of_their_own(tmp_path: Path) -> None:
    names = ("samlp|staff|a.b@example.com", "samlp|staff|a_b@example.com")
    ids = {auth0_claims(tmp_path, name)["scorecast_id"] for name in names}
    assert len(ids) == 2


def test_metadata_of_auth0_make_admins_and_organizers(tmp_path: Path) -> None:
    claims = auth0_claims(tmp_path, "auth0|ann", role="admin", tournaments=["cup-1"])
    holder = verifier(parameters(AUTH0, TENANT)).verify(signed(claims))
    assert isinstance(holder, Identity)
    assert (holder.role, holder.tournaments) == ("admin", ("cup-1",))


def test_a_machine_of_auth0_is_a_service(tmp_path: Path) -> None:
    event = {"client": {"client_id": "nZ8yQ7WxLkTgH3pB5cVf2sRd9mJt4aEu"}}
    added = run_action(tmp_path, "credentials-exchange.js", "onExecuteCredentialsExchange", event)
    claims = {
        "iss": "https://example.eu.auth0.com/",
        "sub": "nZ8yQ7WxLkTgH3pB5cVf2sRd9mJt4aEu@clients",
        "aud": "https://scores.example.com",
        "gty": "client-credentials",
    }
    holder = verifier(parameters(AUTH0, TENANT)).verify(signed(claims | added))
    assert isinstance(holder, Identity)
    assert (holder.user_id, holder.role) == (event["client"]["client_id"], "service")


def test_a_token_of_auth0_without_the_action_is_refused(tmp_path: Path) -> None:
    claims = auth0_claims(tmp_path, "auth0|ann")
    del claims["scorecast_id"]
    refused = verifier(parameters(AUTH0, TENANT)).verify(signed(claims))
    assert refused == BadToken("MissingRequiredClaimError", "scorecast_id")
