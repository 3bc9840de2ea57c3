import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from scorecast.domain.connections.identity import BadToken, Identity
from scorecast.domain.connections.tokens import Rules, key_id, verify, weak_secret
from scorecast.protocol.limits import TOKEN_LEEWAY_SECONDS
from tests.examples import SECRET

Json = dict[str, Any]
NOW_S = 1_795_360_000.0
RULES = Rules("HS256", issuer="https://issuer.test", audience="scorecast")
UNBOUND = Rules("HS256", issuer="", audience="")
CLAIMS: Json = {
    "sub": "u1",
    "name": "Ann",
    "role": "admin",
    "tournaments": ["t1", "t2"],
    "iss": "https://issuer.test",
    "aud": "scorecast",
    "exp": NOW_S + 3_600,
}


@cache
def _rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _claims(**changes: Any) -> Json:
    """Good claims with changes; a claim changed to ... is left out."""
    return {name: value for name, value in (CLAIMS | changes).items() if value is not ...}


def _token(secret: str = SECRET, headers: Json | None = None, **changes: Any) -> str:
    return jwt.encode(_claims(**changes), secret, algorithm="HS256", headers=headers)


def _raw(header: Json, payload: object, secret: bytes = SECRET.encode()) -> str:
    """A token that no library would make."""
    parts = [_base64(json.dumps(part).encode()) for part in (header, payload)]
    signed = ".".join(parts)
    digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_base64(digest)}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _verify(
    token: str, *keys: Any, rules: Rules = RULES, now_s: float = NOW_S
) -> Identity | BadToken:
    return verify(token, keys=keys or (SECRET,), rules=rules, now_s=now_s)


def _is_bad(token: str, *keys: Any, rules: Rules = RULES, now_s: float = NOW_S) -> bool:
    return isinstance(_verify(token, *keys, rules=rules, now_s=now_s), BadToken)


def test_a_good_token_names_its_holder() -> None:
    assert _verify(_token()) == Identity(
        user_id="u1",
        name="Ann",
        role="admin",
        tournaments=("t1", "t2"),
        expires_at_ms=int((NOW_S + 3_600) * 1_000),
    )


def test_a_plain_user_needs_no_more_than_sub_and_exp() -> None:
    token = jwt.encode({"sub": "u1", "exp": NOW_S + 1}, SECRET, algorithm="HS256")
    identity = _verify(token, rules=UNBOUND)
    assert isinstance(identity, Identity)
    assert (identity.user_id, identity.name, identity.role) == ("u1", None, None)


@pytest.mark.parametrize(
    "name", ["Jean\u00a0Luc", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "李雷"]
)
def test_a_name_may_be_of_any_language(name: str) -> None:
    identity = _verify(_token(name=name))
    assert isinstance(identity, Identity) and identity.name == name


@pytest.mark.parametrize("name", ["a\nb", "Ann\u202e", " ", "\u200b", "\x1b[2J"])
def test_an_invisible_name_counts_as_none(name: str) -> None:
    identity = _verify(_token(name=name))
    assert isinstance(identity, Identity) and identity.name is None


BY_CLAIM = Rules("HS256", issuer="", audience="", user_claim="https://example.com/user")


def test_another_claim_than_sub_may_name_the_user() -> None:
    stated = {"sub": "auth0|5f7c", "https://example.com/user": "u1", "exp": NOW_S + 1}
    identity = _verify(jwt.encode(stated, SECRET, algorithm="HS256"), rules=BY_CLAIM)
    assert isinstance(identity, Identity) and identity.user_id == "u1"


def test_another_claim_than_role_may_hold_the_role() -> None:
    rules = Rules("HS256", issuer="", audience="", role_claim="custom:role")
    stated = {"sub": "u1", "role": "admin", "custom:role": "service", "exp": NOW_S + 1}
    identity = _verify(jwt.encode(stated, SECRET, algorithm="HS256"), rules=rules)
    assert isinstance(identity, Identity) and identity.role == "service"


@pytest.mark.parametrize("stated", [{}, {"https://example.com/user": "auth0|5f7c"}])
def test_a_token_without_a_good_user_is_bad(stated: Json) -> None:
    token = jwt.encode({"sub": "u1", "exp": NOW_S + 1, **stated}, SECRET, algorithm="HS256")
    assert _is_bad(token, rules=BY_CLAIM)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", "HS512", "RS256"])
def test_a_token_does_not_choose_its_algorithm(algorithm: str) -> None:
    assert _is_bad(_raw({"alg": algorithm, "typ": "JWT"}, CLAIMS))


def test_an_unsigned_token_is_bad() -> None:
    header = _base64(b'{"alg":"none","typ":"JWT"}')
    assert _is_bad(f"{header}.{_base64(json.dumps(CLAIMS).encode())}.")


