"""K8: from an official's tap to a spectator's paint, both in pages of one Chromium."""

from collections.abc import Mapping, Sequence
from random import Random
from statistics import quantiles
from typing import Final

from playwright.sync_api import Page

from tests.benchmarks.browsing import PAINTED, WATCH_PAINTS, cloud_and_browser
from tests.benchmarks.report import Effort, Report, Target
from tests.browser.screens import Screens
from tests.e2e.cup import Cup, Pairing

TAPS: Final = 100
WARM_UP: Final = 5
POLL_MS: Final = 1_000
TAP_TO_PAINT_MS_MAX: Final = 1_000
ANSWER, SOCKET, POLLED = "the official's own answer", "scorecast", "asked for every second"

REVISION: Final = r"""Number(document.querySelector("#log .outcome")
    ?.textContent.match(/revision (\d+)/)?.[1] ?? 0)"""
GOALS: Final = """[...document.querySelectorAll("#live .score")]
    .reduce((sum, score) => sum + Number(score.textContent), 0)"""
WATCH_TAPS: Final = """() => {
    window.taps = [];
    const note = ({target, timeStamp}) =>
        target.closest(".side") && taps.push(performance.timeOrigin + timeStamp);
    addEventListener("click", note, {capture: true});
}"""
POLL: Final = """({url, token, intervalMs}) => {
    const ask = async () => {
        const answer = await fetch(url, {cache: "no-store", headers: {authorization: token}});
        const {participant1_score} = await answer.json();
        document.body.textContent = participant1_score;
    };
    setInterval(ask, intervalMs);
}"""


def run(effort: Effort) -> Report:
    with cloud_and_browser() as (cup, publisher, screens):
        match = cup.new_match()
        publisher.start(match.id)
        official, subscriptions = _opened(cup, screens, match)
        pauses = Random(1)
        for number in range(1, WARM_UP + effort.of(TAPS) + 1):
            _tap(official, number, subscriptions, pause_ms=pauses.uniform(0, POLL_MS))
        samples = _elapsed_ms(official, subscriptions)
    return _report(samples)


def _opened(cup: Cup, screens: Screens, match: Pairing) -> tuple[Page, Mapping[str, Page]]:
    official = screens.official(cup, match)
    official.evaluate(WATCH_TAPS)
    official.evaluate(WATCH_PAINTS % REVISION)
    spectator = screens.spectator(cup, match)
    spectator.evaluate(WATCH_PAINTS % GOALS)
    polling = screens.visit(screens.page(), "tokens.json")
    polling.evaluate(WATCH_PAINTS % "Number(document.body.textContent)")
    token = f"Bearer {cup.token('asks-and-asks')}"
    url = f"{screens.http_url}/matches/{match.id}"
    polling.evaluate(POLL, {"url": url, "token": token, "intervalMs": POLL_MS})
    return official, {ANSWER: official, SOCKET: spectator, POLLED: polling}


def _tap(
    official: Page, number: int, subscriptions: Mapping[str, Page], *, pause_ms: float
) -> None:
    """One more goal; the pause keeps taps from falling into step with the polling."""
    official.wait_for_timeout(pause_ms)
    official.get_by_role("button", name="+1 The first").click()
    for page in subscriptions.values():
        page.evaluate(PAINTED, number)


def _elapsed_ms(official: Page, subscriptions: Mapping[str, Page]) -> dict[str, list[float]]:
    taps: list[float] = official.evaluate("taps")
    painted = {name: page.evaluate("paints") for name, page in subscriptions.items()}
    return {
        name: [paints[str(number)] - at_ms for number, at_ms in enumerate(taps, 1)][WARM_UP:]
        for name, paints in painted.items()
    }


def _report(samples: Mapping[str, Sequence[float]]) -> Report:
    hundredths = {
        name: quantiles(each, n=100, method="inclusive") for name, each in samples.items()
    }
    return Report(
        key="K8",
        title=f"ms from an official's tap to the paint, {len(samples[SOCKET])} taps",
        columns=("way", "p50", "p99", "at worst"),
        rows=[(name, cuts[49], cuts[98], max(samples[name])) for name, cuts in hundredths.items()],
        targets=[Target("ms from tap to paint, p99", hundredths[SOCKET][98], TAP_TO_PAINT_MS_MAX)],
        samples=samples,
    )
