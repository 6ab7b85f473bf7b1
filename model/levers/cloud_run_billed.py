"""What a bill says of one Cloud Run service by the hour: the quantities that the lever moves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.levers.cloud_run_demand import Clock, clock_of

if TYPE_CHECKING:
    from model.behaviour.autoscaler import Floats
    from model.bill import Bill, Resource

ACTIVE_CPU: Final = "cloud_run.request_based.cpu"
ACTIVE_MEMORY: Final = "cloud_run.request_based.memory"
IDLE_CPU: Final = "cloud_run.request_based.idle_cpu"
IDLE_MEMORY: Final = "cloud_run.request_based.idle_memory"
REQUESTS: Final = "cloud_run.request_based.requests"
INSTANCE_CPU: Final = "cloud_run.instance_based.cpu"
INSTANCE_MEMORY: Final = "cloud_run.instance_based.memory"
_LEAST: Final = 1e-9
"""Below a billionth of a vCPU-second, GiB-second or request an hour holds no work to speak of."""

KINDS: Final = (ACTIVE_CPU, ACTIVE_MEMORY, IDLE_CPU, IDLE_MEMORY, REQUESTS, INSTANCE_CPU, INSTANCE_MEMORY)


@dataclass(frozen=True, eq=False)
class Billed:
    """Usage of a service by slot (H,) per kind, and by hour (U,)."""

    clock: Clock
    by_slot: dict[str, Floats]
    by_hour: dict[str, Floats]

    def total(self, kind: str) -> float:
        """Usage of a kind over the window."""
        return float(self.by_hour[kind].sum())

    @property
    def has_requests(self) -> bool:
        """Whether the bill counts requests (instance-based billing does not)."""
        return self.total(REQUESTS) > 0.0


@lru_cache(maxsize=256)
def billed(bill: Bill, resource: Resource) -> Billed:
    """The quantities of one service; zeros where the bill has none."""
    clock = clock_of(bill.hours)
    by_slot = {kind: np.asarray(resource.hourly(kind, len(bill.hours)), dtype=np.float64) for kind in KINDS}
    by_hour = {kind: clock.by_hour(usage) for kind, usage in by_slot.items()}
    return Billed(
        clock, by_slot, {kind: np.where(np.abs(hours) < _LEAST, 0.0, hours) for kind, hours in by_hour.items()}
    )
