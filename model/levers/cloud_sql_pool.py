"""Connection pools: how many connections are busy at the peak (Little's law), what pool carries that, who waits.

From queries: peak rate × mean time. From Cloud Run: requests in flight × share of their time in the database, in each
instance, since each has a pool of its own. Both at the stressed peak of the busiest hour and the worst query work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.autoscaler import instances as instances_up
from model.behaviour.connection_pool import CHECKOUT_TIMEOUT_S, pool_size_for, pool_wait
from model.lever import Risk
from model.levers.cloud_run_parameters import DECLARED
from model.levers.cloud_run_reading import chosen_values, read, with_rate
from model.levers.cloud_run_settings import capacity, settings_from, workload_from
from model.levers.cloud_sql_connections import connections_limit, instances_allowed, is_fan_out_moved, users_of
from model.levers.cloud_sql_instance import LEVER

if TYPE_CHECKING:
    from model.bill import Bill, Resource
    from model.lever import Effects
    from model.levers.cloud_sql_instance import Instance
    from model.levers.cloud_sql_target import Target
    from model.parameter import Values

_MS: Final = 1e-3


@dataclass(frozen=True)
class PoolLoad:
    """Use of a pool at the peak: ``rate_per_s`` takes a connection for ``hold_s`` each; ``busy`` = rate × hold."""

    who: str
    rate_per_s: float
    hold_s: float

    @property
    def busy(self) -> float:
        """Connections in use on average (Little's law)."""
        return self.rate_per_s * self.hold_s


def instance_loads(bill: Bill, instance: Instance, values: Values, effects: Effects) -> tuple[PoolLoad, ...]:
    """Load of the pool in one Cloud Run instance of each service whose share of time in the database is known."""
    work = effects.work_of(instance.name).worst
    loads = (_of_service(bill, service, values, work, effects.demand) for service in users_of(bill, instance))
    return tuple(load for load in loads if load is not None)


def _of_service(bill: Bill, service: Resource, values: Values, work: float, demand: float) -> PoolLoad | None:
    reading = read(bill, service)
    known = dict(zip(DECLARED, chosen_values(reading, values), strict=True))
    workload = workload_from(known)
    if workload.database_time_share <= 0.0:
        return None
    one = capacity(settings_from(known), reading.settings, workload, work)
    peak = with_rate(reading, workload.requests_per_s).rate.max(initial=0.0)
    rate = float(peak) * workload.stress_multiplier * demand
    up = float(instances_up(one, np.array([rate]))[0])
    hold = workload.latency_s * workload.database_time_share * work
    return PoolLoad(service.name, min(rate / max(up, 1.0), one.requests_per_s), hold)


def query_load_of(bill: Bill, instance: Instance, values: Values, effects: Effects) -> PoolLoad | None:
    """Load of all queries together: the typed peak rate × the mean time of the known queries; None: not known."""
    rate = values.get(instance.key("peak_queries_per_s"))
    time_ms = mean_query_ms(bill, instance)
    if rate is None or time_ms is None:
        return None
    rate_per_s = values.number(instance.key("peak_queries_per_s")) * effects.demand
    return PoolLoad("queries", rate_per_s, time_ms * _MS * effects.work_of(instance.name).worst)


def mean_query_ms(bill: Bill, instance: Instance) -> float | None:
    """Σ calls × time ÷ Σ calls over the queries of this database (those that name none count too); None without any."""
    calls = total_ms = 0.0
    for key in bill.facts:
        if key.startswith("queries.") and key.endswith(".calls"):
            query = key.removesuffix(".calls")
            database, time = bill.fact(f"{query}.database"), bill.fact(f"{query}.time_before_ms")
            if time is None or (database is not None and database.value not in ("", None, instance.name)):
                continue
            count = float(bill.facts[key].value or 0)
            calls, total_ms = calls + count, total_ms + count * float(time.value or 0)
    return total_ms / calls if calls else None


def pool_risk(bill: Bill, instance: Instance, values: Values, effects: Effects) -> tuple[Risk, ...]:
    """Waiting for a connection at the pool size in force, of the service that waits longest; none where not known."""
    if values.get(instance.key("pool_size")) is None:
        return ()
    size = round(values.number(instance.key("pool_size")))
    loads = instance_loads(bill, instance, values, effects)
    if not loads:
        return ()
    waits = [(*pool_wait(load.rate_per_s, load.hold_s, size), load) for load in loads]
    rejected, wait_s, load = max(waits, key=lambda item: (item[0], item[1], item[2].busy))
    sentence = (
        f"{instance.name}: at the peak {load.busy:.1f} of the {size} connections in one instance of {load.who} are "
        f"busy; 95 % of its queries wait at most {wait_s:.3g} s for one, {rejected:.2%} give up after "
        f"{CHECKOUT_TIMEOUT_S:g} s."
    )
    return (Risk(LEVER, instance.name, 0.0, rejected, wait_s, 0.0, sentence),)


def pool_notes(bill: Bill, instance: Instance, target: Target, values: Values, effects: Effects) -> tuple[str, ...]:
    """The pool that carries the peak, where the scenario moves how many connections may be opened."""
    if not is_fan_out_moved(bill, instance, values):
        return ()
    notes = []
    loads = instance_loads(bill, instance, values, effects)
    if loads:
        notes.append(_recommended(bill, instance, target, values, loads))
    queries = query_load_of(bill, instance, values, effects)
    if queries is not None:
        said = f"{queries.busy:.1f} connections busy at the peak ({queries.rate_per_s:g}/s for {queries.hold_s:.3g} s)"
        notes.append(
            f"{instance.name}: its queries keep {said}; a pooler with {pool_size_for(queries.busy)} carries them."
        )
    return tuple(notes)


def _recommended(bill: Bill, instance: Instance, target: Target, values: Values, loads: tuple[PoolLoad, ...]) -> str:
    load = max(loads, key=lambda item: item.busy)
    size = pool_size_for(load.busy)
    text = (
        f"{instance.name}: one instance of {load.who} keeps {load.busy:.1f} connections busy at the peak; a pool of "
        f"{size} lets at most 5 % of its queries wait."
    )
    allowed = instances_allowed(bill, instance, values)
    limit = connections_limit(bill, instance, target.tier.memory_gib)
    if allowed is None or limit is None:
        return text
    total = allowed * size
    helps = "" if total <= limit else ": that needs a pooler between (PgBouncer), or fewer instances"
    side = "within" if total <= limit else "above"
    return f"{text} {allowed:g} instances may open {total:g}, {side} the limit of {limit:g}{helps}."
