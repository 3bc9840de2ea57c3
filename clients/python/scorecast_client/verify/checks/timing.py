"""How fast scores arrive, that silence is noticed, and that no closed connection stays counted."""

import statistics
import time
from typing import Final

from scorecast_client.verify.check import Checks
from scorecast_client.verify.outcome import require
from scorecast_client.verify.run import Run
from scorecast_client.verify.socket import Socket

checks: Final = Checks()

BETWEEN_SAMPLES_SECONDS: Final = 0.4
SWEEPS_WITHIN: Final = 3


@checks.add("latency", fact="Flush and fan-out run within moments of the message in SQS.")
def latency(run: Run) -> str:
    match_id = run.new_match("latency")
    official, fan = run.official(), run.enter("watching", match_id=match_id)
    official.ask("match_start", match_id=match_id)
    fan.event("match_started")
    goals = range(1, run.pace.samples + 1)
    took = sorted(_latency_ms(run, official, fan, match_id, each) for each in goals)
    window = run.target.number("CoalesceMaxWaitMs")
    p50, p99 = statistics.median(took), took[-1]
    require(p50 < window + 2_000, f"p50 {p50:.0f} ms")
    return f"p50 {p50:.0f} ms, p99 {p99:.0f} ms with windows up to {window} ms"


@checks.add("heartbeat", fact="EventBridge Scheduler starts the sweep every minute.")
def heartbeat(run: Run) -> str:
    socket = run.silent or run.enter("silent")
    interval = run.target.number("HeartbeatIntervalSeconds")
    socket.event("ping", seconds_max=interval + SWEEPS_WITHIN * run.pace.seconds_max)
    return f"a silent connection was pinged, as after each {interval} s of silence"


@checks.add("no drift", fact="$disconnect arrives, or the sweep makes up for it.")
def no_drift(run: Run) -> str:
    match_id = run.new_match("drift")
    fans = [run.enter(f"drift-{number}", match_id=match_id) for number in range(3)]
    for fan in fans:
        fan.connection.close()
    left = run.until(lambda: _viewers(run, match_id) == 0 or None, False)
    require(left, f"{_viewers(run, match_id)} viewers are counted, and all have left")
    for _ in range(run.target.number("ConnectionsPerUser")):
        run.enter("limit")
    return "no viewer is counted, and every place is free again"


def _latency_ms(run: Run, official: Socket, fan: Socket, match_id: str, goals: int) -> float:
    time.sleep(BETWEEN_SAMPLES_SECONDS)  # under the rate limit, and outside the last window
    begun = time.monotonic()
    run.score(official, match_id, goals)
    fan.take(
        lambda message: (
            message["type"] == "score_updated" and message["data"]["participant1_score"] == goals
        )
    )
    return (time.monotonic() - begun) * 1_000


def _viewers(run: Run, match_id: str) -> int:
    return int(run.call("GET", f"/rooms/{match_id}")["viewers"])
