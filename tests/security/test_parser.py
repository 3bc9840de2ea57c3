"""Hostile messages through the parser: a command, or a rejection in known words."""

import dataclasses
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecast.protocol import commands, messages, parsing, requirements, strict_json, validation
from scorecast.protocol.parsing import Malformed, Request
from tests.security.answers import assert_ours, id_of
from tests.security.mutants import VALID, Mutants
from tests.security.trail import followed

SEEDS = range(4)
# `make prove` sends a million.
MESSAGES = int(os.environ.get("HOSTILE_MESSAGES", "200000")) // len(SEEDS)
WATCHED = (messages, parsing, strict_json, validation, requirements)


def check(message: str) -> Request | Malformed:
    parsed = parsing.parse(message)
    if isinstance(parsed, Malformed):
        assert_ours(parsed.rejection)
        answer = messages.error(parsed.rejection, parsed.id)
        assert id_of(answer) == parsed.id
    else:
        assert parsing.parse(rendered(parsed)) == parsed
    return parsed


def rendered(request: Request) -> str:
    """A valid message, written again from what was parsed."""
    fields = dataclasses.asdict(request.command)
    given_fields = {name: value for name, value in fields.items() if value is not None}
    if isinstance(request.command, commands.MatchComplete):
        given_fields["winner_id"] = fields["winner_id"]
    return json.dumps({"type": request.command.type, "id": request.id} | given_fields)


@pytest.mark.parametrize("message", VALID)
def test_what_the_mutants_begin_with_is_good(message: str) -> None:
    assert isinstance(check(message), Request)


@pytest.mark.parametrize("seed", SEEDS)
def test_hostile_messages_raise_nothing(seed: int) -> None:
    """Those that took a way through the parser that none had taken are changed further."""
    mutants = Mutants(seed)
    good = 0
    with followed(*WATCHED) as trail:
        for _ in range(MESSAGES):
            message, known = mutants.next(), trail.news
            good += isinstance(check(message), Request)
            if trail.news > known and len(message) < 10_000:
                mutants.keep(message)
    kept = len(mutants.corpus) - len(VALID)
    print(f"{good} of {MESSAGES} were good; {kept} kept; {trail.one_sided()} branches one-sided")
    assert 0 < good < MESSAGES / 2
    assert kept > 10


def test_the_same_seed_gives_the_same_messages() -> None:
    first, second = Mutants(7), Mutants(7)
    assert [first.next() for _ in range(500)] == [second.next() for _ in range(500)]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=20,
)
objects = st.dictionaries(
    st.text(max_size=70) | st.sampled_from(["type", "id", "match_id", "details"]), anything
)


@given(st.text(st.characters(codec=None)) | anything.map(json.dumps) | objects.map(json.dumps))
def test_no_text_raises(message: str) -> None:
    check(message)


@given(st.sampled_from(sorted(commands.COMMANDS)), objects)
def test_no_fields_of_a_command_raise(kind: str, fields: dict[str, object]) -> None:
    check(json.dumps(fields | {"type": kind}, ensure_ascii=False))


@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    check(data.decode("utf-8", "surrogateescape"))
