import json
from io import StringIO
from typing import Any

import authorizer
import pytest

from scorecast.app.authorize import warn_of_any_origin
from scorecast.domain.connections.identity import from_context
from scorecast.protocol.limits import SECRET_CACHE_SECONDS
from scorecast.wiring import host
from tests import examples
from tests.examples import NOW_MS, SECRET
from tests.harness import tokens
from tests.harness.moto_cloud import MotoCloud
from tests.harness.secrets_manager import serve_secrets

IP_KEY = "the key of the ip hash"
ORIGIN = "https://scores.example.com"


@pytest.fixture
def issuer(cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> MotoCloud:
    serve_secrets(cloud.api, monkeypatch, ip=IP_KEY)
    return cloud


def _token(**changes: Any) -> str:
    return tokens.token("u1", **{"name": "Ann Other", "tournaments": ["t1", "t2"], **changes})


def _event(token: str | None, ip: str = "192.0.2.7", origin: str | None = ORIGIN) -> Any:
    event = examples.event("authorizer")
    event["queryStringParameters"] = {} if token is None else {"token": token}
    event["requestContext"]["identity"]["sourceIp"] = ip
    event["headers"] = {} if origin is None else {"Origin": origin}
    return event


def _authorize(cloud: MotoCloud, event: Any) -> Any:
    return authorizer.handler(event, cloud.context)


def _effect(policy: Any) -> str:
    return str(policy["policyDocument"]["Statement"][0]["Effect"])


def test_a_good_token_is_let_in_to_every_route_of_the_stage(issuer: MotoCloud) -> None:
    policy = _authorize(issuer, _event(_token()))
    (statement,) = policy["policyDocument"]["Statement"]
    assert statement == {
        "Action": "execute-api:Invoke",
        "Effect": "Allow",
        "Resource": "arn:aws:execute-api:eu-central-1:123456789012:abc123/live/*",
    }
    assert policy["principalId"] == "u1"


def test_later_routes_get_the_identity(issuer: MotoCloud) -> None:
    context = _authorize(issuer, _event(_token(role="admin")))["context"]
    identity = from_context(context)
    assert (identity.user_id, identity.name, identity.role) == ("u1", "Ann Other", "admin")
    assert (identity.tournaments, identity.expires_at_ms) == (("t1", "t2"), NOW_MS + 3_600_000)
    assert all(isinstance(value, str) for value in context.values())


@pytest.mark.parametrize(
    "token",
    [None, "", "nonsense", _token(secret="another secret of thirty-two bytes"), _token(exp=1),
     _token(iss="https://other.test"), _token(aud="other"), _token(sub="a b"), "x" * 5_000],
    ids=["none", "empty", "nonsense", "secret", "expired", "issuer", "audience", "sub", "long"],
)  # fmt: skip
def test_no_token_and_a_bad_token_are_unauthorized(issuer: MotoCloud, token: str | None) -> None:
    with pytest.raises(authorizer.Unauthorized, match=r"^Unauthorized$"):
        _authorize(issuer, _event(token))


def test_a_token_in_a_sub_protocol_or_a_header_is_let_in(issuer: MotoCloud) -> None:
    for headers in (
        {"Sec-WebSocket-Protocol": f"scorecast.v1, bearer.{_token()}"},
        {"authorization": f"Bearer {_token()}"},
    ):
        event = _event(None) | {"headers": headers}
        assert _effect(_authorize(issuer, event)) == "Allow"


def test_an_origin_off_the_list_is_denied(
    issuer: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "https://*.example.com")
    assert _effect(_authorize(issuer, _event(_token()))) == "Allow"
    for origin in ("https://evil.test", "https://[", "null"):
        assert _effect(_authorize(issuer, _event(_token(), origin=origin))) == "Deny"


def test_a_missing_origin_is_denied_where_one_is_required(
    issuer: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _effect(_authorize(issuer, _event(_token(), origin=None))) == "Allow"
    monkeypatch.setenv("REQUIRE_ORIGIN", "true")
    host.settings.cache_clear()
    assert _effect(_authorize(issuer, _event(_token(), origin=None))) == "Deny"


def test_an_anonymous_spectator_is_let_in_only_where_that_is_allowed(
    issuer: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLOW_ANONYMOUS", "true")
    policy = _authorize(issuer, _event(None))
    assert (_effect(policy), set(policy["context"])) == ("Allow", {"ip_hash"})
    with pytest.raises(authorizer.Unauthorized):
        _authorize(issuer, _event("nonsense"))


def test_addresses_are_hashed_by_network_and_with_a_key(
    issuer: MotoCloud, connections_api: Any
) -> None:
    def hashed(ip: str) -> str:
        return str(_authorize(issuer, _event(_token(), ip=ip))["context"]["ip_hash"])

    assert hashed("2001:db8:1:2::1") == hashed("2001:db8:1:2:ffff::2")
    assert hashed("2001:db8:1:2::1") != hashed("2001:db8:1:3::1")
    assert hashed("192.0.2.7") != hashed("192.0.2.8")
    assert "192" not in hashed("192.0.2.7")
    before = hashed("192.0.2.7")
    connections_api.secrets["arn:ip", "AWSCURRENT"] = "another key"
    issuer.system.sleep_ms(SECRET_CACHE_SECONDS * 1_000 + 1)
    assert hashed("192.0.2.7") != before


def test_the_answer_of_the_authorizer_fits_where_a_token_is_largest(issuer: MotoCloud) -> None:
    """API Gateway takes 8 KB."""
    token = _token(name="ü" * 120, tournaments=["t" * 18] * 100)
    assert len(token) <= 4_096
    policy = _authorize(issuer, _event(token))
    assert len(json.dumps(policy, ensure_ascii=False).encode()) < 8_192


def test_no_log_line_holds_a_token_an_address_or_a_name(
    issuer: MotoCloud, log_lines: StringIO
) -> None:
    _authorize(issuer, _event(_token()))
    bad = _token(secret="another secret of thirty-two bytes")
    with pytest.raises(authorizer.Unauthorized):
        _authorize(issuer, _event(bad))
    assert "InvalidSignatureError" in log_lines.getvalue()
    for secret in (bad, _token(), "192.0.2.7", "Ann Other", SECRET, IP_KEY):
        assert secret not in log_lines.getvalue()


def test_both_secrets_of_a_rotation_are_good(issuer: MotoCloud) -> None:
    new = "the next secret of thirty-two bytes or more"
    issuer.api.secrets |= {("arn:jwt", "AWSCURRENT"): new, ("arn:jwt", "AWSPREVIOUS"): SECRET}
    for secret in (new, SECRET):
        assert _effect(_authorize(issuer, _event(_token(secret=secret)))) == "Allow"


def test_an_empty_list_of_origins_is_warned_of_once(
    issuer: MotoCloud, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", "")
    host.settings.cache_clear()
    warn_of_any_origin.cache_clear()
    for _ in range(2):
        _authorize(issuer, _event(_token()))
    assert caplog.text.count("AllowedOrigins is empty") == 1
