"""Contenders in processes of their own, so that none is slowed down by what another left behind.

A contender is a function that does some work and returns what it measured. It is made once, warm,
and called as often as the parent asks; contenders take turns, in alternating order.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from types import TracebackType
from typing import Any, Self

type Measured = dict[str, float]
type Contender = Callable[[int], Measured]


def cores() -> tuple[int, int]:
    """Which core the measured process has, and which its peer; the same one if there is but one."""
    available = sorted(os.sched_getaffinity(0))
    return available[0], available[-1]


def environment(**more: str) -> dict[str, str]:
    """For child processes: nothing of the person's own AWS account, and the project importable."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {
        "PYTHONPATH": os.pathsep.join(["layers/core", "functions", "."]),
        "AWS_ACCESS_KEY_ID": "AKIDBENCHMARK0000000",
        "AWS_SECRET_ACCESS_KEY": "s" * 40,
        "AWS_SESSION_TOKEN": "t" * 700,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }


class Worker:
    """`maker` is `module:function`; it is called in the child, with `arguments`."""

    def __init__(self, maker: str, *arguments: str, core: int, environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.worker", str(core), maker, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=dict(environ),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def __call__(self, count: int) -> Measured:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("a contender ended; what it said is above")
        measured: Measured = json.loads(answer)
        return measured


def alternate(
    contenders: Mapping[str, Contender], counts: Mapping[str, int], *, runs: int
) -> dict[str, list[Measured]]:
    """Warm each up once, then measure them in turns, forwards and backwards."""
    names = list(contenders)
    for name in names:
        contenders[name](max(1, counts[name] // 4))
    samples: dict[str, list[Measured]] = {name: [] for name in names}
    for run in range(runs):
        for name in names if run % 2 == 0 else reversed(names):
            samples[name].append(contenders[name](counts[name]))
    return samples


def alternate_workers(
    makers: Mapping[str, Sequence[str]],
    counts: Mapping[str, int],
    *,
    runs: int,
    environ: Mapping[str, str],
    others: Mapping[str, Contender] | None = None,
) -> dict[str, list[Measured]]:
    """Contenders of this process (`others`) and of child processes, side by side."""
    core, _ = cores()
    with ExitStack() as running:
        contenders: dict[str, Contender] = {
            name: running.enter_context(Worker(*maker, core=core, environ=environ))
            for name, maker in makers.items()
        }
        return alternate(contenders | dict(others or {}), counts, runs=runs)


def serve(core: int, maker: str, arguments: Sequence[str]) -> None:
    """The child: numbers come in, measurements go out; what the contender prints goes nowhere."""
    os.sched_setaffinity(0, {core})
    with os.fdopen(os.dup(1), "w") as answers:
        sys.stdout = open(os.devnull, "w")
        module, _, name = maker.partition(":")
        contender: Contender = getattr(import_module(module), name)(*arguments)
        for line in sys.stdin:
            answers.write(json.dumps(contender(int(line))) + "\n")
            answers.flush()


def column(samples: Sequence[Mapping[str, Any]], name: str) -> list[float]:
    return [sample[name] for sample in samples]


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
