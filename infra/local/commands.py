"""What the commands do: up, down, dev, replay."""

import fcntl
import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from infra.local import background, ports
from infra.local.background import Background
from infra.local.build import build
from infra.local.bundle import bundle
from infra.local.deploy import deploy
from infra.local.errors import LocalError, with_log
from infra.local.parameters import local_parameters
from infra.local.paths import ROOT, StackPaths
from infra.local.progress import step
from infra.local.seed import DEMO, seed
from infra.local.stack_file import describe, write
from scorecast_client.cli import DIFFERENT, DONE
from scorecast_client.cli import main as scorecast
from scorecast_client.replay.tournament_file import load

WORLD_CUP: Final = ROOT / "infra" / "data" / "worldcup-2026.json"
WATCH_SECONDS: Final = 0.5


def up(site: StackPaths, environ: Mapping[str, str]) -> int:
    begun = time.monotonic()
    parameters = local_parameters(environ.get("PARAMS", ""))
    with _one_at_a_time(site), _cloud(site, environ) as cloud:
        description = _bring_up(site, cloud, parameters)
        cloud.keep()
    _show(site, description, time.monotonic() - begun)
    return 0


def down(site: StackPaths) -> int:
    running = background.find(site)
    if running is None:
        background.forget(site)
        print(f"Nothing of {site.stack_name} is running.")
        return 0
    with step(f"Ending {site.stack_name} on port {running.ports.cloud}"):
        running.end()
    return 0


def dev(site: StackPaths, environ: Mapping[str, str], *, file: Path, speed: str) -> int:
    begun = time.monotonic()
    load(file)  # so that a broken file is told at once
    parameters = local_parameters(environ.get("PARAMS", ""))
    with _cloud(site, environ) as cloud:
        with _one_at_a_time(site):
            description = _bring_up(site, cloud, parameters)
        _show(site, description, time.monotonic() - begun)
        code = replay(site, file, ["--speed", speed])
        if code not in (DONE, DIFFERENT):
            return code
        print(f"The page stays at {description['page_url']} until Ctrl-C.", flush=True)
        _serve_until_interrupted(cloud)
    return code


def replay(site: StackPaths, file: Path, options: Sequence[str]) -> int:
    """Hand over to `scorecast replay`, with the page on the tournament that is played."""
    if not site.description.exists():
        raise LocalError("No stack is up: run make up first.")
    tournament_id = load(file).id
    if site.shown.exists():
        # It has been played here once; what is completed stays so.
        tournament_id += f"-{datetime.now():%H%M%S}"
    site.shown.write_text(tournament_id)
    stack = ["--stack", str(site.description), "--as", tournament_id]
    return scorecast(["replay", str(file), *stack, *options])


def _bring_up(site: StackPaths, cloud: Background, parameters: Mapping[str, str]) -> dict[str, Any]:
    with step("Building, where something has changed"):
        built = build(site, architecture=parameters["Architecture"])
        bundle()
    wanted = hashlib.sha256(json.dumps([built, parameters]).encode()).hexdigest()
    if site.deployed.exists() and site.deployed.read_text() == wanted:
        return dict(json.loads(site.description.read_text()))
    with step(f"Deploying {site.stack_name}"):
        outputs = deploy(site, cloud.ports, parameters)
    description = describe(site, cloud.ports, outputs, parameters)
    with step(f"Registering the tournament {DEMO.tournament_id}"):
        seed(description["http_url"], admin_token=description["tokens"]["admin"]["token"])
    write(site, description)
    site.deployed.write_text(wanted)
    return description


@contextmanager
def _cloud(site: StackPaths, environ: Mapping[str, str]) -> Iterator[Background]:
    """The stack's processes. Those started here end here, unless they were told to stay."""
    found = background.find(site)
    if found:
        ports.require_same(environ, found.ports)
        yield found
        return
    chosen = ports.choose(environ, site)
    with step(f"Starting the local cloud on port {chosen.cloud}"):
        started = background.start(site, chosen)
    try:
        yield started
    except LocalError as trouble:
        if started.alive():
            raise
        raise with_log(f"{trouble}\nThe local cloud has ended:", site.cloud_log) from trouble
    finally:
        if not started.kept:
            with step("Ending the local cloud"):
                started.end()


@contextmanager
def _one_at_a_time(site: StackPaths) -> Iterator[None]:
    site.folder.mkdir(parents=True, exist_ok=True)
    with site.up_lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another make up of this stack.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _serve_until_interrupted(cloud: Background) -> None:
    try:
        while cloud.alive():
            time.sleep(WATCH_SECONDS)
    except KeyboardInterrupt:
        return
    raise LocalError("The page cannot go on.")


def _show(site: StackPaths, description: Mapping[str, Any], seconds: float) -> None:
    spectator = description["tokens"]["spectator"]["token"]
    print(f"Ready in {seconds:.1f} s.")
    print(f"  page    {description['page_url']}")
    print(f"          {description['page_url']}official.html to tap scores")
    print(f"  http    {description['http_url']}")
    print(f"  socket  {description['ws_url']}?tournament_id={DEMO.tournament_id}&token={spectator}")
    for role, held in description["tokens"].items():
        print(f"  {role:<12}{held['user_id']:<15}{held['token']}")
    print(f"  all of it is in {site.description.relative_to(ROOT)}", flush=True)
