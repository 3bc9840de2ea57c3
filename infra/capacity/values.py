"""A plan as JSON: its peaks, minute by minute, what saturates, and what to ask for."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from infra.capacity.demand import Demand, hottest_reads, hottest_writes
from infra.capacity.overflow import dollars_per_second, reading
from infra.capacity.plan import Plan, by_table
from infra.capacity.saturation import asks, saturations


def values(plan: Plan) -> Mapping[str, Any]:
    minutes = range(int(plan.audience.minutes) + 1)
    return {
        "audience": asdict(plan.audience),
        "parameters": plan.bounds.parameters,
        "quotas": plan.bounds.quotas,
        "minutes": [_minute(plan, plan.at(minute)) for minute in minutes],
        "peaks": {
            "executions": plan.peaks(lambda demand: demand.executions),
            "queued": plan.peaks(lambda demand: demand.queued),
            "written": plan.peaks(lambda demand: by_table(demand.written)),
            "read": plan.peaks(lambda demand: by_table(demand.read_from)),
            "hottest_key_written": plan.peaks(lambda each: hottest_writes(each, plan.audience)),
            "hottest_key_read": plan.peaks(lambda each: hottest_reads(each, plan.audience)),
        },
        "saturations": [asdict(each) | {"share": each.share} for each in saturations(plan)],
        "asks": {
            name: {"now": now, "wanted": wanted}
            for name, (now, wanted) in asks(plan.audience, plan.bounds).items()
        },
        "overflow": {
            **asdict(reading(plan.audience.scores_per_minute)),
            "dollars_per_1000_viewer_hours": 3_600 * dollars_per_second(1_000, plan.audience),
        },
        "viewer_hours": plan.viewer_hours,
        "dollars": plan.dollars,
    }


def _minute(plan: Plan, demand: Demand) -> Mapping[str, Any]:
    moment, largest = demand.moment, demand.largest
    return {
        "minute": moment.minute,
        "viewers": moment.viewers,
        "waiting": moment.waiting,
        "overflow": moment.overflow,
        "connects": moment.connects,
        "posts": demand.posts,
        "requests": demand.requests,
        "executions": sum(demand.executions.values()),
        "age_first_ms": largest.first_ms,
        "age_last_ms": largest.last_ms,
        "dollars_per_hour": plan.dollars_per_hour(demand),
    }
