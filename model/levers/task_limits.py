"""What a queue must keep: delay, a backlog that drains, tasks not lost, and a target that bears what it sends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from model.behaviour.autoscaler import TARGET_UTILISATION
from model.behaviour.task_backlog import Backlog, attempts_per_task, backlog, dispatches_per_s, lost_share
from model.lever import Guardrail
from model.levers.cloud_run_demand import HOUR_S, clock_of
from model.levers.cloud_run_levels import percent
from model.levers.cloud_run_reading import read
from model.levers.task_parameters import delay_limit_s, target_of
from model.levers.task_queue import CHUNK_KIB, KEY, OPERATIONS
from model.parameter import unit_for

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from model.bill import Bill, Resource
    from model.levers.cloud_run_reading import Reading
    from model.levers.task_queue import Limits, Queue, Tasks
    from model.parameter import Values

LOST_SHARE_LIMIT: Final = 0.001
_SAME: Final = 1e-9


@dataclass(frozen=True)
class QueueState:
    """A queue at some limits: its backlog, tasks lost, and the most attempts that run at once."""

    backlog: Backlog
    lost_share: float
    in_flight: float


def operations_per_task(limits: Limits, tasks: Tasks) -> float:
    """Billed operations of a task: (creation + attempts) × 32 KB chunks."""
    chunks = max(1.0, math.ceil(tasks.payload_kib / CHUNK_KIB))
    return (1.0 + attempts_per_task(tasks.failure_ratio, limits.max_attempts)) * chunks


def queue_state(
    bill: Bill, resource: Resource, today: Limits, limits: Limits, tasks: Tasks, usage: float
) -> QueueState:
    """A queue at these limits; ``usage`` is its part of the operations, grown with demand.

    Tasks that arrive are read from the operations that today's limits billed, so their hours are those of today's
    dispatches; where today's queue is full, the tasks came earlier than that.
    """
    tasks_per_operation = usage / operations_per_task(today, tasks)
    attempts = attempts_per_task(tasks.failure_ratio, limits.max_attempts)
    rate = dispatches_per_s(limits.max_dispatches_per_s, limits.max_concurrent_dispatches, tasks.task_time_s)
    state = _backlog(bill, resource, tasks_per_operation, rate / attempts, tasks.peak_burstiness)
    in_flight = min(limits.max_concurrent_dispatches, state.peak_dispatches_per_s * attempts * tasks.task_time_s)
    return QueueState(state, lost_share(tasks.failure_ratio, limits.max_attempts), in_flight)


@lru_cache(maxsize=256)
def _backlog(bill: Bill, resource: Resource, per_operation: float, capacity_per_s: float, burstiness: float) -> Backlog:
    rate, follows = operations_per_s(bill, resource)
    return backlog(rate * per_operation, follows, capacity_per_s, burstiness)


@lru_cache(maxsize=16)
def operations_per_s(bill: Bill, resource: Resource) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Operations a second by hour (U,), corrections left out, and whether each hour continues the one before."""
    clock = clock_of(bill.hours)
    hourly = clock.by_hour(resource.hourly(OPERATIONS, len(bill.hours)).clip(min=0.0))
    return hourly / HOUR_S, clock.previous != range(len(hourly))


def guardrails(
    bill: Bill, queue: Queue, values: Values, limits: Limits, today: QueueState, after: QueueState
) -> list[Guardrail]:
    """Every limit of one queue after a change; a limit that today breaks as much is a warning, not a block."""
    has_hours = queue.operations is not None and queue.operations.has_hours
    found = [
        _delay(queue, delay_limit_s(queue, values), today.backlog, after.backlog, has_hours=has_hours),
        _drains(queue, today.backlog, after.backlog),
        _lost(queue, values.number("service_level.rejected_share", LOST_SHARE_LIMIT), limits, today, after),
    ]
    service = next((each for each in bill.of("cloud_run") if each.name == target_of(queue, values)), None)
    if service is not None:
        found.append(_fan_out(queue, read(bill, service), values, today, after))
    if -1.0 < limits.max_attempts < 1.0:
        sentence = f"{queue.name}: a task needs at least 1 attempt; −1 is without limit."
        found.append(
            Guardrail(
                "attempts",
                KEY,
                queue.name,
                1.0,
                limits.max_attempts,
                "attempts",
                passed=False,
                sentence=sentence,
                is_floor=True,
            )
        )
    return found


