"""What can be set and must be assumed for a queue of Cloud Tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from model.assumed import Assumed
from model.levers.task_queue import Tasks, sharing_with, told_limit
from model.parameter import Fact, Parameter

if TYPE_CHECKING:
    from model.bill import Bill
    from model.levers.task_queue import Queue
    from model.parameter import Values

NO_TARGET: Final = "not known"
REQUESTS: Final = "cloud_run.request_based.requests"


@dataclass(frozen=True)
class _Limit:
    """Title, unit, limits, step and help of one setting."""

    title: str
    unit: str
    minimum: float
    maximum: float
    step: float
    help: str


_SETTINGS: Final = {
    "max_dispatches_per_s": _Limit(
        "highest dispatch rate", "tasks/s", 1.0, 500.0, 1.0,
        "Attempts that the queue starts a second, at most. It shapes load and delay and saves nothing by itself.",
    ),
    "max_concurrent_dispatches": _Limit(
        "highest number of tasks at once", "tasks", 1.0, 5000.0, 1.0,
        "Attempts that may run at once. More shorten the wait and press on the target; they save nothing by "
        "themselves, since operations are billed.",
    ),
    "max_attempts": _Limit(
        "attempts before a task is dropped", "attempts", 1.0, 100.0, 1.0,
        "Each attempt is a billed operation. With fewer, more tasks are lost that would have worked later.",
    ),
}  # fmt: skip
FLAGS: Final = {
    "max_dispatches_per_s": "--max-dispatches-per-second",
    "max_concurrent_dispatches": "--max-concurrent-dispatches",
    "max_attempts": "--max-attempts",
}
_ASSUMED: Final = {
    "task_time_s": Assumed(
        "time per attempt", "s", 1.0, 0.2, 10.0, 0.001, 1800.0, 0.1,
        "How long the target works on an attempt; with the number at once it gives the rate of the queue.",
    ),
    "failure_ratio": Assumed(
        "share of attempts that fail", "ratio", 0.01, 0.0, 0.05, 0.0, 0.99, 0.005,
        "Each failed attempt is made again until the attempts run out; failures are taken as independent.",
    ),
    "burstiness": Assumed(
        "burstiness", "CV²", 1.0, 0.25, 4.0, 0.0, 30.0, 0.05,
        "Squared coefficient of variation of the tasks that arrive in a minute of an hour; 0 is perfectly even.",
    ),
    "payload_kib": Assumed(
        "size of a task", "KiB", 4.0, 1.0, 32.0, 0.0, 1024.0, 1.0,
        "Billed in chunks of 32 KB: a larger task is several operations each time, so the bill holds fewer tasks.",
    ),
    "delay_limit_s": Assumed(
        "longest wait allowed", "s", 300.0, None, None, 0.0, 2_592_000.0, 10.0,
        "How long a task may wait for its first attempt; a plan may not make it longer than this.",
    ),
}  # fmt: skip


_OF_TARGET: Final = {
    "task_time_s": "latency_s",
    "burstiness": "burstiness",
    "peak_burstiness": "peak_burstiness",
}
"""What the target's metrics tell of a queue's attempts."""


def queue_parameters(bill: Bill, queue: Queue) -> list[Parameter]:
    """Settings, then assumptions, of one queue; what needs its operations is left out where the bill has none."""
    settings = [_setting(bill, queue, name) for name in _SETTINGS]
    if queue.operations is None:
        return settings
    shares = [_share(bill, queue)] if queue.sharing > 1 else []
    targets = [_target(bill, queue), _request_share(bill, queue)] if bill.of("cloud_run") else []
    assumed = [_assumption(bill, queue, name) for name in _ASSUMED]
    return [*settings, *assumed, _peak_burstiness(bill, queue), *shares, *targets]


def tasks_assumed(bill: Bill, queue: Queue, values: Values) -> Tasks:
    """The tasks of a queue at the assumptions in force; what nothing tells of it is as its target measured it."""
    task_time_s, failure_ratio, burstiness, payload_kib = (
        _assumed(bill, queue, name, values) for name in ("task_time_s", "failure_ratio", "burstiness", "payload_kib")
    )
    is_typed = values.is_changed(queue.key("burstiness")) and not values.is_changed(queue.key("peak_burstiness"))
    peak = burstiness if is_typed else max(burstiness, _assumed(bill, queue, "peak_burstiness", values))
    return Tasks(task_time_s, failure_ratio, burstiness, payload_kib, peak)


def _assumed(bill: Bill, queue: Queue, name: str, values: Values) -> float:
    told = (
        None
        if values.is_changed(queue.key(name)) or bill.fact(queue.key(name))
        else _of_target(bill, name, target_of(queue, values))
    )
    if told is not None and isinstance(told.value, int | float):
        return float(told.value)
    return values.number(queue.key(name), _ASSUMED[name].number if name in _ASSUMED else 0.0)


def operation_share(bill: Bill, queue: Queue, values: Values) -> float:
    """Part of its rows' operations that a queue makes: its share over the sum of the shares on these rows."""
    weights = {
        other.name: values.number(other.key("operation_share"), 1.0 / other.sharing)
        for other in sharing_with(bill, queue)
    }
    total = sum(weights.values())
    return weights[queue.name] / total if total > 0.0 else 1.0 / queue.sharing


