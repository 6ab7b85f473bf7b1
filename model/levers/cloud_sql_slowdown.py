"""What a busier or idler database does to the time that Cloud Run's requests spend in it.

Today's CPU by minute is read from its peak: other work is (1 − q)·peak throughout, queries follow the requests of the
services that use the database, by hour and within it, so that the peak is met. Time in the database after ÷ today =
E[1 + c(s(ρ′) − 1)] ÷ E[1 + c(s(ρ) − 1)], s the stretch of computing on v vCPU and c the part of a query that computes.
Exactly 1 where size, query work and demand stay.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.database_load import SATURATED, Slowness, computing_share, queries_at_peak, slowness
from model.lever import DatabaseSlowdown, Guardrail
from model.levers.cloud_run_reading import read, with_rate
from model.levers.cloud_sql_connections import users_of
from model.levers.cloud_sql_instance import LEVER, instances
from model.levers.cloud_sql_target import cpu_limit, grown, peak_cpu, target_of
from model.levers.database_work import database_weights

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from model.bill import Bill, Resource
    from model.lever import Effects
    from model.levers.cloud_sql_instance import Instance
    from model.parameter import Values

PEAK_QUANTILE: Final = 0.99
"""Peak CPU is the 99th percentile of one-minute samples."""
SATURATED_LIMIT: Final = 0.01
_DIGITS: Final = 4
"""Slowdowns are rounded to what the model can tell, so that services that hardly move are remembered."""


@dataclass(frozen=True, eq=False)
class Asking:
    """Load that services put on their databases by hour (U,), mean 1; CV² within it; queries under way on average."""

    load: NDArray[np.float64]
    burstiness: float
    in_database: float


@dataclass(frozen=True)
class Slowdown:
    """One database: time of queries after ÷ today at the expected and the largest query work; saturated shares."""

    value: float
    worst: float
    saturated_today: float
    saturated: float

    @property
    def is_saturated(self) -> bool:
        """Whether queries meet a saturated database that do not today."""
        return self.saturated > max(SATURATED_LIMIT, self.saturated_today)


NONE: Final = Slowdown(1.0, 1.0, 0.0, 0.0)


def with_slowdown(bill: Bill, values: Values, effects: Effects, removed: Collection[Instance]) -> Effects:
    """Effects with the slowdown of each service's databases, weighted by their vCPU-hours."""
    found = [(item, slowdown_of(bill, item, values, effects)) for item in instances(bill) if item not in removed]
    if all(slow == NONE for _, slow in found):
        return effects
    weights = database_weights(bill)
    services = []
    for service in bill.of("cloud_run"):
        used = [(weights[item.name], slow) for item, slow in found if service in users_of(bill, item)]
        if any(slow != NONE for _, slow in used):
            services.append((service.name, _mean(used)))
    return replace(effects, database_slowdown=tuple(services))


def _mean(parts: list[tuple[float, Slowdown]]) -> DatabaseSlowdown:
    total = sum(weight for weight, _ in parts)
    value, worst = (
        1.0 + sum(weight * (slow - 1.0) for weight, slow in pairs) / total
        for pairs in (
            [(weight, each.value) for weight, each in parts], [(weight, each.worst) for weight, each in parts],
        )
    )  # fmt: skip
    return DatabaseSlowdown(value, worst, any(slow.is_saturated for _, slow in parts))


def slowdown_of(bill: Bill, instance: Instance, values: Values, effects: Effects) -> Slowdown:
    """The slowdown of one database; ``NONE`` where nothing moves, or its peak or what asks it is not known."""
    peak, work = values.number(instance.key("peak_cpu_utilisation")), effects.work_of(instance.name)
    target = grown(instance, target_of(bill, instance, values), values, work, effects.demand)
    after = peak_cpu(instance, target, values, 1.0)
    if after is None or peak <= 0.0 or instance.is_aggregate:
        return NONE
    scale = after / peak * effects.demand
    if scale == 1.0 and work.value == 1.0 and work.worst == 1.0:
        return NONE
    asking = _asking_of(bill, instance, values)
    if asking is None:
        return NONE
    share = values.number(instance.key("query_cpu_share"))
    return _slowdown(
        asking, peak, share, instance.tier.vcpu, target.tier.vcpu, scale, (work.value, max(work.value, work.worst))
    )


