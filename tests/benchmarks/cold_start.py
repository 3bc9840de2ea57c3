"""K6: what a cold start costs: a fresh process imports a handler and makes its clients.

CPU time is compared, because importing is nothing else and it does not depend on who else runs on
the machine; the time that passed is shown beside it. The interpreter's own start is in neither.
The last rows import what `sam build` has left, with the bytecode that the build adds and without.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final

from infra.local.build import built_template, make
from tests.benchmarks.report import Effort, Report, Target
from tests.benchmarks.virtual_stack import ENVIRONMENT
from tests.benchmarks.worker import Contender, Measured, alternate, column, cores, environment

BARE: Final = "bare boto3"

_PROGRAM: Final = """
import time
cpu_s, wall_s = time.process_time(), time.perf_counter()
{work}
cpu_s, wall_s = time.process_time() - cpu_s, time.perf_counter() - wall_s
print('{{"cpu_ms":', cpu_s * 1000, ', "wall_ms":', wall_s * 1000, '}}')
"""

_ROOT: Final = (
    "from scorecast.wiring import host, queues, sessions, tables\n"
    "from scorecast.runtime import settings"
)
_CONTEXT: Final = (
    "types.SimpleNamespace(function_name='f', function_version='1', memory_limit_in_mb=512,"
    " invoked_function_arn='', aws_request_id='r', get_remaining_time_in_millis=lambda: 15_000)"
)
_SCORE: Final = """\
{"type":"score_update","match_id":"m1","participant1_score":1,"participant2_score":0}"""
_BARE: Final = 'import boto3\nboto3.client("dynamodb")'

_MAKES: Final = {
    "authorizer": "sessions.authorization(host.settings(settings.AuthorizerSettings))",
    "connect": "own = host.settings(settings.ConnectSettings)\n"
    "sessions.connection_admission(own)\nqueues.welcome_queue(own)",
    "disconnect": "tables.registry(host.settings(settings.DisconnectSettings))",
    "message": "sessions.dispatcher(host.settings(settings.MessageSettings))\n"
    f"from scorecast.protocol.parsing import parse\nparse({_SCORE!r})",
    "api": "parts = api.SERVICES\nparts.verifier(), parts.restrictions(), parts.rate_limiter()\n"
    "parts.matches()",
    **{
        function: f'import types\n{function}.handler({{"Records": []}}, {_CONTEXT})'
        for function in ("welcome", "flush", "fanout", "sweep")
    },
}
"""What a first event needs of each function; those of queues get an empty batch."""

_TIMES_BARE: Final = {
    "authorizer": 0.5,
    "message": 1.5,
    "api": 1.5,
    "connect": 1.25,
    "flush": 1.5,
}
_BUILT: Final = "{function}, as built"
_COMPILES: Final = "{function}, built without bytecode"
_TIMES_COMPILING: Final = {"message": 0.9, "api": 0.9}


def run(effort: Effort) -> Report:
    programs = {BARE: _BARE} | {
        function: f"import {function}\n{_ROOT}\n{makes}"
        for function, makes in _MAKES.items()
        if effort.scale == 1 or function in _TIMES_BARE
    }
    with TemporaryDirectory() as folder:
        contenders = {name: _fresh(_PROGRAM.format(work=work)) for name, work in programs.items()}
        contenders |= _with_and_without_bytecode(programs, Path(folder))
        samples = alternate(contenders, dict.fromkeys(contenders, 1), runs=effort.runs)
    cpu_ms = {name: median(column(each, "cpu_ms")) for name, each in samples.items()}
    wall_ms = {name: median(column(each, "wall_ms")) for name, each in samples.items()}
    return Report(
        key="K6",
        title="cold start: import and clients, in a fresh process",
        columns=("function", "CPU ms", "times bare", "elapsed ms", "times bare"),
        rows=[
            (
                name,
                cpu_ms[name],
                cpu_ms[name] / cpu_ms[BARE],
                wall_ms[name],
                wall_ms[name] / wall_ms[BARE],
            )
            for name in contenders
        ],
        targets=[
            Target(f"{name}, times bare", cpu_ms[name] / cpu_ms[BARE], bound)
            for name, bound in _TIMES_BARE.items()
        ]
        + [
            Target(
                f"{function}, times that without bytecode",
                cpu_ms[_BUILT.format(function=function)]
                / cpu_ms[_COMPILES.format(function=function)],
                bound,
            )
            for function, bound in _TIMES_COMPILING.items()
        ],
        samples=samples,
    )


def _with_and_without_bytecode(programs: dict[str, str], folder: Path) -> dict[str, Contender]:
    built = built_template("arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64")
    make(built)
    shutil.copytree(built.parent, folder / "sources", ignore=shutil.ignore_patterns("__pycache__"))
    return {
        name.format(function=function): _fresh(
            _PROGRAM.format(work=programs[function]),
            PYTHONPATH=os.pathsep.join([f"{root}/CoreLayer/python", f"{root}/ApiFunction"]),
            PYTHONDONTWRITEBYTECODE="1",
        )
        for function in _TIMES_COMPILING
        for name, root in ((_BUILT, built.parent), (_COMPILES, folder / "sources"))
    }


def _fresh(program: str, **environ: str) -> Contender:
    core, _ = cores()
    command = ["taskset", "-c", str(core), sys.executable, "-c", program]

    def start(_: int) -> Measured:
        done = subprocess.run(
            command,
            env=environment(**ENVIRONMENT, **environ),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        measured: Measured = json.loads(done.stdout)
        return measured

    return start
