"""Takes docs/scoreboard.png: the page of a running stack, while matches are live.

    make up && (.venv/bin/python -m infra.local replay infra/data/worldcup-2026.json &)
    .venv/bin/python docs/scoreboard.py http://127.0.0.1:8080/

Needs Chromium, and drives it by the DevTools protocol.
"""

import argparse
import base64
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from websockets.sync.client import ClientConnection, connect

PICTURE: Final = Path(__file__).with_name("scoreboard.png")
WIDTH: Final = 900
HEIGHT: Final = 700
WAIT_SECONDS_MAX: Final = 600
POLL_SECONDS: Final = 0.1
FLAGS: Final = (
    "--headless",
    "--no-sandbox",  # a container's root has none
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
SHOWN: Final = """
    const all = (rows) => [...document.querySelectorAll(rows)];
    const goals = all("#live .score").reduce((sum, score) => sum + Number(score.textContent), 0);
    JSON.stringify({live: all("#live li").length, finished: all("#finished li").length, goals});
"""
"""What the page says of matches; `goals` are those of the live ones."""


class Tab:
    """One tab of the browser: a command, then its answer; events are passed over."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._sent = 0

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": params}))
        while (answer := json.loads(self._socket.recv())).get("id") != self._sent:
            pass
        return dict(answer["result"])

    def text(self, expression: str) -> str:
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return str(result["result"].get("value"))


@contextmanager
def browser(program: str) -> Iterator[Tab]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            try:
                with connect(_first_tab(process), max_size=None, proxy=None) as socket:
                    yield Tab(socket)
            finally:
                process.terminate()


def _first_tab(process: subprocess.Popen[str]) -> str:
    """The address of the browser's first tab: Chromium tells its own port on standard error."""
    assert process.stderr is not None
    for line in process.stderr:
        if "DevTools listening on ws://" in line:
            host = line.split("ws://")[1].split("/")[0]
            with urllib.request.urlopen(f"http://{host}/json") as answer:
                tabs = json.load(answer)
            return str(next(tab for tab in tabs if tab["type"] == "page")["webSocketDebuggerUrl"])
    raise SystemExit("Chromium ended before it told its port.")


def wait_for_matches(tab: Tab, wanted: dict[str, int]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while True:
        shown = json.loads(tab.text("{" + SHOWN + "}"))
        if all(shown[what] >= least for what, least in wanted.items()):
            return
        if time.monotonic() > deadline:
            raise SystemExit(f"The page never showed {wanted}; at last {shown}.")
        time.sleep(POLL_SECONDS)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", help="the page's address, as make up prints it")
    parser.add_argument("--live", type=int, default=2, help="how many matches must be live")
    parser.add_argument("--goals", type=int, default=3, help="and how many goals they must have")
    parser.add_argument("--finished", type=int, default=60, help="how many must be over")
    parser.add_argument("--chromium", default="chromium")
    options = parser.parse_args()
    with browser(options.chromium) as tab:
        size = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
        tab.ask("Emulation.setDeviceMetricsOverride", **size)
        tab.ask("Page.navigate", url=options.page)
        wanted = {"live": options.live, "goals": options.goals, "finished": options.finished}
        wait_for_matches(tab, wanted)
        picture = tab.ask("Page.captureScreenshot", format="png", optimizeForSpeed=False)
    PICTURE.write_bytes(base64.b64decode(picture["data"]))
    print(f"{PICTURE.name}: {PICTURE.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
