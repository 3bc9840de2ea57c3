"""docs/proof.md lists every explained difference with its explanation."""

from pathlib import Path

from tests.emulators.differences import OF_MINISTACK, OF_MOTO, Difference

PAGE = Path(__file__).parents[2] / "docs" / "proof.md"


def _where(difference: Difference) -> str:
    if difference in OF_MINISTACK:
        return "both" if difference in OF_MOTO else "MiniStack"
    return "moto"


def test_the_page_names_every_difference() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for difference in {*OF_MINISTACK, *OF_MOTO}:
        assert f"| {difference.name} | {_where(difference)} | {difference.why} |" in page
