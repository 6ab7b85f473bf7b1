"""What is known of a Cloud Run service today: from inventory and metrics, else from the bill, else stated defaults."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.levers.cloud_run_billed import (
    ACTIVE_CPU,
    ACTIVE_MEMORY,
    IDLE_CPU,
    INSTANCE_CPU,
    INSTANCE_MEMORY,
    billed,
)
from model.levers.cloud_run_demand import HOUR_S, alone_latency_s, demand_of
from model.levers.cloud_run_inference import infer_workload
from model.levers.cloud_run_parameters import DECLARED
from model.levers.cloud_run_settings import (
    INSTANCE_BASED,
    LATENCY_FLOOR_S,
    REQUEST_BASED,
    WORKLOAD_NAMES,
    Settings,
    Told,
    Workload,
    instance,
    rounded,
    settings_from,
    workload_from,
)

if TYPE_CHECKING:
    from model.bill import Bill, Resource
    from model.levers.cloud_run_billed import Billed
    from model.levers.cloud_run_demand import Demand
    from model.levers.cloud_run_inference import Inferred
    from model.levers.cloud_run_rates import Rates
    from model.parameter import Value, Values

LEVER_KEY: Final = "cloud_run"
_WARM_QUANTILE: Final = 0.25
_UNKNOWN_MEMORY: Final = "not known: import metrics of memory utilisation, or type it"
_WHOLE: Final = ("min_instances", "max_instances", "concurrency")


@dataclass(frozen=True, eq=False)
class Reading:
    """One service as it is: settings, workload, hourly demand, and where each value comes from."""

    resource: Resource
    billed: Billed
    settings: Settings
    workload: Workload
    rates: Rates
    demand: Demand
    told: dict[str, Told]
    notes: tuple[str, ...]
    is_second_generation: bool = False

    def key(self, name: str) -> str:
        """Scenario key of one parameter of this service."""
        return f"{LEVER_KEY}.{self.resource.name}.{name}"

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Scenario keys of all parameters, in the order of their declaration."""
        return tuple(self.key(name) for name in DECLARED)


@lru_cache(maxsize=256)
def read(bill: Bill, resource: Resource) -> Reading:
    """Everything that is known of a service, once per bill."""
    usage = billed(bill, resource)
    told = _settings(bill, resource, usage)
    settings = settings_from({name: known.value for name, known in told.items()})
    facts = {name: known for name in WORKLOAD_NAMES if (known := _fact(bill, resource, name))}
    inferred = infer_workload(usage, settings, facts)
    derived = {} if "cpu_boundness" in facts else {"cpu_boundness": None}
    workload = workload_from({name: known.value for name, known in inferred.told.items()} | derived)
    notes = _notes(resource, usage, inferred)
    memory = _fact(bill, resource, "peak_memory_utilisation") or Told(None, "modelled", _UNKNOWN_MEMORY)
    generation = bill.fact(f"{LEVER_KEY}.{resource.name}.execution_environment")
    is_second = generation is not None and generation.value == "gen2"
    everything = {**told, **inferred.told, "peak_memory_utilisation": memory}
    return Reading(resource, usage, settings, workload, inferred.rates, inferred.demand, everything, notes, is_second)


def chosen_values(reading: Reading, values: Values) -> tuple[Value, ...]:
    """Values in force of all parameters, in the order of their declaration.

    The CPU-bound share is None where neither a fact nor the scenario tells it: it follows from CPU time and latency.
    """
    names = zip(DECLARED, reading.keys, strict=True)
    chosen = {name: reading.told[name].value if (value := values.get(key)) is None else value for name, key in names}
    if reading.workload.cpu_boundness is None and not values.is_changed(reading.key("cpu_boundness")):
        chosen["cpu_boundness"] = None
    return tuple(chosen.values())


def _fact(bill: Bill, resource: Resource, name: str) -> Told | None:
    fact = bill.fact(f"{LEVER_KEY}.{resource.name}.{name}")
    if fact is None or fact.value is None:
        return None
    value = round(float(fact.value)) if name in _WHOLE and not isinstance(fact.value, str) else fact.value
    return Told(value, fact.evidence, fact.source)


