"""One Cloud SQL instance as it is today: size, edition and availability from inventory, else from the bill's rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.database_tier import ENTERPRISE, ENTERPRISE_PLUS, Tier

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.bill import Bill, Resource
    from model.parameter import Evidence, Fact, Value

LEVER: Final = "cloud_sql"
ZONAL: Final = "zonal"
REGIONAL: Final = "regional"
SHARED_KINDS: Final = {"cloud_sql.shared.f1_micro": 0.6, "cloud_sql.shared.g1_small": 1.7}
"""Shared-core kinds and their memory in GiB."""
VARIANTS: Final = {
    "zonal": (ENTERPRISE, ZONAL),
    "regional": (ENTERPRISE, REGIONAL),
    "plus_zonal": (ENTERPRISE_PLUS, ZONAL),
    "plus_regional": (ENTERPRISE_PLUS, REGIONAL),
}
"""Variant of the compute kinds → edition, availability."""
_AGGREGATES: Final = ("all", "(no resource)")
_RECENT_HOURS: Final = 168


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
    edition: Told
    availability: Told
    replicas: Told
    is_shared: bool
    is_aggregate: bool

    @property
    def name(self) -> str:
        """Its part of the scenario key."""
        return self.resource.name

    @property
    def tier(self) -> Tier:
        """Today's size; zeros where it is not known."""
        return Tier(_number(self.vcpu.value), _number(self.memory_gib.value), str(self.edition.value))

    def key(self, parameter: str) -> str:
        """Scenario key of one of its parameters."""
        return f"{LEVER}.{self.name}.{parameter}"


def variant_of(edition: str, availability: str) -> str:
    """Compute kind variant of an edition and an availability."""
    return next(variant for variant, pair in VARIANTS.items() if pair == (edition, availability))


def compute_kind(variant: str, quantity: str) -> str:
    """Kind of a variant's ``vcpu`` or ``memory``."""
    return f"cloud_sql.{variant}.{quantity}"


@lru_cache(maxsize=8)
def instances(bill: Bill) -> tuple[Instance, ...]:
    """Every instance of the bill."""
    return tuple(_instance(bill, resource) for resource in bill.of(LEVER))


def total_usage(bill: Bill, resource: Resource, quantity: str) -> NDArray[np.float64]:
    """Usage of ``vcpu`` or ``memory`` over all editions and availabilities (H,)."""
    series = [resource.hourly(compute_kind(variant, quantity), len(bill.hours)) for variant in VARIANTS]
    return np.asarray(np.sum(series, axis=0), dtype=np.float64)


def _instance(bill: Bill, resource: Resource) -> Instance:
    shared = {kind: usage for kind in SHARED_KINDS if (usage := resource.usage.get(kind)) is not None and usage.any()}
    is_shared = bool(shared) and not total_usage(bill, resource, "vcpu").any()
    is_aggregate = resource.name.partition("@")[0] in _AGGREGATES
    variant = _latest_variant(bill, resource)
    edition, availability = VARIANTS[variant]
    rows = "this bill's rows"

    def told(parameter: str, measured: Told) -> Told:
        fact = bill.fact(f"{LEVER}.{resource.name}.{parameter}")
        return (
            _of_fact(fact) if fact is not None and not (is_shared and parameter in {"vcpu", "memory_gib"}) else measured
        )

    if is_shared:
        vcpu = Told(0, "measured", f"{rows}: shared core, no vCPU of its own")
        memory = Told(SHARED_KINDS[next(iter(shared))], "modelled", "the shared-core size of the rows")
    else:
        vcpu = _size(bill, resource, "vcpu", is_aggregate=is_aggregate)
        memory = _size(bill, resource, "memory", is_aggregate=is_aggregate)
    return Instance(
        resource=resource,
        vcpu=told("vcpu", vcpu),
        memory_gib=told("memory_gib", memory),
        edition=told("edition", Told(edition, "measured", rows)),
        availability=told("availability", Told(availability, "measured", rows)),
        replicas=told("replicas", Told(0, "modelled", "not in the bill: taken as none; import the inventory")),
        is_shared=is_shared,
        is_aggregate=is_aggregate,
    )


def _of_fact(fact: Fact) -> Told:
    return Told(fact.value, fact.evidence, fact.source)


def _latest_variant(bill: Bill, resource: Resource) -> str:
    """The variant in use at the end of the window (an instance may have been changed within it)."""

    def last_hour(variant: str) -> tuple[float, float]:
        usage = resource.hourly(compute_kind(variant, "vcpu"), len(bill.hours))
        used = bill.hours.hour[usage > 0.0]
        return (float(used.max()) if len(used) else -1.0, float(usage.sum()))

    return max(VARIANTS, key=last_hour)


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


def _number(value: Value) -> float:
    return 0.0 if value is None or isinstance(value, str) else float(value)
