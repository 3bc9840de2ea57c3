"""The report of a benchmark: a table, targets reached or not, and the samples as JSON."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(".local/bench")


@dataclass(frozen=True, slots=True)
class Effort:
    """How long a benchmark may take: `runs` of each contender, `scale` of the work in each."""

    runs: int
    scale: float

    def of(self, count: int) -> int:
        return max(1, int(count * self.scale))


FULL: Final = Effort(runs=7, scale=1.0)
QUICK: Final = Effort(runs=5, scale=0.25)


class Missing(Exception):
    """Something is not installed. The message says how to install it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A figure and its bound, both in the same unit."""

    text: str
    figure: float
    bound: float
    at_least: bool = False

    @property
    def reached(self) -> bool:
        return self.figure >= self.bound if self.at_least else self.figure <= self.bound

    def line(self) -> str:
        verdict = "reached" if self.reached else "MISSED"
        bound = "at least" if self.at_least else "at most"
        return f"{verdict}: {self.text} {number(self.figure)}, {bound} {number(self.bound)}"


@dataclass(frozen=True, slots=True)
class Report:
    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    targets: Sequence[Target]
    samples: Any = field(default_factory=dict)
    remarks: Sequence[str] = ()

    def text(self) -> str:
        lines = [f"{self.key}  {self.title}", "", *_table(self.columns, self.rows), ""]
        lines += [target.line() for target in self.targets]
        return "\n".join([*lines, *self.remarks, ""])

    def markdown(self) -> str:
        verdicts = [f"- {target.line()}" for target in self.targets]
        remarks = [f"\n{remark[0].upper()}{remark[1:]}" for remark in self.remarks]
        return "\n".join(["", *_table(self.columns, self.rows), "", *verdicts, *remarks, ""])

    def write(self) -> None:
        FOLDER.mkdir(parents=True, exist_ok=True)
        written = asdict(self) | {"reached": [target.reached for target in self.targets]}
        (FOLDER / f"{self.key}.json").write_text(json.dumps(written, indent=1, default=str) + "\n")


def fill_in(page: Path, reports: Iterable[Report]) -> None:
    """Put reports into a page, each between its two comments, and the date."""
    text = re.sub(
        r"Measured on [^,]*,", f"Measured on {date.today().isoformat()},", page.read_text()
    )
    for report in reports:
        before, begin, rest = text.partition(f"<!-- {report.key} -->")
        _, end, after = rest.partition(f"<!-- end of {report.key} -->")
        assert begin and end, f"{page} has no place for {report.key}"
        text = f"{before}{begin}\n{report.markdown()}\n{end}{after}"
    page.write_text(text)


def number(value: object) -> str:
    """Three significant digits for what is small, all of them for what is counted."""
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) else str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table, readable as it stands."""
    cells = [list(columns), *([number(cell) for cell in row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(columns))]
    lines = [_line(row, widths) for row in cells]
    rule = "| --- |" + "".join(" ---: |" for _ in widths[1:])
    return [lines[0], rule, *lines[1:]]


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = [row[0].ljust(widths[0])]
    padded += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "| " + " | ".join(padded) + " |"