def duration(seconds: float) -> str:
    """Seconds in the unit that people would use."""
    if not math.isfinite(seconds):
        return "without end"
    for size, unit in ((172_800.0, "days"), (7_200.0, "h"), (120.0, "min")):
        if seconds >= size:
            per = {"days": 86_400.0, "h": 3_600.0, "min": 60.0}[unit]
            return f"{seconds / per:.3g} {unit}"
    return f"{seconds:.3g} s"


def _delay(queue: Queue, limit: float, today: Backlog, after: Backlog, *, has_hours: bool) -> Guardrail:
    sentence = (
        f"{queue.name}: a task waits up to {duration(after.longest_delay_s)} for its first attempt (limit "
        f"{duration(limit)})"
    )
    found = _limit(queue, "longest_delay", limit, after.longest_delay_s, today.longest_delay_s, "s", sentence)
    if has_hours or after.longest_delay_s > limit:
        return found
    blind = f"{sentence}, but this bill has no hours, so busy hours are not seen: not judged."
    return Guardrail("longest_delay", KEY, queue.name, limit, after.longest_delay_s, "s", None, blind)


def _drains(queue: Queue, today: Backlog, after: Backlog) -> Guardrail:
    sentence = (
        f"{queue.name}: in its busiest week {percent(after.busiest_week)} of what it can dispatch arrive (limit 100%, "
        "beyond which its backlog never drains)"
    )
    return _limit(queue, "backlog_drains", 1.0, after.busiest_week, today.busiest_week, "ratio", sentence)


def _lost(queue: Queue, limit: float, limits: Limits, today: QueueState, after: QueueState) -> Guardrail:
    most = f"{limits.max_attempts:g}" if limits.max_attempts >= 1.0 else "any number of"
    attempts = "their only attempt" if limits.max_attempts == 1.0 else f"every one of {most} attempts"
    sentence = f"{queue.name}: {percent(after.lost_share)} of tasks fail in {attempts} (limit {limit:.1%})"
    return _limit(queue, "tasks_lost", limit, after.lost_share, today.lost_share, "ratio", sentence)


def _fan_out(queue: Queue, target: Reading, values: Values, today: QueueState, after: QueueState) -> Guardrail:
    """Attempts at once against the requests that the target serves at once at max; the autoscaler aims at 60 %."""
    now = target.settings
    most = values.number(target.key("max_instances"), float(now.max_instances))
    vcpu = values.number(target.key("vcpu"), now.vcpu)
    concurrency = values.number(target.key("concurrency"), float(now.concurrency)) if vcpu >= 1.0 else 1.0
    slots, slots_today = most * concurrency, float(now.max_instances * now.concurrency_in_force)
    wanted = math.ceil(after.in_flight / (TARGET_UTILISATION * concurrency) - _SAME)
    sentence = (
        f"{queue.name}: up to {after.in_flight:,.0f} tasks reach {target.resource.name} at once, for which it wants "
        f"{wanted:,} {unit_for(wanted, 'instances')}; at max {most:g} it serves {slots:,.0f}"
    )
    no_worse = slots * today.in_flight / slots_today
    return _limit(queue, "fan_out", slots, after.in_flight, no_worse, "requests", sentence)


def _limit(queue: Queue, name: str, limit: float, value: float, today: float, unit: str, sentence: str) -> Guardrail:
    passed = value <= max(limit, today * (1.0 + _SAME))
    warning = "; today it is no better" if passed and value > limit else ""
    return Guardrail(name, KEY, queue.name, limit, value, unit, passed, f"{sentence}{warning}.")