def test_a_public_key_is_not_accepted_as_a_secret() -> None:
    """RS/HS confusion: signed by HMAC with the bytes of the public key."""
    public = _rsa_key().public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    forged = _raw({"alg": "HS256", "typ": "JWT"}, CLAIMS, pem)
    assert _is_bad(forged, public, rules=Rules("RS256", RULES.issuer, RULES.audience))


def test_an_rs256_token_is_good_where_rs256_is_configured_and_nowhere_else() -> None:
    token = jwt.encode(CLAIMS, _rsa_key(), algorithm="RS256")
    public = _rsa_key().public_key()
    rules = Rules("RS256", RULES.issuer, RULES.audience)
    assert isinstance(_verify(token, public, rules=rules), Identity)
    assert _is_bad(token, SECRET)


def test_an_es256_token_is_good_where_es256_is_configured() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    token = jwt.encode(CLAIMS, key, algorithm="ES256")
    rules = Rules("ES256", RULES.issuer, RULES.audience)
    assert isinstance(_verify(token, key.public_key(), rules=rules), Identity)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_key_of_another_kind_makes_a_token_bad_and_raises_nothing(algorithm: str) -> None:
    """A stated set may hold keys of several kinds, and a token may name any of them."""
    others = [_rsa_key().public_key(), ec.generate_private_key(ec.SECP384R1()).public_key()]
    token = _raw({"alg": algorithm, "typ": "JWT"}, CLAIMS)
    rules = Rules(algorithm, RULES.issuer, RULES.audience)
    for key in others:
        assert _is_bad(token, key, rules=rules)


@pytest.mark.parametrize(
    "header", [{"jku": "https://evil.test"}, {"x5u": "https://evil.test"}, {"crit": ["exp"]},
               {"jwk": {"kty": "oct", "k": "AA"}}, {"x5c": ["MIIB"]}, {"b64": False},
               {"zip": "DEF"}, {"enc": "A128GCM"}],
    ids=lambda header: next(iter(header)),
)  # fmt: skip
def test_a_token_does_not_bring_keys_or_rules(header: Json) -> None:
    outcome = _verify(_raw({"alg": "HS256", "typ": "JWT"} | header, CLAIMS))
    assert outcome == BadToken(f"header {next(iter(header))}")


@pytest.mark.parametrize("header", [{"cat": "cl_B7d4PD111AAA"}, {"x5t": "AA"}, {"admin": True}])
def test_a_header_that_brings_neither_is_ignored(header: Json) -> None:
    assert _verify(_raw({"alg": "HS256", "typ": "JWT"} | header, CLAIMS)) == _verify(
        _raw({"alg": "HS256", "typ": "JWT"}, CLAIMS)
    )
    assert not _is_bad(_raw({"alg": "HS256", "typ": "JWT"} | header, CLAIMS))


def test_a_kid_is_passed_on_and_changes_nothing_for_a_shared_secret() -> None:
    token = _token(headers={"kid": "../../dev/null"})
    assert key_id(token) == "../../dev/null"
    assert isinstance(_verify(token), Identity)


@pytest.mark.parametrize("kid", [5, None, ["a"], {"a": 1}])
def test_a_kid_is_a_string(kid: Any) -> None:
    checked = key_id(_raw({"alg": "HS256", "kid": kid}, CLAIMS))
    assert isinstance(checked, BadToken) or checked is None


@pytest.mark.parametrize(
    "expires",
    [str(int(NOW_S) + 60), None, True, [NOW_S], float("nan"), float("inf"), 1e300, -1, {}, "soon"],
)
def test_a_mistyped_expiry_makes_a_token_bad(expires: Any) -> None:
    assert _is_bad(_raw({"alg": "HS256"}, _claims(exp=expires)))


def test_an_expired_token_is_bad_once_the_leeway_is_over() -> None:
    token = _token(exp=NOW_S)
    last_s = NOW_S + TOKEN_LEEWAY_SECONDS
    assert not _is_bad(token, now_s=last_s - 0.001)
    assert _is_bad(token, now_s=last_s)


def test_a_token_before_its_time_is_bad_until_the_leeway_begins() -> None:
    token = _token(nbf=NOW_S)
    first_s = NOW_S - TOKEN_LEEWAY_SECONDS
    assert not _is_bad(token, now_s=first_s)
    assert _is_bad(token, now_s=first_s - 0.001)


@pytest.mark.parametrize("starts", ["now", True, None, float("nan")])
def test_a_mistyped_start_makes_a_token_bad(starts: Any) -> None:
    assert _is_bad(_raw({"alg": "HS256"}, _claims(nbf=starts)))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.test"},
        {"iss": ...},
        {"aud": "other"},
        {"aud": ...},
        {"aud": []},
        {"sub": ...},
        {"sub": ""},
        {"sub": "a b"},
        {"sub": "x" * 65},
        {"sub": 5},
        {"exp": ...},
        {"name": 5},
        {"role": ["admin"]},
        {"tournaments": "t1"},
        {"tournaments": None},
        {"tournaments": ["t 1"]},
        {"tournaments": ["t,1"]},
        {"tournaments": [f"t{n}" for n in range(101)]},
    ],
    ids=repr,
)
def test_a_wrong_claim_makes_a_token_bad(changes: Json) -> None:
    bad = _verify(_raw({"alg": "HS256"}, _claims(**changes)))
    assert isinstance(bad, BadToken)
    assert [bad.claim] == list(changes)


