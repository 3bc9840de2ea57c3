"""K9: what a page's first load costs, with an empty cache."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

from playwright.sync_api import CDPSession, Page, expect

from scorecast_client.publisher import Publisher
from tests.benchmarks.browsing import PAINTED, WATCH_PAINTS, cloud_and_browser
from tests.benchmarks.report import Effort, Report, Target
from tests.browser.screens import PHONE, Screens
from tests.e2e.cup import Cup

TRANSFERRED_BYTES_MAX: Final = 60_000
MATCHES: Final = 12
NETWORKS: Final[Mapping[str, Mapping[str, float]]] = {
    "this machine": {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
    # Lighthouse's mobile network: 1.6 Mbit/s down, 750 kbit/s up
    "150 ms, 1.6 Mbit/s": {
        "latency": 150,
        "downloadThroughput": 200_000,
        "uploadThroughput": 93_750,
    },
}
SCORED: Final = 'Number(Boolean(document.querySelector(".score")?.textContent))'
SHIFTS: Final = """() => {
    window.shift = 0;
    const add = (list) => { for (const {value} of list.getEntries()) shift += value; };
    new PerformanceObserver(add).observe({type: "layout-shift", buffered: true});
}"""
FIRST_PAINT: Final = """() =>
    performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN"""
WHEN_PARSED: Final = "document.addEventListener('DOMContentLoaded', %s)"


@dataclass(frozen=True, slots=True)
class Load:
    requests: int
    transferred_bytes: int
    first_paint_ms: float
    first_score_ms: float
    layout_shift: float


def run(effort: Effort) -> Report:
    loads: dict[str, list[Load]] = {}
    with cloud_and_browser() as (cup, publisher, screens):
        match = _play(cup, publisher)
        queries = {"tournament": {}, "match": {"match": match}}
        for warm in range(effort.runs + 1):
            for network, conditions in NETWORKS.items():
                for name, query in queries.items():
                    query = {"tournament": cup.id} | query
                    measured = _load(screens, query, conditions)
                    if warm:
                        loads.setdefault(f"{name}, {network}", []).append(measured)
    return _report(loads)


def _play(cup: Cup, publisher: Publisher) -> str:
    """A tournament's worth of matches, each with a score; returns one of them."""
    matches = [cup.new_match() for _ in range(MATCHES)]
    for match in matches:
        publisher.start(match.id)
        publisher.score(match.id, (2, 1))
    return matches[0].id


def _load(screens: Screens, query: Mapping[str, str], conditions: Mapping[str, float]) -> Load:
    page = screens.page(within=screens.context(size=PHONE))
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", {"offline": False, **conditions})
    received = received_bytes(network)
    page.add_init_script(f"({SHIFTS})()")
    page.add_init_script(WHEN_PARSED % (WATCH_PAINTS % SCORED))
    screens.visit(page, **query)
    expect(page.locator("#status")).to_have_text("Live")
    page.evaluate(PAINTED, 1)
    load = Load(len(received), sum(received), *_times(page))
    page.context.close()
    return load


def received_bytes(network: CDPSession) -> list[int]:
    """Of each answer, its head included, as they end; sockets are none."""
    received: list[int] = []

    def note(event: dict[str, Any]) -> None:
        received.append(int(event["encodedDataLength"]))

    network.on("Network.loadingFinished", note)
    return received


def _times(page: Page) -> tuple[float, float, float]:
    return (
        float(page.evaluate(FIRST_PAINT)),
        float(page.evaluate("paints[1] - performance.timeOrigin")),
        float(page.evaluate("shift")),
    )


def _report(loads: Mapping[str, list[Load]]) -> Report:
    rows = [
        (name, *(median(column) for column in zip(*map(_figures, each), strict=True)))
        for name, each in loads.items()
    ]
    heaviest = max(load.transferred_bytes for each in loads.values() for load in each)
    return Report(
        key="K9",
        title=f"a page's first load, empty cache, {MATCHES} matches",
        columns=(
            "page",
            "requests",
            "bytes",
            "ms to first paint",
            "ms to first score",
            "layout shift",
        ),
        rows=rows,
        targets=[Target("bytes transferred, at worst", heaviest, TRANSFERRED_BYTES_MAX)],
        samples={name: [asdict(load) for load in each] for name, each in loads.items()},
    )


def _figures(load: Load) -> tuple[float, ...]:
    return tuple(asdict(load).values())
