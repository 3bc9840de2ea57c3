"""What the commands do. Their docstrings are their help."""

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from infra.local import background, stack_file
from infra.local.background import Background
from infra.local.build import BUNDLE_BUILT, built_template, make
from infra.local.deploy import deploy
from infra.local.errors import LocalError, with_log
from infra.local.parameters import local_parameters
from infra.local.paths import ROOT, StackPaths
from infra.local.ports import require_same
from infra.local.seed import TOURNAMENT_ID, seed
from infra.local.tools import exclusive
from scorecast_client.cli import main as scorecast
from scorecast_client.cli.exit_codes import DIFFERENT, DONE, INTERRUPTED
from scorecast_client.replay.tournament_file import load

WORLD_CUP: Final = ROOT / "infra" / "data" / "worldcup-2026.json"
DEV_SPEED: Final = "3600"
"""An hour of a match in a second."""
READY: Final = """\
Ready in {seconds:.1f} s. A spectator's token, good for a week:
{token}
  page       {page_url}
  officials  {page_url}official.html
  http       '{http_url}'
  socket     '{ws_url}'
  more       {file}: tables, queues, tokens of the other roles"""


def dev(paths: StackPaths) -> int:
    """up, replay the World Cup, serve until Ctrl-C"""
    with suppress(KeyboardInterrupt), _ready(paths) as cloud:
        code = replay(paths, WORLD_CUP, ["--speed", DEV_SPEED])
        if code == INTERRUPTED:
            raise KeyboardInterrupt
        if code not in (DONE, DIFFERENT):
            return code
        print(f"The page stays at {cloud.address['page_url']} until Ctrl-C.", flush=True)
        cloud.wait()
        raise with_log("The local cloud has ended:", paths.cloud_log)
    return DONE  # make would report any other code of what is the usual end


def up(paths: StackPaths) -> int:
    """start, build, deploy, and leave it running"""
    with _ready(paths) as cloud:
        cloud.keep()
    return DONE


def down(paths: StackPaths) -> int:
    """end what up started"""
    running = background.find(paths)
    if running is None:
        background.forget(paths)
        print(f"{paths.stack_name} is not running.")
        return DONE
    with _step(f"Stopping {paths.stack_name}"):
        running.end()
    return DONE


def replay(paths: StackPaths, file: Path, options: Sequence[str]) -> int:
    """play a tournament file, with the page on it"""
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
def _ready(paths: StackPaths) -> Iterator[Background]:
    """The stack, up to date. A cloud that is started here ends here, unless it is to stay."""
    begun = time.monotonic()
    parameters = local_parameters(os.environ.get("PARAMS", ""))
    cloud: Background | None = None
    try:
        with exclusive(paths.folder / "up.lock"):
            if cloud := background.find(paths):
                require_same(os.environ, cloud.address)
            else:
                with _step("Starting the local cloud"):
                    cloud = background.start(paths, os.environ)
                    cloud.await_start()
            description = _bring_up(cloud, parameters)
        _show(paths, description, time.monotonic() - begun)
        yield cloud
    finally:
        if cloud and cloud.process:
            with _step("Stopping the local cloud"):
                cloud.end()


def _bring_up(cloud: Background, parameters: Mapping[str, str]) -> dict[str, Any]:
    paths = cloud.paths
    with _step("Building what has changed (half a minute the first time)"):
        template = built_template(parameters["Architecture"])
        make(template, BUNDLE_BUILT)
    wanted = json.dumps([template.stat().st_mtime_ns, parameters])
    description = stack_file.read(paths)
    if description and paths.deployed.exists() and paths.deployed.read_text() == wanted:
        return description
    with _step(f"Deploying {paths.stack_name} (about 10 s)"):
        outputs = deploy(paths, cloud.aws, parameters)
    description = stack_file.describe(cloud, outputs, parameters)
    with _step(f"Registering the tournament {TOURNAMENT_ID}"):
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
