"""Database connections of a Cloud SQL instance: who opens how many, and how many it allows."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from model.behaviour.connection_pool import (
    CONNECTIONS_SOURCE,
    MYSQL,
    PER_CLOUD_RUN_INSTANCE,
    POSTGRESQL,
    default_max_connections,
)
from model.lever import Guardrail
from model.levers.cloud_sql_instance import LEVER

if TYPE_CHECKING:
    from model.bill import Bill, Resource
    from model.levers.cloud_sql_instance import Instance
    from model.levers.cloud_sql_target import Target
    from model.parameter import Values

SQL_SERVER: Final = "SQL Server"
_ENGINES: Final = {"postgres": POSTGRESQL, "mysql": MYSQL, "my sql": MYSQL, "sqlserver": SQL_SERVER,
                   "sql server": SQL_SERVER}  # fmt: skip


@lru_cache(maxsize=256)
def engine_of(bill: Bill, instance: Instance) -> str:
    """PostgreSQL, MySQL or SQL Server, from the inventory's version, else from its SKUs; '' where neither tells."""
    version = bill.fact(instance.key("database_version"))
    texts = [str(version.value)] if version is not None and version.value else []
    texts += [str(bill.lines.text["sku"][row]) for rows in instance.resource.rows.values() for row in rows[:1]]
    told = (engine for text in texts for word, engine in _ENGINES.items() if word in text.lower())
    return next(told, "")


@lru_cache(maxsize=256)
def users_of(bill: Bill, instance: Instance) -> tuple[Resource, ...]:
    """Cloud Run services that use the instance: those whose inventory names it, else all of its project.

    A service that names only other instances does not count; one that names none may use a private address, so it does.
    """
    return tuple(service for service in bill.of("cloud_run") if _uses(bill, service, instance))


def _uses(bill: Bill, service: Resource, instance: Instance) -> bool:
    fact = bill.fact(f"cloud_run.{service.name}.cloud_sql_instances")
    if fact is None or not fact.value:
        return service.project == instance.resource.project
    own, project = instance.name.partition("@")[0], instance.resource.project
    named = [text.strip().rpartition(":") for text in str(fact.value).split(",")]
    places = [place.rpartition(":")[0] for place, _, name in named if name == own]
    return any(not place or not project or place == project for place in places)


def service_maximum(service: Resource, values: Values) -> float | None:
    """Instances that a service may have; None where it is not known."""
    key = f"cloud_run.{service.name}.max_instances"
    return None if values.get(key) is None else values.number(key)


def instances_allowed(bill: Bill, instance: Instance, values: Values) -> float | None:
    """Σ maximum of Cloud Run instances over the services that use the database; None: not known, or no service."""
    most = [service_maximum(service, values) for service in users_of(bill, instance)]
    known = [count for count in most if count is not None]
    return sum(known) if known and len(known) == len(most) else None


def connections_needed(bill: Bill, instance: Instance, values: Values) -> float | None:
    """Σ (maximum of Cloud Run instances × pool size) over the services that use the database; None: not known."""
    allowed = instances_allowed(bill, instance, values)
    if values.get(instance.key("pool_size")) is None or allowed is None:
        return None
    return allowed * values.number(instance.key("pool_size"))


def connections_limit(bill: Bill, instance: Instance, memory_gib: float) -> float | None:
    """max_connections as configured, else the engine's default by memory; None where neither is known."""
    flag = bill.fact(instance.key("max_connections"))
    if flag is not None and flag.value is not None:
        return float(flag.value)
    return float(default_max_connections(memory_gib, engine_of(bill, instance))) or None


def is_fan_out_moved(bill: Bill, instance: Instance, values: Values) -> bool:
    """Whether the scenario moves how many connections may be opened."""
    keys = [f"cloud_run.{service.name}.max_instances" for service in users_of(bill, instance)]
    return any(values.is_changed(key) for key in (instance.key("pool_size"), *keys))


def connections_guardrails(bill: Bill, instance: Instance, target: Target, values: Values) -> list[Guardrail]:
    """Connections against their limits, where the change moves either side and both are known."""
    needed = connections_needed(bill, instance, values)
    limit = connections_limit(bill, instance, target.tier.memory_gib)
    before = connections_limit(bill, instance, instance.tier.memory_gib) or math.inf
    if needed is None or not (is_fan_out_moved(bill, instance, values) or (limit is not None and limit != before)):
        return []
    found = [] if limit is None else [_total(bill, instance, values, needed, (limit, before))]
    return found + _per_instance(instance, values)


def _total(bill: Bill, instance: Instance, values: Values, needed: float, limits: tuple[float, float]) -> Guardrail:
    limit, before = limits
    is_default = bill.fact(instance.key("max_connections")) is None
    engine = engine_of(bill, instance)
    origin = f"{engine}'s default for this memory, {CONNECTIONS_SOURCE[engine]}" if is_default else "as configured"
    is_over = needed > limit
    is_worse = limit < before or needed > _connections_today(bill, instance)
    state = ", already too many today and not made worse" if is_over and not is_worse else ""
    sentence = (
        f"{instance.name}: up to {needed:g} connections{state}; max_connections is {limit:g} ({origin})."
        f"{_pooler(bill, instance, values, limit)}"
    )
    return Guardrail("connections", LEVER, instance.name, limit, needed, "connections", not (is_over and is_worse),
                     sentence)  # fmt: skip


def _pooler(bill: Bill, instance: Instance, values: Values, limit: float) -> str:
    """Even one connection for each Cloud Run instance is too many: only a pooler between them helps."""
    allowed = instances_allowed(bill, instance, values)
    if allowed is None or allowed <= limit:
        return ""
    return (
        f" One connection for each of {allowed:g} Cloud Run instances is too many already: lower their maximum, or put "
        "a pooler between (PgBouncer, or Managed Connection Pooling of Enterprise Plus)."
    )


def _per_instance(instance: Instance, values: Values) -> list[Guardrail]:
    size = values.number(instance.key("pool_size"))
    if size <= PER_CLOUD_RUN_INSTANCE:
        return []
    sentence = (
        f"{instance.name}: a pool of {size:g} is above the {PER_CLOUD_RUN_INSTANCE} connections that one Cloud Run "
        "instance may open to a database through its Cloud SQL connection."
    )
    limit = float(PER_CLOUD_RUN_INSTANCE)
    passed = not values.is_changed(instance.key("pool_size"))
    return [Guardrail("connections per service instance", LEVER, instance.name, limit, size, "connections", passed,
                      sentence)]  # fmt: skip


def _connections_today(bill: Bill, instance: Instance) -> float:
    """Connections at today's maxima and pool size; 0 where today is not known, so that the limit holds strictly."""
    most = [bill.fact(f"cloud_run.{service.name}.max_instances") for service in users_of(bill, instance)]
    pool = bill.fact(instance.key("pool_size"))
    size = 0.0 if pool is None else float(pool.value or 0)
    return size * sum(float(fact.value or 0) for fact in most if fact is not None)
