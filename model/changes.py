"""Settings that differ from today → the changes that a plan configures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.lever import PlanChange
from model.levers.cloud_sql_replicas import removed_replicas
from model.parameter import unit_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from model.bill import Bill
    from model.parameter import Parameter, Value, Values

PRODUCTS = {
    "cloud_run": "Cloud Run",
    "cloud_sql": "Cloud SQL",
    "cache": "Memorystore for Redis",
    "firestore": "Firestore",
    "tasks": "Cloud Tasks",
    "commitments": "Commitments",
}


def plan_changes(
    bill: Bill, parameters: Iterable[Parameter], values: Values, derived: Iterable[PlanChange]
) -> tuple[PlanChange, ...]:
    """Every changed setting that configures something and what levers derive, one row an attribute, in causal order.

    A database shrinks after its queries are tuned and its cache stands. A derived change (a size that follows from a
    hit rate) stands in place of the setting with the same key. What is deleted is not changed before.
    """
    own = {change.key: change for change in derived}
    deleted = {instance.key("") for instance in removed_replicas(bill, values)}
    declared = tuple(each for each in parameters if each.key.removesuffix(each.name) not in deleted)
    levers = [*dict.fromkeys(parameter.lever for parameter in declared)]
    typed = [
        _change(bill, parameter, values)
        for parameter in declared
        if parameter.kind == "setting" and parameter.configures and values.is_changed(parameter.key)
        and parameter.key not in own
    ]  # fmt: skip
    return tuple(sorted((*typed, *own.values()), key=lambda change: levers.index(change.lever)))


def _change(bill: Bill, parameter: Parameter, values: Values) -> PlanChange:
    project, region = place_of(bill, parameter.lever, parameter.resource)
    return PlanChange(
        lever=parameter.lever,
        product=PRODUCTS.get(parameter.lever, parameter.lever),
        resource=parameter.resource,
        project=project,
        region=region,
        attribute=parameter.name,
        before=parameter.current,
        after=values.get(parameter.key),
        unit=parameter.unit,
        configures=parameter.configures,
        disruption=parameter.disruption,
        reason=_reason(parameter, values),
        key=parameter.key,
    )


def _reason(parameter: Parameter, values: Values) -> str:
    """What moves from where to where, and who asks for it."""
    chosen = values.by_key[parameter.key]
    before, after = (_written(value, parameter.unit) for value in (parameter.current, chosen.value))
    return f"{parameter.title}: {before} → {after}; {chosen.source}."


def _written(value: Value, unit: str) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.replace("_", " ")
    return f"{value * 100:.4g}%" if unit == "ratio" else f"{float(value):,.12g} {unit_for(value, unit)}".rstrip()


def place_of(bill: Bill, lever: str, resource: str) -> tuple[str, str]:
    """Project and region of a resource: the inventory's, else the bill's rows'; '' where neither tells."""
    found = next((item for item in bill.of(lever) if item.name == resource), None)
    told = [bill.fact(f"{lever}.{resource}.{name}") for name in ("project", "region")]
    fallback = (found.project, found.region) if found else ("", "")
    project, region = (str(fact.value) if fact else own for fact, own in zip(told, fallback, strict=True))
    return project, region
