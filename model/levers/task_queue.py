"""What is known of a Cloud Tasks queue: its limits, its tasks, and which of the bill's operations are its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from model.parameter import Fact

if TYPE_CHECKING:
    from model.bill import Bill, Resource
    from model.parameter import Value, Values

KEY: Final = "tasks"
OPERATIONS: Final = "cloud_tasks.operations"
LIMITS: Final = ("max_dispatches_per_s", "max_concurrent_dispatches", "max_attempts")
GOOGLE_DEFAULTS: Final = {"max_dispatches_per_s": 500.0, "max_concurrent_dispatches": 1000.0, "max_attempts": 100.0}
CHUNK_KIB: Final = 32.0
"""An operation is billed for each 32 KB of it (facts §3.5)."""
_NOT_LISTED: Final = "Google's default for a new queue; import `gcloud tasks queues list --format=json`"


@dataclass(frozen=True)
class Queue:
    """One queue, or all of a project's (``is_listed`` False: no inventory names any).

    ``operations`` are the bill's rows that it shares with ``sharing`` queues, itself among them; Cloud Tasks bills no
    queue apart.
    """

    name: str
    operations: Resource | None
    sharing: int
    is_listed: bool = True

    def key(self, name: str) -> str:
        """Scenario key of one parameter."""
        return f"{KEY}.{self.name}.{name}"


@dataclass(frozen=True)
class Limits:
    """What is configured on a queue; ``max_attempts`` below 1 is without limit."""

    max_dispatches_per_s: float
    max_concurrent_dispatches: float
    max_attempts: float


@dataclass(frozen=True)
class Tasks:
    """What the tasks of a queue need; ``peak_burstiness`` is that of the burstiest hours, which wait longest."""

    task_time_s: float
    failure_ratio: float
    burstiness: float
    payload_kib: float
    peak_burstiness: float


@lru_cache(maxsize=8)
def queues(bill: Bill) -> tuple[Queue, ...]:
    """The queues of the inventory; where a project bills operations and no queue of it is listed, one for them all."""
    listed = sorted({key.split(".", 1)[1].rpartition(".")[0] for key in bill.facts if key.startswith(f"{KEY}.")})
    named = [name for name in listed if any(bill.fact(f"{KEY}.{name}.{limit}") for limit in LIMITS)]
    own = {name: _operations_of(bill, name) for name in named}
    found = [
        Queue(name, operations=own[name], sharing=sum(own[name] is other for other in own.values())) for name in named
    ]
    taken = {id(resource) for resource in own.values()}
    rest = [resource for resource in bill.of(KEY) if id(resource) not in taken]
    return (*found, *(Queue(resource.name, resource, 1, is_listed=False) for resource in rest))


def sharing_with(bill: Bill, queue: Queue) -> tuple[Queue, ...]:
    """The queues on the same rows, itself among them."""
    return tuple(other for other in queues(bill) if other.operations is queue.operations)


def _operations_of(bill: Bill, queue: str) -> Resource | None:
    """The bill's rows of the queue's project, those of its region first; without a project, the only rows there are."""
    project, region = (bill.fact(f"{KEY}.{queue}.{name}") for name in ("project", "region"))
    fitting = [
        resource
        for resource in bill.of(KEY)
        if (project is None or resource.project in ("", project.value))
        and (region is None or resource.region in ("", "global", region.value))
    ]
    fitting.sort(key=lambda resource: resource.region in ("", "global"))
    return fitting[0] if len(fitting) == 1 or (fitting and project is not None) else None


def told_limit(bill: Bill, queue: Queue, name: str) -> Fact:
    """A limit as the inventory tells it, else Google's default."""
    return bill.fact(queue.key(name)) or Fact(GOOGLE_DEFAULTS[name], "modelled", _NOT_LISTED)


def limits_today(bill: Bill, queue: Queue) -> Limits:
    """The limits in force."""
    return Limits(*(_number(told_limit(bill, queue, name).value) for name in LIMITS))


def limits_chosen(bill: Bill, queue: Queue, values: Values) -> Limits:
    """The limits of a scenario."""
    today = limits_today(bill, queue)
    return Limits(*(values.number(queue.key(name), getattr(today, name)) for name in LIMITS))


def _number(value: Value) -> float:
    return 0.0 if value is None or isinstance(value, str) else float(value)
