"""K1: signed posts per second on one core, over TLS, to a server that answers at once."""

import re
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Final

from tests.benchmarks.endpoint import Endpoint, nginx_serving
from tests.benchmarks.posting import FRAME, connection_ids
from tests.benchmarks.report import FOLDER, Effort, Report, Target
from tests.benchmarks.worker import (
    Contender,
    Measured,
    alternate_workers,
    column,
    cores,
    environment,
)

IN_FLIGHT: Final = 64
TIMES_BOTO3: Final = 15
OURS: Final = "scorecast"
WRK: Final = "wrk, unsigned (the limit)"

_MAKERS: Final[dict[str, tuple[str, int, list[str]]]] = {
    OURS: ("scorecast", 24_000, []),
    "aiohttp, botocore's signer": ("aiohttp_botocore", 1_500, [str(IN_FLIGHT)]),
    "boto3, 1 thread": ("boto3_threads", 700, ["1"]),
    "boto3, 8 threads": ("boto3_threads", 700, ["8"]),
    "boto3, 32 threads": ("boto3_threads", 700, ["32"]),
}
"""By client: the function that makes it, how often it posts in a run, and its arguments."""

_SCRIPT: Final = """
wrk.method = "POST"
wrk.body = string.rep("x", {length})
"""


def run(effort: Effort) -> Report:
    counts = {name: effort.of(count) for name, (_, count, _) in _MAKERS.items()}
    with nginx_serving() as endpoint:
        others = {WRK: _wrk(endpoint)} if shutil.which("wrk") else {}
        samples = alternate_workers(
            {name: _command(maker, endpoint) for name, maker in _MAKERS.items()},
            counts | dict.fromkeys(others, 1),
            runs=effort.runs,
            environ=environment(SSL_CERT_FILE=str(endpoint.certificate)),
            others=others,
        )
    return _report(samples)


def _command(maker: tuple[str, int, list[str]], endpoint: Endpoint) -> list[str]:
    function, _, arguments = maker
    return [f"tests.benchmarks.posting:{function}", endpoint.url, *arguments]


def _report(samples: dict[str, list[Measured]]) -> Report:
    speed = {name: median(column(each, "per_second")) for name, each in samples.items()}
    per_cpu = {name: median(column(each, "per_cpu_second")) for name, each in samples.items()}
    boto3s = [name for name in samples if name.startswith("boto3")]
    best, best_cpu = (max(figures[name] for name in boto3s) for figures in (speed, per_cpu))
    remarks = [] if WRK in samples else ["wrk is missing: `apt-get install wrk` shows the limit."]
    return Report(
        key="K1",
        title=f"signed posts of {len(FRAME)} bytes over TLS, client on one core",
        columns=(
            "client",
            "posts/s",
            "times boto3's best",
            "posts per CPU second",
            "times boto3's best",
        ),
        rows=[
            (name, speed[name], speed[name] / best, per_cpu[name], per_cpu[name] / best_cpu)
            for name in samples
        ],
        targets=[
            Target("posts/s, times boto3's best", speed[OURS] / best, TIMES_BOTO3, at_least=True),
            Target(
                "posts per CPU second, times boto3's best",
                per_cpu[OURS] / best_cpu,
                TIMES_BOTO3,
                at_least=True,
            ),
        ],
        samples=samples,
        remarks=remarks,
    )


def _wrk(endpoint: Endpoint) -> Contender:
    core, _ = cores()
    target = f"{endpoint.url}/@connections/{connection_ids(1)[0]}"

    def post(seconds: int) -> Measured:
        before_s = _children_cpu_s()
        with _script() as script:
            wrk = ["wrk", "-t1", f"-c{IN_FLIGHT}", f"-d{seconds}s", "-s", str(script), target]
            done = subprocess.run(
                ["taskset", "-c", str(core), *wrk], capture_output=True, text=True, check=True
            )
        found = re.search(r"(\d+) requests in ([\d.]+)s", done.stdout)
        assert found is not None and "Non-2xx" not in done.stdout, done.stdout
        posts, elapsed_s = int(found[1]), float(found[2])
        return {
            "elapsed_ms": elapsed_s * 1_000,
            "per_second": posts / elapsed_s,
            "per_cpu_second": posts / (_children_cpu_s() - before_s),
        }

    return post


@contextmanager
def _script() -> Iterator[Path]:
    file = FOLDER / "post.lua"
    file.write_text(_SCRIPT.format(length=len(FRAME)))
    yield file


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
