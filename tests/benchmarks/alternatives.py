"""K12: what a room with a score a second costs on Django Channels with Redis.

Ours is not in the table: API Gateway holds its sockets, and here an emulator stands for that, whose
CPU and memory say nothing. What is ours of a frame, the signed post, is measured by K1.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Final

from infra.local.paths import ROOT
from tests.benchmarks.endpoint import await_listener, free_port
from tests.benchmarks.report import FOLDER, Effort, Missing, Report
from tests.benchmarks.rooms import Server, Watched, watch

SOCKETS: Final = (200, 1_000)
SCORES: Final = 30
ENVIRONMENT: Final = ROOT / ".local" / "alternatives"
UV: Final = ROOT / ".local" / "uv" / "bin" / "uv"
NAME: Final = "Django Channels, Redis"


def run(effort: Effort) -> Report:
    watched = [_channels_room(sockets, scores=effort.of(SCORES)) for sockets in SOCKETS]
    return Report(
        key="K12",
        title="a room with a score a second",
        columns=(
            "server",
            "sockets",
            "messages",
            "lost",
            "messages per CPU second",
            "p50 ms",
            "p99 ms",
            "kB per socket",
        ),
        rows=[(NAME, *_figures(each)) for each in watched],
        targets=[],
        samples={str(each.sockets): each.delays_ms for each in watched},
    )


def _channels_room(sockets: int, *, scores: int) -> Watched:
    with channels() as server:
        return watch(server, sockets, scores)


def _figures(watched: Watched) -> tuple[object, ...]:
    delays = watched.delays_ms if len(watched.delays_ms) > 1 else [float("nan")] * 2
    percents = quantiles(delays, n=100, method="inclusive")
    return (
        watched.sockets,
        len(watched.delays_ms),
        watched.lost,
        watched.frames_per_cpu_second,
        percents[49],
        percents[98],
        watched.memory_bytes / watched.sockets / 1_000,
    )


@contextmanager
def channels() -> Iterator[Server]:
    """One worker of uvicorn and one Redis: a core at the most each."""
    _installed()
    with ExitStack() as running, TemporaryDirectory() as folder:
        redis_port, port = free_port(), free_port()
        redis = running.enter_context(_redis(redis_port, Path(folder)))
        command = [
            str(ENVIRONMENT / "bin" / "uvicorn"),
            "tests.benchmarks.channels_app:application",
            *("--port", str(port), "--log-level", "warning", "--lifespan", "off"),
        ]
        environ = {"CHANNELS_REDIS": f"redis://127.0.0.1:{redis_port}/0", "PATH": "/usr/bin:/bin"}
        server = running.enter_context(_serving(command, port, environ))
        url = f"ws://127.0.0.1:{port}/"
        yield Server(url, _channels_frame, pids=(server.pid, redis.pid))


def _installed() -> None:
    if shutil.which("redis-server") is None:
        raise Missing("redis-server (Debian: apt-get install redis-server)")
    command = [str(UV), "sync", "--quiet", "--locked", "--only-group", "alternatives"]
    environ = os.environ | {"UV_PROJECT_ENVIRONMENT": str(ENVIRONMENT)}
    subprocess.run([*command, "--python", sys.executable], cwd=ROOT, env=environ, check=True)


@contextmanager
def _redis(port: int, folder: Path) -> "Iterator[subprocess.Popen[bytes]]":
    command = ["redis-server", "--port", str(port), "--save", "", "--dir", str(folder)]
    with _serving([*command, "--loglevel", "warning"], port, {"PATH": "/usr/bin:/bin"}) as redis:
        yield redis


@contextmanager
def _serving(
    command: list[str], port: int, environ: Mapping[str, str]
) -> "Iterator[subprocess.Popen[bytes]]":
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / f"{Path(command[0]).name}.log", "w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=dict(environ), stdout=log, stderr=log)
        try:
            await_listener(port, process)
            yield process
        finally:
            process.terminate()
            process.wait()


def _channels_frame(number: int) -> str:
    data = {"match_id": "m1", "participant1_score": number, "participant2_score": 0}
    return json.dumps({"type": "score_updated", "data": data, "padding": "x" * 300})