def test_of_a_token_that_is_not_signed_properly_no_claim_is_named() -> None:
    bad = _verify(_token(iss="https://other.test"), "another secret of at least 32 bytes")
    assert bad == BadToken("InvalidSignatureError")


def test_issuer_and_audience_are_not_checked_where_none_is_configured() -> None:
    assert not _is_bad(_token(iss="https://other.test", aud="other"), rules=UNBOUND)


def test_one_of_several_audiences_is_enough() -> None:
    assert not _is_bad(_token(aud=["other", "scorecast"]))


def test_a_token_may_name_a_hundred_tournaments() -> None:
    tournaments = [f"t{n}" for n in range(100)]
    identity = _verify(_token(tournaments=tournaments))
    assert isinstance(identity, Identity) and identity.tournaments == tuple(tournaments)


def test_a_token_may_name_single_matches() -> None:
    identity = _verify(_token(matches=["m1", "m2"]))
    assert isinstance(identity, Identity) and identity.matches == ("m1", "m2")
    assert _is_bad(_token(matches=["no id!"]))
    assert _is_bad(_token(matches="m1"))


def test_a_long_name_is_cut() -> None:
    identity = _verify(_token(name="x" * 500))
    assert isinstance(identity, Identity)
    assert identity.name == "x" * 120


def test_a_signature_of_another_secret_is_bad() -> None:
    assert _is_bad(_token("another secret of thirty-two bytes or more"))


def test_a_changed_payload_is_bad() -> None:
    header, _, signature = _token().split(".")
    payload = _base64(json.dumps(CLAIMS | {"role": "admin", "sub": "u2"}).encode())
    assert _is_bad(f"{header}.{payload}.{signature}")


def test_both_secrets_of_a_rotation_are_good() -> None:
    new = "the next secret of thirty-two bytes or more"
    assert not _is_bad(_token(SECRET), new, SECRET)
    assert not _is_bad(_token(new), new, SECRET)
    assert _is_bad(_token("the secret before: thirty-two bytes"), new, SECRET)


def test_without_keys_every_token_is_bad() -> None:
    assert isinstance(verify(_token(), keys=(), rules=RULES, now_s=NOW_S), BadToken)


@pytest.mark.parametrize(
    "token",
    ["", ".", "..", "a.b", "a.b.c", "x" * 5_000, "e30.e30.e30", "\ud800.a.b", "é.é.é"],
    ids=lambda token: token[:12].encode("unicode_escape").decode(),
)
def test_a_malformed_token_is_bad(token: str) -> None:
    assert _is_bad(token)


def test_a_token_over_4096_characters_is_bad_whatever_it_says() -> None:
    assert key_id(_token(name="x" * 4_096)) == BadToken("too long")


@pytest.mark.parametrize("payload", [[], "x", 5, None])
def test_a_payload_that_is_not_an_object_is_bad(payload: Any) -> None:
    assert _is_bad(_raw({"alg": "HS256"}, payload))


def test_a_deeply_nested_token_is_bad() -> None:
    signed = f"{_base64(b'{"alg":"HS256"}')}.{_base64(b'[' * 2_000 + b']' * 2_000)}"
    digest = hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).digest()
    assert _is_bad(f"{signed}.{_base64(digest)}")


def test_a_refusal_quotes_nothing_of_the_token() -> None:
    bad = _verify(_token(iss="https://secret.test"))
    assert isinstance(bad, BadToken)
    assert "secret" not in bad.reason


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: st.lists(children, max_size=3),
    max_leaves=4,
)


@given(st.text(st.characters()))
def test_no_text_raises(token: str) -> None:
    assert _is_bad(token)


@given(st.dictionaries(st.sampled_from(["sub", "exp", "nbf", "iat", "iss", "aud", "jti", "name",
                                        "role", "tournaments"]), json_values))  # fmt: skip
def test_no_claims_raise(claims: Json) -> None:
    outcome = _verify(_raw({"alg": "HS256"}, CLAIMS | claims))
    assert isinstance(outcome, Identity | BadToken)


@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "cat"]), json_values))
def test_no_header_raises(header: Json) -> None:
    outcome = _verify(_raw({"alg": "HS256"} | header, CLAIMS))
    assert isinstance(outcome, Identity | BadToken)


def test_a_secret_of_31_bytes_is_weak_and_one_of_32_is_not() -> None:
    assert weak_secret("x" * 31)
    assert not weak_secret("x" * 32)
    assert not weak_secret("ü" * 16)