@lru_cache(maxsize=512)
def _slowdown(
    asking: Asking, peak: float, share: float, vcpu: float, new_vcpu: float, scale: float, works: tuple[float, float]
) -> Slowdown:
    other = (1.0 - share) * peak
    queries = queries_at_peak(asking.load, asking.burstiness, share * peak, PEAK_QUANTILE)
    today = slowness(asking.load, asking.burstiness, other, queries, vcpu)
    computing = computing_share(queries, vcpu, asking.in_database, today.stretch)

    def at(work: float) -> tuple[float, Slowness]:
        then = slowness(asking.load, asking.burstiness, other * scale, queries * work * scale, new_vcpu)
        return (1.0 + computing * (then.stretch - 1.0)) / (1.0 + computing * (today.stretch - 1.0)), then

    (value, then), (worst, _) = (at(work) for work in works)
    return Slowdown(round(value, _DIGITS), round(worst, _DIGITS), today.saturated_share, then.saturated_share)


def _asking_of(bill: Bill, instance: Instance, values: Values) -> Asking | None:
    """What the services ask of a database; None where no service's time in the database is known."""
    known = []
    for service in users_of(bill, instance):
        reading = read(bill, service)
        numbers = tuple(
            values.number(reading.key(name), getattr(reading.workload, name))
            for name in ("latency_s", "database_time_share", "burstiness", "requests_per_s")
        )
        if numbers[0] * numbers[1] > 0.0:
            known.append((service, numbers))
    return _asking(bill, tuple(known), database_weights(bill).get(instance.name, 0.0)) if known else None


@lru_cache(maxsize=64)
def _asking(bill: Bill, known: tuple[tuple[Resource, tuple[float, ...]], ...], weight: float) -> Asking | None:
    """Σ rate × time in the database over the services; CV² of independent ones adds up by their loads squared."""
    loads = [
        (with_rate(read(bill, service), rate).rate * latency * share, burstiness)
        for service, (latency, share, burstiness, rate) in known
    ]
    total = np.sum([load for load, _ in loads], axis=0)
    mean = float(total.mean())
    if mean <= 0.0:
        return None
    bursts = sum(burstiness * float(load.mean()) ** 2 for load, burstiness in loads) / mean**2
    return Asking(total / mean, bursts, mean * weight)


def saturation(bill: Bill, instance: Instance, values: Values, effects: Effects) -> list[Guardrail]:
    """Queries that meet a saturated database where they do not today: what requests then cost is not predictable."""
    slow = slowdown_of(bill, instance, values, effects)
    if not slow.is_saturated:
        return []
    sentence = (
        f"{instance.name}: {slow.saturated:.0%} of its queries would find its CPU above {SATURATED:.0%}. How long they "
        "then take is not predictable, and so is what the services that wait for them cost: at least what is shown."
    )
    return [Guardrail("saturation", LEVER, instance.name, SATURATED_LIMIT, slow.saturated, "ratio", False, sentence)]  # noqa: FBT003


def unpriced_slowdown(bill: Bill, instance: Instance, values: Values, effects: Effects) -> tuple[str, ...]:
    """Said where a database gets over its limit and no service's time in the database is known."""
    target = target_of(bill, instance, values)
    after = peak_cpu(instance, target, values, effects.work_of(instance.name).worst)
    is_over = after is not None and after > max(cpu_limit(values), values.number(instance.key("peak_cpu_utilisation")))
    if not is_over or not users_of(bill, instance) or _asking_of(bill, instance, values) is not None:
        return ()
    sentence = (
        f"{instance.name}: a busier database makes requests longer; by how much is not in these figures, since no "
        "service's database_time_share is known."
    )
    return (sentence,)
