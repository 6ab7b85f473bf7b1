"""One Cloud SQL instance as it is today: size, edition, availability and disk from inventory, else from the rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.database_tier import ENTERPRISE, SHARED_CORE_GIB, Tier, shared_tier
from model.levers.cloud_sql_kinds import SHARED_KINDS, STORAGE, VARIANTS, ZONAL, compute_kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.bill import Bill, Resource
    from model.parameter import Evidence, Value

LEVER: Final = "cloud_sql"
DEDICATED: Final = "none"
"""The choice of ``shared_core`` for a size with vCPU of its own."""
_AGGREGATES: Final = ("all", "(no resource)")
_RECENT_HOURS: Final = 168
_ROWS: Final = "this bill's rows"


@dataclass(frozen=True, eq=False)
class Told:
    """A current value with where it comes from; ``value`` None where nothing tells it."""

    value: Value
    evidence: Evidence
    source: str


@dataclass(frozen=True, eq=False)
class Instance:
    """An instance today. ``is_aggregate``: rows without a name, several instances in one, so shapes are not judged."""

    resource: Resource
    vcpu: Told
    memory_gib: Told
    shared_core: Told
    edition: Told
    availability: Told
    replicas: Told
    storage_gib: Told
    is_aggregate: bool

    @property
    def name(self) -> str:
        """Its part of the scenario key."""
        return self.resource.name

    @property
    def is_shared(self) -> bool:
        """Whether it runs on a shared core."""
        return self.shared_core.value != DEDICATED

    @property
    def tier(self) -> Tier:
        """Today's size; zeros where it is not known."""
        if self.is_shared:
            return shared_tier(str(self.shared_core.value))
        return Tier(_number(self.vcpu.value), _number(self.memory_gib.value), str(self.edition.value))

    @property
    def replica_count(self) -> int:
        """Read replicas today."""
        return round(_number(self.replicas.value))

    @property
    def disk_gib(self) -> float:
        """Disk today; 0 where it is not known."""
        return _number(self.storage_gib.value)

    def key(self, parameter: str) -> str:
        """Scenario key of one of its parameters."""
        return f"{LEVER}.{self.name}.{parameter}"


@lru_cache(maxsize=8)
def instances(bill: Bill) -> tuple[Instance, ...]:
    """Every instance of the bill."""
    return tuple(_instance(bill, resource) for resource in bill.of(LEVER))


def total_usage(bill: Bill, resource: Resource, quantity: str) -> NDArray[np.float64]:
    """Usage of ``vcpu`` or ``memory`` over all editions and availabilities (H,)."""
    series = [resource.hourly(compute_kind(variant, quantity), len(bill.hours)) for variant in VARIANTS]
    return np.asarray(np.sum(series, axis=0), dtype=np.float64)


def _instance(bill: Bill, resource: Resource) -> Instance:
    is_aggregate = resource.name.partition("@")[0] in _AGGREGATES
    shared = _latest(bill, resource, {kind: (kind,) for kind in SHARED_KINDS})
    latest = _latest(bill, resource, {variant: (compute_kind(variant, "vcpu"),) for variant in VARIANTS})
    is_shared = bool(shared) and not latest
    edition, availability = VARIANTS.get(latest, (ENTERPRISE, ZONAL))
    core = DEDICATED
    if is_shared:
        core, availability = SHARED_KINDS[shared]

    def told(parameter: str, measured: Told) -> Told:
        fact = bill.fact(f"{LEVER}.{resource.name}.{parameter}")
        return Told(fact.value, fact.evidence, fact.source) if fact is not None else measured

    if is_shared:
        vcpu = Told(0, "measured", f"{_ROWS}: shared core, no vCPU of its own")
        memory = Told(SHARED_CORE_GIB[core], "modelled", "the shared-core size of the rows")
    else:
        vcpu = told("vcpu", _size(bill, resource, "vcpu", is_aggregate=is_aggregate))
        memory = told("memory_gib", _size(bill, resource, "memory", is_aggregate=is_aggregate))
    return Instance(
        resource=resource,
        vcpu=vcpu,
        memory_gib=memory,
        shared_core=Told(core, "measured", _ROWS),
        edition=told("edition", Told(edition, "measured", _ROWS)),
        availability=told("availability", Told(availability, "measured", _ROWS)),
        replicas=told("replicas", Told(0, "modelled", "not in the bill: taken as none; import the inventory")),
        storage_gib=told("storage_gib", _disk(bill, resource)),
        is_aggregate=is_aggregate,
    )


def _latest(bill: Bill, resource: Resource, kinds: dict[str, tuple[str, ...]]) -> str:
    """The name whose kinds were in use last in the window (an instance may have been changed within it); '' if none."""

    def last_hour(name: str) -> tuple[float, float]:
        usage = sum(resource.hourly(kind, len(bill.hours)) for kind in kinds[name])
        used = bill.hours.hour[np.asarray(usage) > 0.0]
        return (float(used.max()) if len(used) else -1.0, float(np.sum(usage)))

    found = max(kinds, key=last_hour)
    return found if last_hour(found)[0] >= 0.0 else ""


def _size(bill: Bill, resource: Resource, quantity: str, *, is_aggregate: bool) -> Told:
    usage = total_usage(bill, resource, quantity)[bill.hours.is_calendar]
    used = usage[usage > 0.0]
    unit = "vCPU-hours" if quantity == "vcpu" else "GiB-hours"
    if not len(used):
        return Told(None, "modelled", f"not known: the bill has no {unit} of it; import the inventory")
    if is_aggregate or not resource.has_hours:
        return Told(round(float(used.mean()), 4), "modelled", f"{unit} ÷ hours: the rows do not show single instances")
    values, counts = np.unique(np.round(used[-_RECENT_HOURS:], 3), return_counts=True)
    return Told(float(values[counts.argmax()]), "measured", f"this bill's {unit} per hour, last days of the window")


def _disk(bill: Bill, resource: Resource) -> Told:
    """GiB of the last month: its GiB-months, a GiB kept through a whole month being one."""
    kinds = [kind for kind in resource.usage if kind.endswith(STORAGE)]
    usage = np.sum([np.zeros(len(bill.hours)), *(resource.usage[kind] for kind in kinds)], axis=0)
    of_month = np.bincount(bill.hours.month_index, weights=usage, minlength=len(bill.months))
    if not kinds or of_month[-1] <= 0.0:
        return Told(None, "modelled", "not known: the last month has no storage of it; import the inventory")
    return Told(round(float(of_month[-1]), 3), "measured", "this bill's GiB-months of the last month")


def _number(value: Value) -> float:
    return 0.0 if value is None or isinstance(value, str) else float(value)
