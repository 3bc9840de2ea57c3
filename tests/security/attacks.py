"""Known attacks on tokens, each with where it is described; all must be refused.

Sources: RFC 7515 (JWS), 7518 (JWA), 7519 (JWT), 7797 (b64), 8725 (best current practices), CVEs.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.serialization import Encoding

from scorecast.protocol.limits import TOKEN_CHARACTERS_MAX
from tests.examples import SECRET
from tests.security.forgery import (
    CLAIMS,
    HEADER,
    LEFT_OUT,
    NOW_S,
    base64url,
    es256_in_der,
    es256_stretched,
    es256_with,
    hs256,
    key_set,
    keys,
    pem,
    public_jwk,
    rs256_by,
    signed,
    unsigned,
    with_claim_text,
    with_claims,
    with_header,
)

P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True)
class Attack:
    name: str
    source: str
    token: str

    def __str__(self) -> str:
        return ascii(self.name)


def _header(name: str, source: str, /, **changes: Any) -> Attack:
    return Attack(name, source, with_header(**changes))


def _claim(name: str, source: str, /, **changes: Any) -> Attack:
    return Attack(name, source, with_claims(**changes))


def _algorithms() -> Iterator[Attack]:
    source = "RFC 8725 §2.1, §3.1; CVE-2015-9235"
    for spelling in ("none", "None", "NONE", "nOnE", "none ", "\x00none", "", "null"):
        header = {"alg": spelling, "typ": "JWT"}
        yield Attack(f"alg {spelling!r}, no signature", source, f"{unsigned(header, CLAIMS)}.")
        yield Attack(f"alg {spelling!r}, signed", source, hs256(header))
    yield Attack("no second dot", source, unsigned({"alg": "none"}, CLAIMS))
    for spelling in ("hs256", "HS256 ", "HS256\x00", "HS-256", "HMAC", "SHA256"):
        yield _header(f"alg {spelling!r}", "RFC 7515 §4.1.1 (case-sensitive)", alg=spelling)
    for value in (None, ["HS256"], {"HS256": 1}, 256, True):
        yield _header(f"alg {value!r}", "RFC 7515 §4.1.1", alg=value)
    yield _header("alg missing", "RFC 7515 §4.1.1", alg=LEFT_OUT)
    for other in ("HS384", "HS512"):
        yield Attack(f"{other} by the secret", "RFC 8725 §3.1", signed(other, SECRET * 2))
    for other, key in (
        ("RS256", keys().other_rsa),
        ("PS256", keys().other_rsa),
        ("ES256", keys().ec),
    ):
        yield Attack(f"{other} by an attacker", "RFC 8725 §3.1", signed(other, key))


def _signatures() -> Iterator[Attack]:
    for weak in ("", "secret", "password", "key", "0" * 32, SECRET.upper(), SECRET + "\n"):
        name = f"signed with {weak[:9]!r}"
        yield Attack(name, "RFC 8725 §2.2, §3.5", hs256(HEADER, CLAIMS, weak))
    source = "RFC 7515 §5.2; RFC 8725 §3.3"
    good = hs256(HEADER)
    content, _, signature = good.rpartition(".")
    yield Attack("empty signature", source, f"{content}.")
    yield Attack("signature cut", source, good[:-6])
    yield Attack("signature longer", source, f"{good}AAAA")
    yield Attack("all zero signature", source, f"{content}.{base64url(bytes(32))}")
    others = {
        "claims": unsigned(HEADER, CLAIMS | {"sub": "u2"}),
        "header": unsigned(HEADER | {"kid": "x"}, CLAIMS),
    }
    for name, other in others.items():
        yield Attack(f"signature of another {name}", source, f"{other}.{signature}")
    # The last of 43 characters carries four bits of 32 bytes; its other two may be anything.
    respelled = good[:-1] + _BASE64[_BASE64.index(good[-1]) ^ 1]
    yield Attack("signature's spare bits", "RFC 4648 §3.5", respelled)


def _headers() -> Iterator[Attack]:
    injected = "RFC 8725 §2.9, §3.10"
    kids = {
        "a path, signed with an empty file": ("../../../dev/null", ""),
        "SQL that gives the secret": ("x' UNION SELECT 'k' -- ", "k"),
        "a command": ("|/bin/sh -c id", "uid=0"),
    }
    for name, (kid, secret) in kids.items():
        token = hs256(HEADER | {"kid": kid}, CLAIMS, secret)
        yield Attack(f"kid is {name}", injected, token)
    for value in (["a"], {"a": 1}, 5, True, 1.5, None):
        yield _header(f"kid is {value!r}", "RFC 7515 §4.1.4", kid=value)
    yield _header("kid is huge", "RFC 8725 §3.10", kid="k" * TOKEN_CHARACTERS_MAX)
    for name in ("jku", "x5u"):
        yield _header(f"{name} of an attacker", injected, **{name: "https://evil.test/keys"})
        yield _header(f"{name} inside", "RFC 8725 §2.9 (SSRF)", **{name: "http://169.254.169.254/"})
    yield _header("jwk in the header", "RFC 7515 §4.1.3; CVE-2018-0114", jwk=public_jwk(keys().ec))
    yield _header("x5c in the header", "RFC 7515 §4.1.6", x5c=["MIIB"])
    for crit in (["exp"], ["b64"], [], "exp", ["crit"], [5]):
        yield _header(f"crit {crit!r}", "RFC 7515 §4.1.11", crit=crit)
    yield _header("b64 false", "RFC 7797 §6", b64=False, crit=["b64"])
    yield _header("b64 false, not critical", "RFC 7797 §6", b64=False)
    yield _header("zip", "RFC 8725 §3.6", zip="DEF")
    yield _header("enc", "RFC 7516 §4.1.2", enc="A128GCM")
    for kind in ("logout+jwt", "secevent+jwt", "id_token", "dpop+jwt", "JWE", "", 5, None, ["JWT"]):
        yield _header(f"typ {kind!r}", "RFC 8725 §2.8, §3.11, §3.12", typ=kind)
    yield Attack("alg twice", "RFC 7515 §4", hs256('{"alg":"none","alg":"HS256"}'))
    for text in ("[]", '"HS256"', "null", "5", "{", "", "{}x", '{"alg":"HS256",}', "{'a':'b'}"):
        yield Attack(f"header is {text!r}", "RFC 7515 §5.2", hs256(text))


def _times() -> Iterator[Attack]:
    source, soon = "RFC 7519 §2, §4.1.4", NOW_S + 60
    yield _claim("exp missing", "RFC 8725 §3.8", exp=LEFT_OUT)
    yield _claim("exp has passed", source, exp=NOW_S - 60)
    for value in (None, str(soon), "", "never", True, False, [soon], {"s": soon}, -1, 0):
        yield _claim(f"exp is {value!r}", source, exp=value)
    numbers = ("NaN", "Infinity", "-Infinity", "1e300", "1e999", "-1e3", "9007199254740993")
    for text in (*numbers, "0x7fffffff", "01795363600", "9" * 400, "1" + "0" * 2_000):
        shown = text if len(text) < 20 else f"{len(text)} digits"
        token = with_claim_text("exp", text)
        yield Attack(f"exp is {shown}", "RFC 8259 §6, RFC 7493 §2.2", token)
    for name, section in (("nbf", "RFC 7519 §4.1.5"), ("iat", "RFC 7519 §4.1.6")):
        yield _claim(f"{name} in the future", section, **{name: soon})
        for start in ("now", True, None, [NOW_S], -1, {"s": 1}):
            yield _claim(f"{name} is {start!r}", section, **{name: start})
        yield Attack(f"{name} is NaN", section, with_claim_text(name, "NaN"))


def _parties() -> Iterator[Attack]:
    yield _claim("iss missing", "RFC 8725 §3.8", iss=LEFT_OUT)
    good = "https://issuer.test"
    near = (f"{good}/", good.upper(), f"{good}.evil.test", [good])
    for issuer in ("https://evil.test", "", None, 5, True, *near):
        yield _claim(f"iss is {issuer!r}", "RFC 8725 §2.7, §3.8", iss=issuer)
    yield _claim("aud missing", "RFC 8725 §3.9", aud=LEFT_OUT)
    wrong: tuple[Any, ...] = (
        "other",
        "",
        None,
        5,
        True,
        [],
        ["other"],
        ["other", "scorecast2"],
        [None],
    )
    for audience in (*wrong, {"scorecast": 1}, [["scorecast"]], "scorecast ", "SCORECAST", "score"):
        yield _claim(f"aud is {audience!r}", "RFC 8725 §3.9, RFC 7519 §4.1.3", aud=audience)
    yield _claim("sub missing", "RFC 8725 §3.8", sub=LEFT_OUT)
    texts = ("", " ", "a b", "a\nb", "a\x00", "x" * 65, "é", "U#u1", "../u1")
    for subject in (*texts, 5, None, True, ["u1"], {"u": 1}):
        yield _claim(f"sub is {subject!r:.20}", "RFC 8725 §3.7, §3.8", sub=subject)


def _own_claims() -> Iterator[Attack]:
    source = "docs/protocol.md, Tokens; ASVS 15.3.5"
    for value in (5, True, ["Ann"], {"a": 1}):
        yield _claim(f"name is {value!r}", source, name=value)
    for role in (["admin"], {"admin": True}, True, 1):
        yield _claim(f"role is {role!r}", source, role=role)
    for listed in ("t1", {"t1": 1}, None, [None], [1], ["t 1"], ["t,1"], [["t1"]], ["t"] * 101):
        yield _claim(f"tournaments is {listed!r:.30}", source, tournaments=listed)


def _payloads() -> Iterator[Attack]:
    whole = json.dumps(CLAIMS)[1:-1]
    for name, first, last in (("sub", '"u2"', '"u1"'), ("exp", "1", f"{NOW_S + 60}")):
        for order in ((first, last), (last, first)):
            text = f'{{"{name}":{order[0]},{whole},"{name}":{order[1]}}}'
            source = "RFC 7519 §4, RFC 8725 §2.4"
            yield Attack(f"{name} thrice, the last {order[1]}", source, hs256(HEADER, text))
    for text in ("[]", "null", "5", '"u1"', "", "{", "true", "[1,2]"):
        yield Attack(f"claims are {text!r}", "RFC 7519 §7.2", hs256(HEADER, text))
    for name, data in _encodings(whole):
        yield Attack(f"claims {name}", "RFC 8725 §3.7", hs256(HEADER, data))
    yield _claim("huge", "RFC 8725 §3.10 (bounded)", padding="x" * TOKEN_CHARACTERS_MAX)


def _encodings(whole: str) -> Iterator[tuple[str, bytes]]:
    good = f"{{{whole}}}"
    yield "with a byte order mark", b"\xef\xbb\xbf" + good.encode()
    yield "in UTF-16", good.encode("utf-16")
    yield "in UTF-32", good.encode("utf-32")
    yield "in UTF-7", b"+AHs-" + good[1:].encode()
    names = {
        "with invalid UTF-8": b"\xff",
        "with an overlong form": b"\xc0\xaf",
        "with a surrogate in bytes": b"\xed\xa0\x80",
        "with a lone surrogate": b"\\ud800",
    }
    for name, data in names.items():
        yield name, b'{%b,"name":"%b"}' % (whole.encode(), data)
    for name, text in {"a NUL": "\x00", "more": "{}", "a comma": ",", "a comment": "//"}.items():
        yield f"with {name} after", (good + text).encode()
    for depth in (40, 1_000):
        yield f"nested {depth} deep", f'{{{whole},"x":{"[" * depth}{"]" * depth}}}'.encode()


def _shapes() -> Iterator[Attack]:
    source = "RFC 7515 §7.1, RFC 7519 §7.2"
    dots = ("", " ", ".", "..", "...", "....", "a", "a.b", "a.b.c", "e30.e30.e30", "." * 4_096)
    words = ("null", "undefined", "Bearer e30.e30.e30", "{}", '{"payload":"e30","signatures":[]}')
    for text in (*dots, *words, "\x00", "\ud800.a.b", "é.é.é", "😀", "x" * 5_000):
        yield Attack(f"text {text[:20]!r}", source, text)
    good = hs256(HEADER)
    for name, change in _SPELLINGS.items():
        yield Attack(name, source, change(good))


_SPELLINGS: Final[dict[str, Callable[[str], str]]] = {
    "a dot before": lambda token: f".{token}",
    "a dot after": lambda token: f"{token}.",
    "a fourth part": lambda token: f"{token}.e30",
    "five parts, as JWE has": lambda token: f"{token}.e30.e30",
    "two tokens": lambda token: f"{token},{token}",
    "space before": lambda token: f" {token}",
    "line feed after": lambda token: f"{token}\n",
    "tab within": lambda token: token[:5] + "\t" + token[5:],
    "NUL after": lambda token: f"{token}\x00",
    "quoted": lambda token: f'"{token}"',
    "padded": lambda token: token.replace(".", "=.", 1),
    "padded at its end": lambda token: f"{token}=",
    "a character that base64 skips": lambda token: token[:10] + "!" + token[10:],
    "one that base64 skips in the signature": lambda token: token[:-5] + "~" + token[-5:],
    "no-break space within": lambda token: token[:10] + "\xa0" + token[10:],
    "full-width dots": lambda token: token.replace(".", "\uff0e"),
    "percent-encoded dots": lambda token: token.replace(".", "%2E"),
    "zero-width space after": lambda token: f"{token}\u200b",
    "upper case": lambda token: token.upper(),
    "reversed": lambda token: token[::-1],
}


def _of_public_keys() -> Iterator[Attack]:
    """Where RS256 is configured and the provider publishes `key_set`."""
    confusion = "RFC 8725 §2.1, §3.2; CVE-2016-10555"
    texts = {
        "PEM": pem(keys().rsa, Encoding.PEM),
        "DER": pem(keys().rsa, Encoding.DER),
        "JWK": str(key_set()["keys"][0]).encode(),
    }
    for form, secret in texts.items():
        for header in (HEADER, HEADER | {"kid": "rsa"}):
            token = hs256(header, CLAIMS, secret)
            yield Attack(f"HS256 by the public key as {form}, {len(header)}", confusion, token)
    symmetric = {"kid": "symmetric"}
    yield Attack("HS256 by the set's secret", "RFC 8725 §3.2", hs256(HEADER | symmetric))
    yield Attack("RS256 said, secret named", "RFC 8725 §3.2", hs256({"alg": "RS256"} | symmetric))
    none = unsigned({"alg": "none", "kid": "rsa"}, CLAIMS)
    yield Attack("alg none", "RFC 8725 §2.1", f"{none}.")
    stranger, own = keys().other_rsa, keys().rsa
    yield Attack("key of an attacker", "RFC 8725 §3.3", rs256_by(stranger, {"kid": "rsa"}))
    jwk = {"jwk": public_jwk(stranger)}
    yield Attack("key in its own header", "CVE-2018-0114", rs256_by(stranger, jwk))
    jku = {"kid": "rsa", "jku": "https://evil.test"}
    yield Attack("jku of an attacker's set", "RFC 8725 §2.9", rs256_by(stranger, jku))
    encrypting = rs256_by(stranger, {"kid": "for-encryption"})
    yield Attack("key for encryption", "RFC 7517 §4.2", encrypting)
    yield Attack("kid missing", "RFC 8725 §3.10", rs256_by(own, {}))
    for kid in ("nobody's", "ec", "symmetric", "unknown", "p384", ""):
        yield Attack(f"kid {kid!r}", "RFC 8725 §3.2, §3.10", rs256_by(own, {"kid": kid}))
    for algorithm, key in (("RS384", own), ("PS256", own), ("ES256", keys().ec)):
        token = signed(algorithm, key, kid="ec" if key is keys().ec else "rsa")
        yield Attack(f"{algorithm} by a right key", "RFC 8725 §3.1", token)


def _of_curves() -> Iterator[Attack]:
    """Where ES256 is configured and the provider publishes `key_set`."""
    zero, one, order = bytes(32), (1).to_bytes(32), P256_ORDER.to_bytes(32)
    signatures = {
        "r and s are 0": zero + zero,
        "r is 0": zero + one,
        "s is 0": one + zero,
        "r and s are 1": one + one,
        "r and s are the order": order + order,
        "signature is empty": b"",
        "signature is cut": one + one[:-1],
        "signature is huge": one * 80,
    }
    for name, signature in signatures.items():
        yield Attack(name, "RFC 8725 §3.4; CVE-2022-21449", es256_with(signature))
    yield Attack("signature in DER", "RFC 7518 §3.4", es256_in_der())
    yield Attack("signature of 66 bytes", "RFC 7518 §3.4", es256_stretched())
    other_curve = signed("ES384", keys().p384, kid="p384")
    yield Attack("key of another curve", "RFC 8725 §3.4", other_curve)
    named = unsigned({"alg": "ES256", "kid": "p384"}, CLAIMS)
    yield Attack("key of another curve named", "RFC 8725 §3.4", f"{named}.{base64url(one + one)}")
    yield Attack("RS256 by a right key", "RFC 8725 §3.1", rs256_by(keys().rsa, {"kid": "rsa"}))


SHARED_SECRET: Final = [
    *_algorithms(),
    *_signatures(),
    *_headers(),
    *_times(),
    *_parties(),
    *_own_claims(),
    *_payloads(),
    *_shapes(),
]
PUBLIC_KEYS: Final = [*_of_public_keys()]
CURVES: Final = [*_of_curves()]
