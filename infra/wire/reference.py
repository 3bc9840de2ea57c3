"""docs/reference.md: every frame, field, code and limit, made from the models."""

from collections.abc import Iterable, Iterator
from typing import Final

from infra.wire import limits
from infra.wire.commands import ASKED, UNSAID, Schema, Untitled, schema
from infra.wire.events import EventData
from infra.wire.messages import GATEWAY_ERROR, MODELS, schemas, summary
from infra.wire.refusals import ERRORS, GOODBYES
from infra.wire.snapshots import BareTournamentSnapshot
from scorecast.protocol.commands import COMMANDS
from scorecast.protocol.errors import CloseReason, Code
from scorecast.protocol.fields import MessageId
from scorecast.protocol.limits import ID_CHARACTERS_MAX, INTEGER_MAX
from scorecast.protocol.requirements import requirement

_OF_MATCH_EVENTS: Final[Schema] = EventData.model_json_schema(schema_generator=Untitled)[
    "properties"
]
_OBJECTS: Final = (
    "MatchSnapshot",
    "Participant",
    "TournamentSnapshot",
    "Standing",
)
_INTRODUCTION: Final = f"""# Reference of the wire

Made by `.venv/bin/python -m infra.wire` from the models in `infra/wire/`: change those.
[protocol.md](protocol.md) explains what is listed here, and [asyncapi.json](asyncapi.json) says the
same to programs.

Every frame is a JSON object with its `type`. An *id* is a string of 1 to {ID_CHARACTERS_MAX} of
`A-Z a-z 0-9 _ -`. Times are integers, in milliseconds since 1970. A field marked with \\* may be
left out.
"""


def text() -> str:
    payloads, shared = schemas()
    parts = [
        _INTRODUCTION,
        *_commands(),
        *_answers_and_events(payloads, shared),
        *_snapshots(shared),
        *_errors(payloads["error"], shared),
        *_goodbyes(),
        *_limits(),
    ]
    return "\n".join(parts)


def _commands() -> Iterator[str]:
    demand = requirement(MessageId).removeprefix("must be ")
    yield (
        "## What a client sends\n\n"
        f"Any command may have an `id`, {demand}, which its answer repeats. A field\n"
        "that may be left out may also be null. A command that is not obeyed is answered by an\n"
        "`error`.\n"
    )
    for kind in COMMANDS:
        asked = ASKED[kind]
        answer = f" Answered by `{asked.answer}`." if asked.answer else ""
        yield f"### `{kind}`\n\n{asked.summary}{answer}\n"
        yield from _table(_rows(schema(kind), {}))
    yield "No schema can say these rules:\n"
    yield "".join(f"- {rule}\n" for rule in UNSAID)


def _answers_and_events(payloads: dict[str, Schema], shared: dict[str, Schema]) -> Iterator[str]:
    yield (
        "## What the server sends\n\nAn answer has the `id` of its command, if that had one. "
        "Every event of a match has these:\n"
    )
    yield from _table(_row(f"data.{name}", each, {}) for name, each in _OF_MATCH_EVENTS.items())
    for kind in MODELS:
        if kind in ("error", "goodbye"):
            continue
        title = "API Gateway's errors" if kind == GATEWAY_ERROR else f"`{kind}`"
        yield f"### {title}\n\n{summary(kind)}\n"
        yield from _table(_rows(_resolved(payloads[kind], shared), shared))


def _snapshots(shared: dict[str, Schema]) -> Iterator[str]:
    yield "## Snapshots\n"
    for name in _OBJECTS:
        yield f"### {name}\n\n{shared[name]['description']}\n"
        yield from _table(_rows(shared[name], shared))
    yield (
        "A tournament that would be too large for one frame comes without its matches' `details`,\n"
        "and with `complete` false.\n"
    )


def _errors(payload: Schema, shared: dict[str, Schema]) -> Iterator[str]:
    yield f"## Errors\n\n{summary('error')}\nAn error to no command has no `id`.\n"
    shapes = [_resolved(each, shared) for each in _resolved(payload, shared)["anyOf"]]
    by_code = {code: shape for shape in shapes for code in _codes(shape)}
    rows = [(f"`{code}`", ERRORS[code], *_beside(by_code[code], shared)) for code in Code]
    yield from _table(rows, ("code", "when", "`data`", "retry"))


def _codes(shape: Schema) -> list[str]:
    code = shape["properties"]["code"]
    return list(code.get("enum", [code.get("const")]))


