"""A plan as an SVG: the viewers, and how full some bounds are, over the time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from math import ceil, floor, log10
from typing import Final

from infra.capacity.demand import Demand, hottest_writes
from infra.capacity.plan import Plan
from scorecast.protocol.limits import PLANNED_SHARE

WIDTH, HEIGHT = 760, 380
LEFT, RIGHT, TOP, BOTTOM = 70, 690, 70, 330
POINTS: Final = 260
GRID: Final = 4

STYLE: Final = (
    "svg{color:#1f2328;background:#fff;font:13px system-ui,sans-serif}"
    "text{fill:currentColor}.title{font-weight:600;font-size:15px}"
    ".grid{stroke:currentColor;opacity:.2}.full{stroke:currentColor;stroke-dasharray:2 3}"
    ".area{fill:#0969da;opacity:.16}.line{fill:none;stroke-width:2}"
    ".l0{stroke:#bc4c00}.l1{stroke:#1a7f37;stroke-dasharray:8 3}"
    ".l2{stroke:#8250df;stroke-dasharray:2 3}.l3{stroke:#57606a;stroke-dasharray:10 3 2 3}"
    "@media(prefers-color-scheme:dark){svg{color:#e6edf3;background:#0d1117}"
    ".area{fill:#4493f8;opacity:.28}.l0{stroke:#f0883e}.l1{stroke:#3fb950}.l2{stroke:#ab7df8}"
    ".l3{stroke:#9198a1}}"
)


def chart(plan: Plan) -> str:
    shares = {name: [of(demand) for demand in plan.demands] for name, of in _shares(plan).items()}
    viewers = [demand.moment.viewers for demand in plan.demands]
    top_share = _rounded(max(1.0, *(max(values) for values in shares.values())))
    top_viewers = _rounded(max(viewers))
    lines = [
        *_head(plan, shares),
        *_axes(plan.audience.minutes, top_viewers, top_share),
        f'<polygon class="area" points="{LEFT},{BOTTOM} {_points(viewers, top_viewers)}'
        f' {RIGHT},{BOTTOM}"/>',
    ]
    for place, values in enumerate(shares.values()):
        points = _points(values, top_share)
        lines.append(f'<polyline class="line l{place}" points="{points}"/>')
    return "\n".join([*lines, *_legend(shares), "</svg>", ""])


def _shares(plan: Plan) -> Mapping[str, Callable[[Demand], float]]:
    bounds, audience = plan.bounds, plan.audience
    planned = bounds["PostsPerSecondBudget"] * PLANNED_SHARE
    return {
        "connects": lambda demand: demand.moment.connects / bounds.connects_per_second,
        "posts to rooms": lambda demand: demand.room_posts / planned,
        "busiest key": lambda demand: (
            max(hottest_writes(demand, audience).values()) / bounds["key_writes"]
        ),
        "executions": lambda demand: sum(demand.executions.values()) / bounds["executions"],
    }


def _head(plan: Plan, shares: Mapping[str, Sequence[float]]) -> Iterator[str]:
    most = f"{plan.audience.most_viewers:,.0f}"
    title = f"An audience of {most}"
    fullest = ", ".join(f"{name} {max(values):.0%}" for name, values in shares.items())
    text = (
        f"Viewers on sockets over {plan.audience.minutes:g} minutes, at most"
        f" {plan.peak(lambda demand: demand.moment.viewers):,.0f} of {most}."
        f" How much of each bound is used at its peak: {fullest}."
    )
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' aria-labelledby="title description">'
    )
    yield f'<title id="title">{escape(title)}</title><desc id="description">{escape(text)}</desc>'
    yield f"<style>{STYLE}</style>"
    yield f'<text class="title" x="{LEFT}" y="24">{escape(title)}</text>'


def _axes(minutes: float, top_viewers: float, top_share: float) -> Iterator[str]:
    for step in range(GRID + 1):
        share = step / GRID
        y, x = _y(share), LEFT + share * (RIGHT - LEFT)
        yield f'<line class="grid" x1="{LEFT}" x2="{RIGHT}" y1="{y}" y2="{y}"/>'
        viewers = f"{top_viewers * share:,.0f}"
        yield f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{viewers}</text>'
        yield f'<text x="{RIGHT + 6}" y="{y + 4}">{top_share * share:.0%}</text>'
        yield f'<text x="{x:g}" y="{BOTTOM + 20}" text-anchor="middle">{minutes * share:g}</text>'
    full = _y(1 / top_share)
    yield f'<line class="full" x1="{LEFT}" x2="{RIGHT}" y1="{full}" y2="{full}"/>'
    middle = (LEFT + RIGHT) / 2
    yield f'<text x="{middle:g}" y="{HEIGHT - 10}" text-anchor="middle">minutes</text>'


def _legend(shares: Mapping[str, Sequence[float]]) -> Iterator[str]:
    yield f'<rect class="area" x="{LEFT}" y="38" width="22" height="12"/>'
    yield f'<text x="{LEFT + 28}" y="49">viewers</text>'
    for place, name in enumerate(shares):
        x = LEFT + 110 + place * 145
        yield f'<line class="line l{place}" x1="{x}" x2="{x + 22}" y1="44" y2="44"/>'
        yield f'<text x="{x + 28}" y="49">{escape(name)}</text>'


def _points(values: Sequence[float], top: float) -> str:
    """The highest of each of some stretches, so that no peak is lost."""
    each = max(1, ceil(len(values) / POINTS))
    stretches = [max(values[begun : begun + each]) for begun in range(0, len(values), each)]
    width = (RIGHT - LEFT) / max(1, len(stretches) - 1)
    return " ".join(
        f"{LEFT + place * width:.1f},{_y(value / top)}" for place, value in enumerate(stretches)
    )


def _y(share: float) -> float:
    return round(BOTTOM - share * (BOTTOM - TOP), 1)


def _rounded(top: float) -> float:
    """Up to a figure that four lines divide well."""
    unit = 10 ** floor(log10(top)) if top > 0 else 1.0
    return next(step * unit for step in (1, 2, 4, 6, 8, 10) if step * unit >= top)
