"""docs/asyncapi.json and docs/reference.md against the types, the parser and the other page."""

import ast
import copy
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.paths import ROOT
from infra.specs import asyncapi, descriptions, event_bus
from infra.specs.asyncapi import of_client, of_server
from infra.specs.pages import PAGES
from infra.specs.schemas import GATEWAY_ERROR, NOT_IN_SCHEMAS, SENT
from scorecast.domain.matches.tournament import TournamentEventType
from scorecast.protocol import strict_json
from scorecast.protocol.commands import COMMANDS
from scorecast.protocol.errors import TICKET_CODES, CloseReason, Code
from scorecast.protocol.limits import (
    DETAILS_BYTES_MAX,
    DETAILS_DEPTH_MAX,
    ID_CHARACTERS_MAX,
    INTEGER_MAX,
    REASON_CHARACTERS_MAX,
    SCORE_MAX,
    TOKEN_CHARACTERS_MAX,
)
from scorecast.protocol.parsing import Request, parse
from scorecast.protocol.states import State
from scorecast.protocol.text import is_plain, normalized
from tests.docs import generated
from tests.docs.pages import json_examples, page, rows, section, words
from tests.message_schemas import DOCUMENT, MESSAGES, faults, faults_of_client, faults_of_server

Message = dict[str, Any]

NODE: Final = ROOT / ".venv" / "bin" / "node"
CHECK: Final = ROOT / "tests" / "docs" / "check-asyncapi.js"
INFORMATION: Final = 2
"""A diagnostic's severity: errors are 0, warnings 1."""
PAGE: Final = page("protocol.md")
SOCKET_EXAMPLES: Final = [
    message
    for heading in (
        "## Connecting",
        "## What a client sends",
        "## What the server sends",
        "## Errors",
        "## Goodbyes",
    )
    for message in json_examples(section(PAGE, heading))
]
FREE: Final = frozenset({"details", "errors", "rounds", "round"})
"""Fields of the examples that hold what their senders like."""
WORDS: Final = frozenset({"type", "role", "state", "old_state", "new_state", "room", "status"})
"""Fields that hold one of a few words."""


def examples(kind: str) -> list[Message]:
    return [example["payload"] for example in MESSAGES[kind]["examples"]]


def of_all(kinds: Any, name: Callable[[str], str]) -> list[Message]:
    return [message for kind in kinds for message in examples(name(kind))]


CLIENT_EXAMPLES: Final = of_all(COMMANDS, of_client)
SERVER_EXAMPLES: Final = of_all(SENT, of_server)


def is_parsed(message: Message) -> bool:
    return isinstance(parse(strict_json.compact(message)), Request)