def _beside(shape: Schema, shared: dict[str, Schema]) -> tuple[str, str]:
    """An error's data, and whether the frame says when to try again."""
    fields = shape["properties"]
    data = _resolved(fields["data"], shared)["properties"] if "data" in fields else {}
    star = "" if "data" in shape["required"] else r"\*"
    told = ", ".join(f"`{name}`" for name in data)
    return told and told + star, "`retry_after_ms`" if "retry_after_ms" in fields else ""


def _goodbyes() -> Iterator[str]:
    yield (
        f"## Goodbyes\n\n{summary('goodbye')} `retry_after_ms`, where it is\n"
        "given, says how long to wait first.\n"
    )
    rows = []
    for goodbye in CloseReason:
        code, reason, reconnect = goodbye.value
        rows.append((str(code), f"`{reason}`", str(reconnect).lower(), GOODBYES[goodbye]))
    yield from _table(rows, ("`code`", "`reason`", "`reconnect`", "when"))


def _limits() -> Iterator[str]:
    yield "## Limits\n\nThese are the same everywhere:\n"
    fixed = [(f"`{name}`", f"{value:,}", told) for name, value, told in limits.fixed()]
    yield from _table(fixed, ("limit", "value", "meaning"))
    yield "These are the service's parameters, with their defaults:\n"
    chosen = [(f"`{name}`", default, told) for name, default, told in limits.chosen()]
    yield from _table(chosen, ("parameter", "default", "meaning"))


def _rows(shape: Schema, shared: dict[str, Schema], prefix: str = "") -> Iterator[tuple[str, ...]]:
    """A row for each field; the fields of `data` stand in its place."""
    required = shape.get("required", [])
    untold = _untold(shape)
    for name, field in shape["properties"].items():
        if name == "data" and "$ref" in field:
            yield from _rows(_resolved(field, shared), shared, "data.")
        elif name not in untold:
            yield _row(prefix + name, field, shared, "" if name in required else r"\*")
    if shape.get("additionalProperties") is True:
        yield f"`{prefix}…`", "anything", "Whatever the sender gave."


def _row(name: str, field: Schema, shared: dict[str, Schema], star: str = "") -> tuple[str, ...]:
    return f"`{name}`{star}", _kind(field, shared), field.get("description", "")


def _untold(shape: Schema) -> frozenset[str]:
    """What is said of all frames, or of all events of matches, is not said of each."""
    fields = shape["properties"]
    if "type" in fields:
        return frozenset({"type", "id"})
    is_event = all(fields.get(name) == each for name, each in _OF_MATCH_EVENTS.items())
    return frozenset(_OF_MATCH_EVENTS) if is_event else frozenset()


def _table(
    rows: Iterable[tuple[str, ...]], heads: tuple[str, ...] = ("field", "type", "meaning")
) -> Iterator[str]:
    lines = [_line(row) for row in rows]
    if lines:
        yield "\n".join([_line(heads), _line(["---"] * len(heads)), *lines]) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _resolved(field: Schema, shared: dict[str, Schema]) -> Schema:
    while "$ref" in field:
        field = shared[field["$ref"].rpartition("/")[2]]
    return field


def _kind(field: Schema, shared: dict[str, Schema]) -> str:
    """A field's type in words."""
    if "$ref" in field:
        return _named(field["$ref"].rpartition("/")[2], shared)
    if "anyOf" in field:
        return " or ".join(_kind(each, shared) for each in field["anyOf"] if not _is_cut(each))
    if "const" in field:
        return _literal(field["const"])
    if "enum" in field:
        return ", ".join(_literal(value) for value in field["enum"])
    return _plain(field, shared)


def _is_cut(field: Schema) -> bool:
    """Whether it is what stands in place of something too large."""
    return str(field.get("$ref")).endswith(f"/{BareTournamentSnapshot.__name__}")


def _named(name: str, shared: dict[str, Schema]) -> str:
    if name in _OBJECTS:
        return f"[{name}](#{name.lower()})"
    if "type" in shared[name].get("properties", {}):
        return _kind(shared[name]["properties"]["type"], shared)
    return _kind(shared[name], shared)


def _literal(value: object) -> str:
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _plain(field: Schema, shared: dict[str, Schema]) -> str:
    match field["type"]:
        case "string" if "pattern" in field:
            return "id"
        case "string" if "maxLength" in field:
            return f"string of {field['minLength']} to {field['maxLength']:,} characters"
        case "integer" if field.get("maximum", INTEGER_MAX) < INTEGER_MAX:
            return f"integer, {field['minimum']} to {field['maximum']:,}"
        case "array":
            return f"list of {_kind(field['items'], shared)}"
    return str(field["type"])
