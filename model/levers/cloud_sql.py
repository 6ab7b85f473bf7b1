"""Cloud SQL: size, edition, availability and replicas of each instance, priced from its own rows."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from model.behaviour.database_tier import Tier
from model.lever import Calibration, Guardrail, LeverResult
from model.levers.cloud_sql_instance import LEVER as KEY
from model.levers.cloud_sql_instance import REGIONAL, ZONAL, Instance, instances, total_usage
from model.levers.cloud_sql_limits import Target, target_guardrails
from model.levers.cloud_sql_parameters import instance_parameters
from model.levers.cloud_sql_usage import Refused, instance_usage, removed_usage

if TYPE_CHECKING:
    from model.bill import Bill
    from model.lever import Effects
    from model.parameter import Parameter, Values

MOVES_USAGE = ("vcpu", "memory_gib", "edition", "availability", "replicas")


class CloudSql:
    """The Cloud SQL lever. Nothing saves a dollar of its own: without fewer vCPU or GiB there is no saving."""

    key = KEY
    title = "Cloud SQL size"

    def parameters(self, bill: Bill) -> list[Parameter]:
        """Settings and assumptions of every instance; empty where the bill has no Cloud SQL rows."""
        return [parameter for instance in instances(bill) for parameter in instance_parameters(bill, instance)]

    def missing(self, bill: Bill) -> str:
        """Why there is nothing to work on; '' when there is."""
        return "" if instances(bill) else "Not in this bill: Cloud SQL vCPU and memory usage."

    def apply(self, bill: Bill, values: Values, effects: Effects) -> LeverResult:
        """Usage, replicas, guardrails, calibration and notes at these values."""
        removed, sentences = _removed_replicas(bill, values)
        result = LeverResult(calibrations=calibrations(bill), guardrails=tuple(sentences))
        for instance in instances(bill):
            if instance in removed:
                result = _joined(result, LeverResult(usage=removed_usage(bill, instance)))
            else:
                result = _joined(result, _apply_one(bill, instance, values, effects))
        return result


def _apply_one(bill: Bill, instance: Instance, values: Values, effects: Effects) -> LeverResult:
    target = target_of(instance, values)
    guardrails = tuple(target_guardrails(bill, instance, target, values, effects))
    if not any(values.is_changed(instance.key(name)) for name in MOVES_USAGE):
        return LeverResult(guardrails=guardrails)
    try:
        result = instance_usage(bill, instance, target)
    except Refused as error:
        refusal = Guardrail(
            "can be priced", KEY, instance.name, 0.0, 1.0, "problems", passed=False, sentence=str(error)
        )
        return LeverResult(guardrails=(*guardrails, refusal), notes=(str(error),))
    return replace(result, guardrails=guardrails, notes=_notes(bill, instance, target))


def target_of(instance: Instance, values: Values) -> Target:
    """What the values ask of an instance; what is not known stays as it is."""
    today = instance.tier
    tier = Tier(
        values.number(instance.key("vcpu"), today.vcpu),
        values.number(instance.key("memory_gib"), today.memory_gib),
        values.text(instance.key("edition"), today.edition),
    )
    availability = values.text(instance.key("availability"), str(instance.availability.value))
    return Target(tier, availability, round(values.number(instance.key("replicas"))))


def _removed_replicas(bill: Bill, values: Values) -> tuple[frozenset[Instance], list[Guardrail]]:
    """Instances of the bill that are deleted because their primary has fewer replicas; the last by name go first."""
    removed: list[Instance] = []
    failed: list[Guardrail] = []
    for primary in instances(bill):
        fewer = round(float(primary.replicas.value or 0)) - round(values.number(primary.key("replicas")))
        if fewer <= 0 or not values.is_changed(primary.key("replicas")):
            continue
        found = sorted((item for item in instances(bill) if _is_replica_of(bill, item, primary)), key=lambda i: i.name)
        removed += found[-fewer:]
        if len(found) < fewer:
            failed.append(_unknown_replicas(primary, fewer, len(found)))
    return frozenset(removed), failed


def _is_replica_of(bill: Bill, instance: Instance, primary: Instance) -> bool:
    fact = bill.fact(instance.key("replica_of"))
    return fact is not None and fact.value == primary.name


def _unknown_replicas(primary: Instance, fewer: int, found: int) -> Guardrail:
    return Guardrail(
        "replicas", KEY, primary.name, float(fewer), float(found), "instances", passed=False,
        sentence=f"{primary.name}: {fewer} replicas would go but the inventory names {found} in this bill; a replica's "
        "cost is in its own rows, so the others are not priced.",
    )  # fmt: skip


def _notes(bill: Bill, instance: Instance, target: Target) -> tuple[str, ...]:
    found = []
    if target.availability == ZONAL and instance.availability.value == REGIONAL:
        found.append(f"{instance.name}: zonal gives up the standby; the failure of one zone stops the database.")
    if not instance.resource.has_hours:
        found.append(f"{instance.name}: its rows span more than an hour; usage is spread evenly over them.")
    usage = total_usage(bill, instance.resource, "vcpu")
    if instance.resource.has_hours and not instance.is_aggregate and (usage > instance.tier.vcpu * 1.01).any():
        found.append(f"{instance.name}: was larger in part of the window; every hour is scaled by the same ratio.")
    return tuple(found)


def _joined(first: LeverResult, second: LeverResult) -> LeverResult:
    return replace(
        first,
        usage=first.usage + second.usage,
        new_usage=first.new_usage + second.new_usage,
        guardrails=first.guardrails + second.guardrails,
        notes=first.notes + second.notes,
    )


@lru_cache(maxsize=8)
def calibrations(bill: Bill) -> tuple[Calibration, ...]:
    """Known vCPU × hours with usage against billed vCPU-hours, for each instance that shows its hours."""
    return tuple(found for instance in instances(bill) if (found := _calibration(bill, instance)) is not None)


def _calibration(bill: Bill, instance: Instance) -> Calibration | None:
    usage = total_usage(bill, instance.resource, "vcpu")
    actual = float(usage.sum())
    if actual <= 0.0 or instance.is_aggregate or not instance.resource.has_hours or not instance.tier.vcpu:
        return None
    modelled = instance.tier.vcpu * float((usage > 0.0).sum())
    error = modelled / actual - 1.0
    sentence = f"{instance.name}: {instance.tier.vcpu:g} vCPU in every hour with usage, against billed vCPU-hours."
    return Calibration(instance.name, "cloud_sql.vcpu", actual, modelled, error, sentence)


LEVER = CloudSql()