def kind_of(message: Message) -> str:
    return str(message.get("type", GATEWAY_ERROR))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_is_generated_from_the_types(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == PAGES[path](), "run: python -m infra.specs"


def diagnostics(documents: list[Any]) -> list[list[str]]:
    """The errors and warnings of the official parser, for each document."""
    done = subprocess.run(
        [NODE, CHECK], input=json.dumps(documents), capture_output=True, text=True, check=True
    )
    return [
        [f"{each['path']}: {each['message']}" for each in found if each["severity"] < INFORMATION]
        for found in json.loads(done.stdout)
    ]


def test_the_official_parser_accepts_the_document_and_rejects_broken_ones() -> None:
    places = (
        ("info", "version"),
        ("servers", "aws", "protocol"),
        ("operations", "receivePing", "action"),
        ("channels", "socket", "messages", "server.pong"),
    )
    document, *broken = diagnostics([DOCUMENT, *(without(place) for place in places)])
    assert document == []
    assert all(broken)


def without(place: tuple[str, ...]) -> Any:
    broken = copy.deepcopy(DOCUMENT)
    at: Any = broken
    for step in place[:-1]:
        at = at[step]
    del at[place[-1]]
    return broken


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for child in value.values():
            yield from references(child)
    elif isinstance(value, list):
        for child in value:
            yield from references(child)


def test_every_reference_leads_somewhere() -> None:
    for reference in set(references(DOCUMENT)):
        at: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            at = at[step]


def test_every_message_belongs_to_an_operation() -> None:
    used = {
        reference.rpartition("/")[2]
        for operation in DOCUMENT["operations"].values()
        for reference in references(operation)
    }
    assert used - {"socket", event_bus.CHANNEL} == MESSAGES.keys()


def test_M12_every_event_of_a_room_is_on_the_bus_with_the_same_data() -> None:
    events = {*asyncapi.UNASKED["sendMatchEvent"][1], *TournamentEventType}
    bus = {name.removeprefix("bus."): MESSAGES[name] for name in MESSAGES if name[:4] == "bus."}
    assert bus.keys() == events
    for kind, message in bus.items():
        shape = MESSAGES[of_server(kind)]["payload"]["$ref"]
        properties = message["payload"]["properties"]
        assert properties["detail"] == {"$ref": f"{shape}/properties/data"}
        assert properties["detail-type"] == {"const": kind}


def test_every_command_and_every_event_is_in_the_document() -> None:
    assert {of_client(kind) for kind in COMMANDS} <= MESSAGES.keys()
    assert {of_server(kind) for kind in {*TournamentEventType, *SENT}} <= MESSAGES.keys()
    for name in MESSAGES:
        assert examples(name), name


def test_every_field_of_a_command_has_a_description() -> None:
    for kind in COMMANDS:
        for field, schema in MESSAGES[of_client(kind)]["payload"]["properties"].items():
            assert field == "type" or schema.get("description"), (kind, field)


def test_every_field_of_the_server_has_a_description() -> None:
    for name, schema in DOCUMENT["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            assert field in ("type", "data") or described.get("description"), (name, field)


@pytest.mark.parametrize("message", CLIENT_EXAMPLES, ids=kind_of)
def test_a_clients_example_is_valid_for_parser_and_schema(message: Message) -> None:
    parsed = parse(strict_json.compact(message))
    assert isinstance(parsed, Request), parsed
    assert type(parsed.command) is COMMANDS[message["type"]]
    assert faults_of_client(message) == []


@pytest.mark.parametrize("message", SERVER_EXAMPLES, ids=kind_of)
def test_a_servers_example_is_valid(message: Message) -> None:
    assert faults_of_server(message) == []


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Every object of an example whose fields are all known."""
    if isinstance(value, dict):
        yield value
        for name, child in value.items():
            if name not in FREE:
                yield from objects(child)
    elif isinstance(value, list):
        for child in value:
            yield from objects(child)


def variations(message: Message, vary: Callable[[dict[str, Any], str], None]) -> Iterator[Message]:
    """The example again for each field of each object, with that field changed."""
    for number, each in enumerate(objects(message)):
        for name in each.keys() - FREE:
            varied = copy.deepcopy(message)
            vary(list(objects(varied))[number], name)
            yield varied


@pytest.mark.parametrize("message", SERVER_EXAMPLES, ids=kind_of)
def test_a_field_of_another_type_is_rejected(message: Message) -> None:
    def spoil(fields: dict[str, Any], name: str) -> None:
        fields[name] = [[]]

    for varied in variations(message, spoil):
        assert faults_of_server(varied), varied


@pytest.mark.parametrize("message", SERVER_EXAMPLES, ids=kind_of)
def test_an_unknown_word_is_rejected(message: Message) -> None:
    def misspell(fields: dict[str, Any], name: str) -> None:
        if name in WORDS:
            fields[name] += "_"

    for varied in variations(message, misspell):
        assert varied == message or faults_of_server(varied), varied


@pytest.mark.parametrize("message", SERVER_EXAMPLES, ids=kind_of)
def test_a_field_of_another_name_is_rejected(message: Message) -> None:
    """The field is missing, or the other name is unknown."""

    def rename(fields: dict[str, Any], name: str) -> None:
        fields[f"{name}_"] = fields.pop(name)

    for varied in variations(message, rename):
        assert faults_of_server(varied), varied


@pytest.mark.parametrize("message", SERVER_EXAMPLES, ids=kind_of)
def test_an_unknown_field_is_rejected(message: Message) -> None:
    assert faults_of_server(message | {"more": 1})
    if "data" in message and message["type"] not in set(TournamentEventType):
        assert faults_of_server(message | {"data": message["data"] | {"more": 1}})


def test_each_code_has_one_shape_of_error() -> None:
    shapes = DOCUMENT["components"]["schemas"]["AnyError"]["anyOf"]
    codes = [
        code
        for shape in shapes
        for code in _codes(DOCUMENT["components"]["schemas"][shape["$ref"].rpartition("/")[2]])
    ]
    assert sorted(codes) == sorted(set(Code) - set(TICKET_CODES))


def _codes(shape: Message) -> list[str]:
    code = shape["properties"]["code"]
    return list(code.get("enum", [code.get("const")]))


@pytest.mark.parametrize("goodbye", CloseReason, ids=lambda goodbye: goodbye.name)
def test_a_goodbye_is_in_the_document_as_it_is_sent(goodbye: CloseReason) -> None:
    code, reason, reconnect = goodbye.value
    message = {"type": "goodbye", "code": code, "reason": reason, "reconnect": reconnect}
    assert faults_of_server(message) == []
    assert faults_of_server(message | {"reconnect": not reconnect})
    assert faults_of_server(message | {"code": code + 100})


def test_both_pages_describe_errors_and_goodbyes_alike() -> None:
    errors = {words(row[0])[0]: row[1] for row in rows(section(PAGE, "## Errors")) if words(row[0])}
    described = descriptions.of_members(Code).items()
    assert errors == {str(code): when for code, when in described if code not in TICKET_CODES}
    goodbyes = {
        words(row[1])[0]: row[3] for row in rows(section(PAGE, "## Goodbyes")) if row[0].isdigit()
    }
    assert goodbyes == {
        reason.value[1]: when for reason, when in descriptions.of_members(CloseReason).items()
    }


@pytest.mark.parametrize(
    "message", SOCKET_EXAMPLES, ids=lambda message: message.get("type", "snapshot")
)
def test_an_example_of_the_readable_page_is_in_the_document(message: Message) -> None:
    if "type" not in message:
        assert faults(message, "schemas/TournamentSummary") == []
    else:
        assert faults_of_client(message) == [] or faults_of_server(message) == []


def test_the_readable_page_links_to_the_others() -> None:
    for path in PAGES:
        assert f"({path.name})" in PAGE


FIELDS_GOOD: Final = {
    kind: generated.messages(MESSAGES[of_client(kind)]["payload"]) for kind in sorted(COMMANDS)
}
"""Messages whose fields are good, each by itself."""
JUNK: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 1_000_002),
    st.just(0.5),
    st.text(max_size=3),
    st.sampled_from(
        ["x" * 65, "a b", "ä", "m1\n", "live", "won", "ping", [], ["m1"], {}, {"a": 1}]
    ),
)


FIELD_NAMES: Final = {
    name for kind in COMMANDS for name in MESSAGES[of_client(kind)]["payload"]["properties"]
}


@st.composite
def commands(draw: st.DrawFn) -> Message:
    """A message whose fields are good, each by itself; then one of them may be changed."""
    message: Message = draw(st.one_of(*FIELDS_GOOD.values()))
    match draw(st.sampled_from(["good", "wrong", "missing", "extra"])):
        case "wrong":
            message[draw(st.sampled_from(sorted(message)))] = draw(JUNK)
        case "missing":
            del message[draw(st.sampled_from(sorted(message)))]
        case "extra":
            message[draw(st.sampled_from([*sorted(FIELD_NAMES), "more"]))] = draw(JUNK)
    return message


def is_seen(message: Message) -> bool:
    """What JSON Schema cannot say of a text for people: that they see all of it."""
    texts = [message.get("reason"), message.get("note")]
    texts += [value(message.get("clock"), "period")]
    texts += [value(period, "name") for period in message.get("periods") or ()]
    return all(not isinstance(text, str) or is_plain(normalized(text)) for text in texts)


def value(part: object, name: str) -> object:
    return part.get(name) if isinstance(part, dict) else None


@settings(max_examples=300)
@given(commands())
def test_the_document_and_the_parser_agree_on_every_message(message: Message) -> None:
    assert is_parsed(message) is (faults_of_client(message) == [] and is_seen(message))


EDGES: Final[list[Any]] = [
    *(None, True, 0.5, [], {}, -1, 0, 1, SCORE_MAX, SCORE_MAX + 1, INTEGER_MAX, -INTEGER_MAX),
    *("x" * length for length in (0, 1, ID_CHARACTERS_MAX, ID_CHARACTERS_MAX + 1)),
    *("x" * length for length in (REASON_CHARACTERS_MAX, REASON_CHARACTERS_MAX + 1)),
    *("x" * length for length in (TOKEN_CHARACTERS_MAX, TOKEN_CHARACTERS_MAX + 1)),
    *("LIVE", "won", *State),
]


@pytest.mark.parametrize("message", CLIENT_EXAMPLES, ids=kind_of)
def test_the_document_and_the_parser_agree_at_every_limit(message: Message) -> None:
    for name in MESSAGES[of_client(message["type"])]["payload"]["properties"]:
        for value in EDGES:
            edge = message | {name: value}
            assert is_parsed(edge) is (faults_of_client(edge) == []), edge


@given(st.data(), st.sampled_from(sorted(COMMANDS)))
def test_both_reject_a_field_too_many_and_one_too_few(data: st.DataObject, kind: str) -> None:
    schema = MESSAGES[of_client(kind)]["payload"]
    message = data.draw(FIELDS_GOOD[kind])
    bad = [message | {"more": data.draw(JUNK)}]
    bad += [
        {name: message[name] for name in message if name != gone} for gone in schema["required"]
    ]
    bad += [message | {name: [[]]} for name in schema["properties"]]
    for each in bad:
        assert (is_parsed(each), bool(faults_of_client(each))) == (False, True), each


def _details(value: object) -> Message:
    example, *_ = examples(of_client("score_update"))
    return example | {"details": value}


def _nested(levels: int) -> Message:
    return {"a": _nested(levels - 1)} if levels > 1 else {}


def _not_in_schemas() -> list[Message]:
    score, *_ = examples(of_client("score_update"))
    return [
        {"type": "ping", "timestamp": INTEGER_MAX + 1},
        score | {"participant1_score": 1.0},
        _details({"a": "x" * DETAILS_BYTES_MAX}),
        _details(_nested(DETAILS_DEPTH_MAX + 1)),
    ]


@pytest.mark.parametrize("message", _not_in_schemas(), ids=["I-JSON", "integer", "bytes", "levels"])
def test_the_parser_enforces_what_no_schema_can_express(message: Message) -> None:
    """All the rules of the list but that of large messages, which `dispatch` enforces."""
    assert faults_of_client(message) == []
    assert not is_parsed(message)
    assert all(rule in DOCUMENT["info"]["description"] for rule in NOT_IN_SCHEMAS)


@pytest.mark.parametrize("folder", ["layers", "functions"])
def test_no_function_imports_the_generators(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not str(node.module).startswith("infra"), path
            if isinstance(node, ast.Import):
                assert not any(each.name.startswith("infra") for each in node.names), path
