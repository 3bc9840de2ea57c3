"""Tokens that no library would make, and the keys that they are made with."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from tests.examples import NOW_MS, SECRET

Json = dict[str, Any]
NOW_S: Final = NOW_MS // 1_000
HEADER: Final[Json] = {"alg": "HS256", "typ": "JWT"}
CLAIMS: Final[Json] = {
    "sub": "u1",
    "iss": "https://issuer.test",
    "aud": "scorecast",
    "exp": NOW_S + 3_600,
}
LEFT_OUT: Final = object()


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _text(part: object) -> bytes:
    """A part as JSON; texts and bytes are taken as they are."""
    if isinstance(part, bytes):
        return part
    return (part if isinstance(part, str) else json.dumps(part)).encode()


def unsigned(header: object, claims: object) -> str:
    return f"{base64url(_text(header))}.{base64url(_text(claims))}"


def hs256(header: object, claims: object = CLAIMS, secret: bytes | str = SECRET) -> str:
    """Signed with the real secret, unless another is given: only its content is hostile."""
    key = secret.encode() if isinstance(secret, str) else secret
    content = unsigned(header, claims)
    return f"{content}.{base64url(hmac.new(key, content.encode(), hashlib.sha256).digest())}"


def with_header(**changes: Any) -> str:
    return hs256({k: v for k, v in (HEADER | changes).items() if v is not LEFT_OUT})


def with_claims(**changes: Any) -> str:
    return hs256(HEADER, {k: v for k, v in (CLAIMS | changes).items() if v is not LEFT_OUT})


def with_claim_text(name: str, text: str) -> str:
    """A claim whose JSON is written as given: NaN, say, or so many digits."""
    whole = json.dumps({key: value for key, value in CLAIMS.items() if key != name})
    return hs256(HEADER, f'{whole[:-1]}, "{name}": {text}}}')


@dataclass(frozen=True)
class Keys:
    """A provider's keys, and one that is not the provider's."""

    rsa: RSAPrivateKey
    ec: EllipticCurvePrivateKey
    other_rsa: RSAPrivateKey
    p384: EllipticCurvePrivateKey


@cache
def keys() -> Keys:
    return Keys(
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
        ec.generate_private_key(ec.SECP256R1()),
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
        ec.generate_private_key(ec.SECP384R1()),
    )


def public_jwk(key: Any, **more: str) -> Json:
    algorithm: Any = (
        jwt.algorithms.RSAAlgorithm
        if isinstance(key, RSAPrivateKey)
        else jwt.algorithms.ECAlgorithm
    )
    return dict(json.loads(algorithm.to_jwk(key.public_key()))) | more


def key_set() -> Json:
    """What the provider publishes: among good keys one to encrypt with, and a symmetric one."""
    return {
        "keys": [
            public_jwk(keys().rsa, kid="rsa", use="sig"),
            public_jwk(keys().ec, kid="ec", use="sig"),
            public_jwk(keys().other_rsa, kid="for-encryption", use="enc"),
            public_jwk(keys().p384, kid="p384"),
            {"kty": "oct", "kid": "symmetric", "k": base64url(SECRET.encode())},
            {"kty": "unknown", "kid": "unknown"},
        ]
    }


def pem(key: RSAPrivateKey, encoding: serialization.Encoding) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(encoding, form)


def signed(algorithm: str, key: Any, *, kid: str | None = None, **headers: Any) -> str:
    kids = {} if kid is None else {"kid": kid}
    return jwt.encode(CLAIMS, key, algorithm=algorithm, headers=kids | headers)


def es256_with(signature: bytes) -> str:
    return f"{unsigned({'alg': 'ES256', 'kid': 'ec'}, CLAIMS)}.{base64url(signature)}"


def es256_in_der() -> str:
    """A right signature in ASN.1, which is not how JWS writes one."""
    content = unsigned({"alg": "ES256", "kid": "ec"}, CLAIMS)
    der = keys().ec.sign(content.encode(), ec.ECDSA(hashes.SHA256()))
    return f"{content}.{base64url(der)}"


def es256_stretched() -> str:
    """A right signature whose numbers have a leading zero each: 66 bytes for 64."""
    content = unsigned({"alg": "ES256", "kid": "ec"}, CLAIMS)
    r, s = decode_dss_signature(keys().ec.sign(content.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{content}.{base64url(r.to_bytes(33) + s.to_bytes(33))}"


def rs256_by(key: RSAPrivateKey, header: Json) -> str:
    content = unsigned({"alg": "RS256"} | header, CLAIMS)
    signature = key.sign(content.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{content}.{base64url(signature)}"