def _settings(bill: Bill, resource: Resource, usage: Billed) -> dict[str, Told]:
    """Settings in force: the inventory's, else what the bill's own quantities say, else Google's defaults."""
    told = {name: known for name in Settings.__dataclass_fields__ if (known := _fact(bill, resource, name))}
    told.setdefault("billing_mode", _billing_mode(usage))
    vcpu = told.setdefault("vcpu", Told(1.0, "modelled", "not in the bill; Google's default of 1 vCPU"))
    told.setdefault("memory_gib", _memory(usage, vcpu.number))
    default_concurrency = 80 if vcpu.number >= 1.0 else 1
    told.setdefault(
        "concurrency", Told(default_concurrency, "modelled", f"not in the bill; Google's default {default_concurrency}")
    )
    low = told.setdefault("min_instances", _minimum(usage, vcpu.number))
    high = max(100, round(low.number))
    told.setdefault("max_instances", Told(high, "modelled", f"not in the bill; Google's default {high}"))
    return told


def _billing_mode(usage: Billed) -> Told:
    by_instance = usage.total(INSTANCE_CPU) > usage.total(ACTIVE_CPU)
    return Told(INSTANCE_BASED if by_instance else REQUEST_BASED, "measured", "the bill's SKUs")


def _memory(usage: Billed, vcpu: float) -> Told:
    """Memory from the ratio of GiB-seconds to vCPU-seconds, since both run for the same seconds."""
    cpu = usage.total(ACTIVE_CPU) + usage.total(INSTANCE_CPU)
    memory = usage.total(ACTIVE_MEMORY) + usage.total(INSTANCE_MEMORY)
    if cpu <= 0.0 or memory <= 0.0:
        return Told(0.5, "modelled", "not in the bill; Google's default of 0.5 GiB")
    return Told(rounded(vcpu * memory / cpu), "modelled", "the bill's GiB-seconds per vCPU-second, times the vCPU")


def _minimum(usage: Billed, vcpu: float) -> Told:
    """Min instances from the idle rows: active + idle time is min where demand stays below it, and more above."""
    idle = usage.by_hour[IDLE_CPU]
    hours = idle > 0.0
    if not hours.any():
        return Told(0, "modelled", "the bill has no idle rows of min instances")
    warm = (usage.by_hour[ACTIVE_CPU] + idle)[hours] / (HOUR_S * vcpu)
    estimate = max(1, round(float(np.quantile(warm, _WARM_QUANTILE))))
    return Told(estimate, "modelled", "estimated from the bill's idle rows: active + idle time in quiet hours")


def _notes(resource: Resource, usage: Billed, inferred: Inferred) -> tuple[str, ...]:
    notes = list(inferred.notes)
    if not resource.has_hours:
        notes.append("its rows span more than an hour; usage is spread evenly over them, so peaks are not seen")
    if resource.name == "all":
        notes.append("this bill names no services; all Cloud Run usage is treated as one service")
    if usage.total(ACTIVE_CPU) > 0.0 and usage.total(INSTANCE_CPU) > 0.0:
        notes.append("the window has both billing modes; each part is repriced from its own")
    return tuple(f"{resource.name}: {note}." for note in notes)


def with_rate(reading: Reading, requests_per_s: float) -> Demand:
    """Demand at a typed mean rate, which moves the hours that the bill leaves open; today's where it is the same."""
    if requests_per_s == reading.workload.requests_per_s:
        return reading.demand
    return _at_rate(reading, requests_per_s)


@lru_cache(maxsize=64)
def _at_rate(reading: Reading, requests_per_s: float) -> Demand:
    return demand_of(reading.billed.clock, reading.rates.at_mean(requests_per_s))


def sharing_cpu(reading: Reading, workload: Workload, demand: Demand) -> Workload:
    """The workload with the latency of a request alone, where latency and CPU time are both known; itself else.

    Measured latency holds what requests wait for each other's CPU today; on other instances they wait as long as there.
    """
    for name in ("latency_s", "cpu_seconds_per_request"):
        if reading.told[name].evidence != "measured" and getattr(workload, name) == reading.told[name].value:
            return workload
    one = instance(reading.settings, workload.latency_s, workload.cpu_seconds_per_request)
    latency_s = alone_latency_s(demand, replace(one, shares_cpu=True), workload.burstiness)
    in_database = min(1.0, workload.database_time_share * workload.latency_s / max(latency_s, LATENCY_FLOOR_S))
    return replace(workload, latency_s=latency_s, database_time_share=in_database, shares_cpu=True)
