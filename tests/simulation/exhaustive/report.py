"""The table of schedules in docs/proof.md, between its markers."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.simulation.exhaustive.exploration import Tally

BEGIN: Final = "<!-- schedules: written by python -m tests.simulation.exhaustive --write -->"
END: Final = "<!-- end of schedules -->"


def table(tallies: Iterable[tuple[str, Tally]]) -> str:
    lines = [
        "| | schedules | run | faults | schedules with one | run | endings |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    total = Tally()
    for name, tally in tallies:
        lines.append(_item(name, tally))
        _add(total, tally)
    return "\n".join([*lines, _item("**all**", total)])


def _item(name: str, tally: Tally) -> str:
    return (
        f"| {name} | {_count(tally.schedules)} | {tally.runs:,} | {tally.placements:,}"
        f" | {_count(tally.faulty_schedules)} | {tally.faulty_runs:,} | {tally.endings:,} |"
    )


def _count(number: int) -> str:
    return f"{number:,}" if number < 10_000_000 else f"{number:.1e}".replace("e+", "e")


def _add(total: Tally, tally: Tally) -> None:
    for name in ("runs", "schedules", "faulty_runs", "faulty_schedules", "placements", "endings"):
        setattr(total, name, getattr(total, name) + getattr(tally, name))


def write(page: Path, text: str) -> None:
    """Replace what is between the markers."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
