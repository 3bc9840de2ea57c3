"""What the commands do: up, down, dev, replay."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from infra.local import background, ports, stack_file
from infra.local.background import Background
from infra.local.build import BUNDLE_BUILT, built_template, make
from infra.local.deploy import deploy
from infra.local.errors import LocalError, with_log
from infra.local.parameters import local_parameters
from infra.local.paths import ROOT, StackPaths
from infra.local.seed import DEMO, seed
from infra.local.tools import exclusive
from scorecast_client.cli import DIFFERENT, DONE
from scorecast_client.cli import main as scorecast
from scorecast_client.replay.tournament_file import load

WORLD_CUP: Final = ROOT / "infra" / "data" / "worldcup-2026.json"
WATCH_SECONDS: Final = 0.5
READY: Final = """\
Ready in {seconds:.1f} s. A spectator's token, good for a week:
{token}
  page       {page_url}
  officials  {page_url}official.html
  http       '{http_url}'
  socket     '{ws_url}'
  more       {file}: tables, queues, tokens of the other roles"""


def up(paths: StackPaths, environ: Mapping[str, str]) -> int:
    with _ready(paths, environ) as cloud:
        cloud.keep()
    return 0


def down(paths: StackPaths) -> int:
    running = background.find(paths)
    if running is None:
        background.forget(paths)
        print(f"{paths.stack_name} is not running.")
        return 0
    with _step(f"Stopping {paths.stack_name} on port {running.ports.cloud}"):
        running.end()
    return 0


def dev(paths: StackPaths, environ: Mapping[str, str], *, file: Path, speed: str) -> int:
    load(file)  # so that a broken file is reported at once
    with _ready(paths, environ) as cloud:
        code = replay(paths, file, ["--speed", speed])
        if code not in (DONE, DIFFERENT):
            return code
        print(f"The page stays at {cloud.ports.page_url} until Ctrl-C.", flush=True)
        while cloud.is_alive():
            time.sleep(WATCH_SECONDS)
    raise with_log("The local cloud has ended:", paths.cloud_log)


def replay(paths: StackPaths, file: Path, options: Sequence[str]) -> int:
    """Run `scorecast replay`, with the page on the tournament that is played."""
    if not paths.stack_file.exists():
        raise LocalError("No stack is up: run make up first.")
    tournament_id = load(file).id
    if paths.shown.exists():
        # A replay of this stack has completed the former tournament's matches.
        tournament_id += f"-{datetime.now():%H%M%S}"
    paths.shown.write_text(tournament_id)
    stack = ["--stack", str(paths.stack_file), "--as", tournament_id]
    return scorecast(["replay", str(file), *stack, *options])


@contextmanager
def _ready(paths: StackPaths, environ: Mapping[str, str]) -> Iterator[Background]:
    """The stack, up to date. Processes started here end here, unless they are to stay."""
    begun = time.monotonic()
    parameters = local_parameters(environ.get("PARAMS", ""))
    started: Background | None = None
    try:
        with exclusive(paths.folder / "up.lock"):
            running = background.find(paths)
            if running:
                ports.require_same(environ, running.ports)
            else:
                running = started = _start(paths, environ)
            description = _bring_up(paths, running, parameters)
        _show(paths, description, time.monotonic() - begun)
        yield running
    finally:
        if started and not started.kept:
            with _step("Stopping the local cloud"):
                started.end()


def _start(paths: StackPaths, environ: Mapping[str, str]) -> Background:
    chosen = ports.choose(environ, is_default=paths.is_default)
    with _step(f"Starting the local cloud on port {chosen.cloud}"):
        return background.start(paths, chosen)


def _bring_up(
    paths: StackPaths, running: Background, parameters: Mapping[str, str]
) -> dict[str, Any]:
    with _step("Building what has changed (half a minute the first time)"):
        template = built_template(parameters["Architecture"])
        make(template, BUNDLE_BUILT)
    wanted = json.dumps([template.stat().st_mtime_ns, parameters])
    description = stack_file.read(paths)
    if description and paths.deployed.exists() and paths.deployed.read_text() == wanted:
        return description
    with _step(f"Deploying {paths.stack_name} (about 10 s)"):
        outputs = deploy(paths, running.aws, parameters)
    description = stack_file.describe(paths, running.ports, running.aws, outputs, parameters)
    with _step(f"Registering the tournament {DEMO.tournament_id}"):
        seed(description["http_url"], admin_token=description["tokens"]["admin"]["token"])
    stack_file.write(paths, description)
    paths.deployed.write_text(wanted)
    return description


def _show(paths: StackPaths, description: Mapping[str, Any], seconds: float) -> None:
    token = description["tokens"]["spectator"]["token"]
    file = paths.stack_file.relative_to(ROOT)
    print(READY.format(seconds=seconds, token=token, file=file, **description), flush=True)


@contextmanager
def _step(title: str) -> Iterator[None]:
    """Print the title, and the seconds that the step took."""
    print(f"{title} ... ", end="", flush=True)
    begun = time.monotonic()
    try:
        yield
    except BaseException:
        print("stopped", flush=True)
        raise
    print(f"{time.monotonic() - begun:.1f} s", flush=True)