def delay_limit_s(queue: Queue, values: Values) -> float:
    """The longest wait allowed."""
    return values.number(queue.key("delay_limit_s"), _ASSUMED["delay_limit_s"].number)


def target_of(queue: Queue, values: Values) -> str:
    """The Cloud Run service that the queue calls; '' where nothing tells it."""
    named = values.text(queue.key("target_service"))
    return "" if named == NO_TARGET else named


def _setting(bill: Bill, queue: Queue, name: str) -> Parameter:
    declared, told = _SETTINGS[name], told_limit(bill, queue, name)
    value = told.value if isinstance(told.value, int | float) else declared.minimum
    return Parameter(
        queue.key(name), f"{queue.name}: {declared.title}", declared.unit, "setting", told.value, told.source,
        told.evidence, declared.help, minimum=min(declared.minimum, value), maximum=max(declared.maximum, value),
        step=declared.step, configures=FLAGS[name] if queue.is_listed else "",
    )  # fmt: skip


def _assumption(bill: Bill, queue: Queue, name: str) -> Parameter:
    key = queue.key(name)
    return _ASSUMED[name].parameter(key, queue.name, bill.fact(key) or _fact_of_target(bill, queue, name))


def _peak_burstiness(bill: Bill, queue: Queue) -> Parameter:
    told = bill.fact(queue.key("peak_burstiness")) or _fact_of_target(bill, queue, "peak_burstiness")
    return Parameter(
        queue.key("peak_burstiness"), f"{queue.name}: burstiness of the burstiest hours", "CV²", "assumption",
        told.value if told else None, told.source if told else "left open: as the burstiness of all hours",
        told.evidence if told else "modelled",
        "The longest wait and the most tasks at once are those of such hours.",
        minimum=0.0, maximum=30.0, step=0.05,
    )  # fmt: skip


def _fact_of_target(bill: Bill, queue: Queue, name: str) -> Fact | None:
    service = bill.fact(queue.key("target_service"))
    return _of_target(bill, name, str(service.value)) if service else None


def _of_target(bill: Bill, name: str, service: str) -> Fact | None:
    """An attempt takes the time of a request of the service called, and comes as bursty, where the service tells it."""
    told = bill.fact(f"cloud_run.{service}.{_OF_TARGET[name]}") if service and name in _OF_TARGET else None
    return Fact(told.value, told.evidence, f"as at {service}: {told.source}") if told else None


def _share(bill: Bill, queue: Queue) -> Parameter:
    told = bill.fact(queue.key("operation_share")) or _share_by_requests(bill, queue)
    even = 1.0 / queue.sharing
    share = told.value if told and isinstance(told.value, int | float) else even
    is_told = told is not None and told.evidence == "measured"
    return Parameter(
        queue.key("operation_share"), f"{queue.name}: share of the operations", "ratio", "assumption", share,
        told.source if told else f"not typed in: taken alike for {queue.sharing} queues, since the bill names none",
        told.evidence if told else "modelled",
        "Shares of the queues on the same rows are taken relative to their sum, so that every operation has a queue.",
        minimum=0.0, maximum=1.0, step=0.01,
        low=None if is_told else share / 2.0, high=None if is_told else min(1.0, share * 1.5),
    )  # fmt: skip


def _share_by_requests(bill: Bill, queue: Queue) -> Fact | None:
    """Operations in proportion to the requests of the services that the queues call, where all name one."""
    counts = {other.name: _target_requests(bill, other) for other in sharing_with(bill, queue)}
    total = sum(counts.values())
    if total <= 0.0 or not all(count > 0.0 for count in counts.values()):
        return None
    return Fact(counts[queue.name] / total, "modelled", "requests of the services that the queues call")


def _target_requests(bill: Bill, queue: Queue) -> float:
    target = bill.fact(queue.key("target_service"))
    service = next((each for each in bill.of("cloud_run") if target and each.name == target.value), None)
    return float(service.hourly(REQUESTS, len(bill.hours)).sum()) if service else 0.0


def _target(bill: Bill, queue: Queue) -> Parameter:
    told = bill.fact(queue.key("target_service"))
    names = dict.fromkeys([NO_TARGET, *(service.name for service in bill.of("cloud_run"))])
    if told:
        names[str(told.value)] = None
    return Parameter(
        queue.key("target_service"), f"{queue.name}: Cloud Run service that it calls", "", "assumption",
        str(told.value) if told else NO_TARGET,
        told.source if told else "not typed in, and the inventory names no target",
        told.evidence if told else "modelled",
        "The queue's rate decides how many requests reach this service at once; named, the two are held together.",
        choices=tuple(names),
    )  # fmt: skip


def _request_share(bill: Bill, queue: Queue) -> Parameter:
    told = bill.fact(queue.key("request_share"))
    return Parameter(
        queue.key("request_share"), f"{queue.name}: share of its target's requests", "ratio", "assumption",
        told.value if told else None, told.source if told else "left open: attempts ÷ requests, where both are counted",
        told.evidence if told else "modelled",
        "Part of the requests of the service that are attempts of this queue; they follow its limits and attempts.",
        minimum=0.0, maximum=1.0, step=0.01,
    )  # fmt: skip
