"""What a queue's limits and attempts do to the requests of the Cloud Run service that it calls.

With A and A′ the attempts a second by hour today and after, and s the queue's share of the service's requests, the rate
of an hour changes by s·(A′ − A) ÷ mean(A) of the service's mean rate: fewer attempts are fewer requests, and a limit
spreads them over later minutes and hours. CV² within the hour changes by s²·(CV²′ − CV²), the queue's part of a sum of
independent arrivals. Without a known share nothing moves, and a note says so.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from model.behaviour.task_backlog import attempts_per_task, dispatches, dispatches_per_s
from model.lever import RequestShift
from model.levers.cloud_run_reading import read
from model.levers.task_limits import operations_per_s, operations_per_task
from model.levers.task_parameters import operation_share, target_of, tasks_assumed
from model.levers.task_queue import limits_chosen, limits_today, queues

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.behaviour.task_backlog import Dispatches
    from model.bill import Bill, Resource
    from model.lever import Effects
    from model.levers.cloud_run_reading import Reading
    from model.levers.task_queue import Limits, Queue, Tasks
    from model.parameter import Values

_MOST_ATTEMPTS = 1.25
"""Attempts ÷ requests up to which all of them count as the queue's; operations also hold calls that attempt nothing."""


def with_requests(bill: Bill, values: Values, effects: Effects) -> Effects:
    """Effects with what the queues change of the requests of the services that they call."""
    found: dict[str, list[RequestShift]] = {}
    for queue in queues(bill):
        target, now, chosen = (
            _target(bill, queue, values),
            limits_today(bill, queue),
            limits_chosen(bill, queue, values),
        )
        if target is None or queue.operations is None or (now == chosen and effects.demand == 1.0):
            continue
        own, tasks = operation_share(bill, queue, values), tasks_assumed(bill, queue, values)
        share = request_share(bill, queue, target, values)
        shift = share and request_shift(bill, queue.operations, now, chosen, tasks, own, effects.demand, share)
        if shift:
            found.setdefault(target.resource.name, []).append(shift)
    if not found:
        return effects
    return replace(effects, requests=tuple((name, _joined(tuple(shifts))) for name, shifts in found.items()))


def unknown_requests(bill: Bill, queue: Queue, values: Values) -> tuple[str, ...]:
    """Why the requests of a queue's target stay as they are, where its part of them is not known."""
    target = _target(bill, queue, values)
    if not bill.of("cloud_run") or (target and request_share(bill, queue, target, values) is not None):
        return ()
    if target is None:
        key = queue.key("target_service")
        return (f"{queue.name}: which service it calls is not known, so no requests are moved; type {key}.",)
    sentence = (
        f"{queue.name}: its share of the requests of {target.resource.name} is not known, so these are not moved; "
        f"import metrics of its attempts, or type {queue.key('request_share')}."
    )
    return (sentence,)


def _target(bill: Bill, queue: Queue, values: Values) -> Reading | None:
    name = target_of(queue, values)
    service = next((each for each in bill.of("cloud_run") if each.name == name), None)
    return None if service is None else read(bill, service)


def request_share(bill: Bill, queue: Queue, target: Reading, values: Values) -> float | None:
    """The queue's share of its target's requests: as typed, else its attempts ÷ requests; None where not known.

    Attempts: as measured, else of the billed operations where the queue's own part of them is known.
    """
    typed = values.get(queue.key("request_share"))
    requests_per_s = _requests_per_s(target, values)
    if typed is not None:
        return values.number(queue.key("request_share"))
    if requests_per_s is None or queue.operations is None:
        return None
    measured = bill.fact(queue.key("attempts_per_s"))
    if measured is not None and isinstance(measured.value, int | float):
        share = float(measured.value) / requests_per_s
    elif _is_own_share_known(queue, values):
        now, own = limits_today(bill, queue), operation_share(bill, queue, values)
        attempts, _ = _attempts(bill, queue.operations, now, now, tasks_assumed(bill, queue, values), own)
        share = float(attempts.mean()) / requests_per_s
    else:
        return None
    return min(share, 1.0) if 0.0 < share <= _MOST_ATTEMPTS else None


def _requests_per_s(target: Reading, values: Values) -> float | None:
    """Mean request rate of the service where it is counted, measured or typed."""
    key = target.key("requests_per_s")
    is_known = target.billed.has_requests or target.told["requests_per_s"].evidence == "measured"
    rate = values.number(key, target.rates.mean)
    return rate if rate > 0.0 and (is_known or values.is_changed(key)) else None


def _is_own_share_known(queue: Queue, values: Values) -> bool:
    chosen = values.by_key.get(queue.key("operation_share"))
    return queue.sharing == 1 or (chosen is not None and (chosen.is_changed or chosen.evidence == "measured"))


@lru_cache(maxsize=128)
def request_shift(
    bill: Bill, resource: Resource, now: Limits, chosen: Limits, tasks: Tasks, own: float, demand: float, share: float
) -> RequestShift | None:
    """The change of requests at ``demand`` times today's tasks; None where requests stay as they are.

    ``own`` is the queue's part of the operations of ``resource``. The same call gives the same object.
    """
    before, left_today = _attempts(bill, resource, now, now, tasks, own)
    after, left = _attempts(bill, resource, now, chosen, tasks, own * demand)
    mean = float(before.mean())
    is_held_back = left_today.is_held_back or left.is_held_back
    same_attempts = now.max_attempts == chosen.max_attempts or tasks.failure_ratio <= 0.0
    if mean <= 0.0 or share <= 0.0 or (now == chosen and demand == 1.0) or (same_attempts and not is_held_back):
        return None
    return RequestShift(share * (after / demand - before) / mean, share**2 * (left.burstiness - left_today.burstiness))


def _attempts(
    bill: Bill, resource: Resource, today: Limits, limits: Limits, tasks: Tasks, usage: float
) -> tuple[NDArray[np.float64], Dispatches]:
    """Attempts a second by hour (U,) at these limits, and the tasks' dispatches."""
    rate, follows = operations_per_s(bill, resource)
    per_task = attempts_per_task(tasks.failure_ratio, limits.max_attempts)
    capacity = dispatches_per_s(limits.max_dispatches_per_s, limits.max_concurrent_dispatches, tasks.task_time_s)
    per_operation = usage / operations_per_task(today, tasks)
    left = dispatches(rate * per_operation, follows, capacity / per_task, tasks.burstiness)
    return left.per_s * per_task, left


@lru_cache(maxsize=64)
def _joined(shifts: tuple[RequestShift, ...]) -> RequestShift:
    """The change of several queues that call one service."""
    if len(shifts) == 1:
        return shifts[0]
    return RequestShift(np.sum([shift.of_mean for shift in shifts], axis=0), sum(s.burstiness for s in shifts))
