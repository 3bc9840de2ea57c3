"""Names and reasons: one spelling, and nothing in them that nobody sees."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecast.protocol.commands import DisputeCreate
from scorecast.protocol.fields import Name, Reason
from scorecast.protocol.text import is_plain, normalized
from scorecast.protocol.validation import accepts, validate

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
CONTROLS = [chr(each) for each in [*range(0x20), *range(0x7F, 0xA0)]]
BIDI = list("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
ZERO_WIDTH = list("\u00ad\u034f\u180e\u200b\u2060\u2061\u2064\ufeff\U000e0041")
BLANK = [*"\u115f\u1160\u2800\u3164\uffa0", "\u0301", "\ufe0f"]


@pytest.mark.parametrize("unseen", [*CONTROLS, *BIDI, *ZERO_WIDTH], ids=ascii)
def test_names_contain_no_invisible_characters(unseen: str) -> None:
    assert not accepts(Name, f"A{unseen}B")
    assert not accepts(Reason, f"A{unseen}B")


@pytest.mark.parametrize("blank", BLANK, ids=ascii)
def test_a_name_is_not_blank(blank: str) -> None:
    assert not accepts(Name, blank)
    assert not accepts(Name, f" {blank} ")


@pytest.mark.parametrize("blank", ["", " ", "\u00a0\u3000", "\n"], ids=ascii)
def test_space_is_not_a_name(blank: str) -> None:
    assert not accepts(Name, blank)


@pytest.mark.parametrize("joined", ["A\u200dB", "\u200dA", "A\u200c", "A \u200c B"], ids=ascii)
def test_a_joiner_that_joins_nothing_is_in_no_name(joined: str) -> None:
    assert not accepts(Name, joined)


@pytest.mark.parametrize(
    "name",
    [
        "Jean\u00a0Luc",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\u0d28\u0d4d\u200d",
        "李雷",
        "Łódź",
        "1. FC Köln (U-21)",
        "🏳\ufe0f\u200d🌈",
        f"{ENGLAND} England",
        "?",
    ],
    ids=ascii,
)
def test_a_name_may_be_of_any_language(name: str) -> None:
    assert accepts(Name, name)


def test_a_reason_arrives_in_one_spelling() -> None:
    dispute = validate(
        DisputeCreate, {"match_id": "m1", "reason": "\u00a0Cafe\u0301 was offside. "}
    )
    assert isinstance(dispute, DisputeCreate) and dispute.reason == "Caf\u00e9 was offside."


@given(st.text())
def test_normalizing_again_changes_nothing(text: str) -> None:
    once = normalized(text)
    assert normalized(once) == once == unicodedata.normalize("NFC", once).strip()


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1))
def test_what_everybody_sees_is_plain(text: str) -> None:
    assert is_plain(text) or set(text) & set("\u115f\u1160\u2800\u3164\uffa0")
