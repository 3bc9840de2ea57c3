"""K13: from the navigation to the first score, beside pusher-js.

Of the clients of comparable services it is the smallest. Each page has a client, and one paragraph
for the score.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from infra.local.build import BUNDLE, BUNDLE_BUILT, make
from infra.local.paths import ROOT
from tests.benchmarks.browsing import PAINTED, WATCH_PAINTS
from tests.benchmarks.page_load import WHEN_PARSED, received_bytes
from tests.benchmarks.report import Effort, Missing, Report, Target
from tests.benchmarks.score_server import MATCH, OWN_SOCKET, SCORE, Network, serving
from tests.browser.chromium import find
from tests.browser.launch import launched

NETWORKS: Final[Mapping[str, Network]] = {
    "this machine": Network(round_trip_s=0, bytes_per_s=1e9),
    "150 ms, 1.6 Mbit/s": Network(round_trip_s=0.15, bytes_per_s=200_000),
}
LOCKED: Final = Path(__file__).parent / "npm"
INSTALLED: Final = ROOT / ".local" / "bench-npm"
OWN, PUSHER = "scorecast", "pusher-js"
_PAGE: Final = """<!doctype html><title>Score</title><link rel="icon" href="data:,"><p></p>%s"""
PAGES: Final = {
    OWN: _PAGE
    % f"""<script type="module">
import {{connect}} from "./index.js";
const score = document.querySelector("p");
connect({{url: `ws://${{location.host}}{OWN_SOCKET}`, match: "{MATCH}"}})
    .on("snapshot", ({{snapshot}}) => {{ score.textContent = snapshot.participant1_score; }});
</script>""",
    PUSHER: _PAGE
    % f"""<script src="pusher.min.js"></script><script>
const score = document.querySelector("p");
const {{hostname, port}} = location;
const options = {{wsHost: hostname, wsPort: port, forceTLS: false, cluster: "local",
    enabledTransports: ["ws"], disableStats: true}};
new Pusher("key", options).subscribe("cache-{MATCH}")
    .bind("score", (data) => {{ score.textContent = data.participant1_score; }});
</script>""",
}
SHOWN: Final = "Number(document.querySelector('p').textContent)"


@dataclass(frozen=True, slots=True)
class FirstScore:
    requests: int
    transferred_bytes: int
    script_ms: float
    first_score_ms: float


def run(effort: Effort) -> Report:
    make(BUNDLE_BUILT)
    files: dict[str, Path | str] = {
        "/index.js": BUNDLE.with_name("index.js"),
        "/pusher.min.js": _pusher(),
        **{f"/{name}": page for name, page in PAGES.items()},
    }
    loads: dict[str, list[FirstScore]] = {}
    with sync_playwright() as playwright:
        browser = launched(playwright, find())
        for network_name, network in NETWORKS.items():
            with serving(files, network) as origin:
                for warm in range(effort.runs + 1):
                    for name in PAGES:
                        measured = _load(browser, f"{origin}/{name}")
                        if warm:
                            loads.setdefault(f"{name}, {network_name}", []).append(measured)
    return _report(loads)


def _pusher() -> Path:
    """The file, installed from the lock beside this module."""
    file = INSTALLED / "node_modules" / "pusher-js" / "dist" / "web" / "pusher.min.js"
    if not file.exists():
        shutil.copytree(LOCKED, INSTALLED, dirs_exist_ok=True)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        command = ["npm", "ci", "--silent", "--prefix", str(INSTALLED)]
        done = subprocess.run(command, env=os.environ | {"PATH": path}, check=False)
        if done.returncode:
            raise Missing("pusher-js cannot be installed: is the npm registry reachable?")
    return file


def _load(browser: Browser, url: str) -> FirstScore:
    page = browser.new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Performance.enable")
    received = received_bytes(session)
    page.add_init_script(WHEN_PARSED % (WATCH_PAINTS % SHOWN))
    page.goto(url)
    painted_ms = page.evaluate(PAINTED, SCORE) - page.evaluate("performance.timeOrigin")
    metrics = session.send("Performance.getMetrics")["metrics"]
    script_s = {each["name"]: each["value"] for each in metrics}["ScriptDuration"]
    load = FirstScore(len(received), sum(received), script_s * 1_000, painted_ms)
    page.close()
    return load


def _report(loads: Mapping[str, list[FirstScore]]) -> Report:
    rows = {name: _medians(each) for name, each in loads.items()}
    targets = [
        Target(f"ms to first score, {network}", rows[f"{OWN}, {network}"][3], theirs)
        for network in NETWORKS
        for theirs in [rows[f"{PUSHER}, {network}"][3]]
    ]
    return Report(
        key="K13",
        title="a page with one score, beside the smallest client of a comparable service",
        columns=("client, network", "requests", "bytes", "ms of script", "ms to first score"),
        rows=[(name, *figures) for name, figures in rows.items()],
        targets=targets,
        samples={name: [asdict(load) for load in each] for name, each in loads.items()},
    )


def _medians(loads: list[FirstScore]) -> tuple[float, ...]:
    columns = zip(*(asdict(load).values() for load in loads), strict=True)
    return tuple(median(column) for column in columns)
