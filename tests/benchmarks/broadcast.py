"""K2: from a claim to the last of 2,000 posts, to a server that answers after 5 ms."""

from statistics import median
from typing import Final

from tests.benchmarks.endpoint import slow_serving
from tests.benchmarks.report import Effort, Report, Target
from tests.benchmarks.worker import alternate_workers, column, environment

VIEWERS: Final = 2_000
DELAY_MS: Final = 5
OURS: Final = "scorecast"
THEIRS: Final = "boto3, 64 threads"
ELAPSED_MS_MAX: Final = 300
TIMES_BOTO3: Final = 8


def run(effort: Effort) -> Report:
    with slow_serving(delay_ms=DELAY_MS) as endpoint:
        samples = alternate_workers(
            {
                OURS: ("tests.benchmarks.posting:scorecast_fan_out", endpoint.url),
                THEIRS: ("tests.benchmarks.posting:boto3_threads", endpoint.url, "64"),
            },
            dict.fromkeys((OURS, THEIRS), VIEWERS),
            runs=effort.runs,
            environ=environment(
                SSL_CERT_FILE=str(endpoint.certificate),
                POWERTOOLS_METRICS_NAMESPACE="Scorecast",
                POWERTOOLS_SERVICE_NAME="scorecast",
            ),
        )
    elapsed_ms = {name: median(column(each, "elapsed_ms")) for name, each in samples.items()}
    return Report(
        key="K2",
        title=f"{VIEWERS:,} posts on one core, each answered after {DELAY_MS} ms",
        columns=("client", "ms to the last post", "posts/s", "times boto3"),
        rows=[
            (name, took_ms, VIEWERS / took_ms * 1_000, elapsed_ms[THEIRS] / took_ms)
            for name, took_ms in elapsed_ms.items()
        ],
        targets=[
            Target("ms to the last post", elapsed_ms[OURS], ELAPSED_MS_MAX),
            Target(
                "times boto3", elapsed_ms[THEIRS] / elapsed_ms[OURS], TIMES_BOTO3, at_least=True
            ),
        ],
        samples=samples,
    )
