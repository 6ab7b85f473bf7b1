"""Cloud SQL: size, edition, availability, disk and replicas of each instance, priced from its own rows."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from model.lever import Calibration, Guardrail, LeverResult
from model.levers.cloud_sql_findings import notes_of, untouched_note
from model.levers.cloud_sql_instance import LEVER as KEY
from model.levers.cloud_sql_instance import Instance, instances, total_usage
from model.levers.cloud_sql_limits import target_guardrails
from model.levers.cloud_sql_parameters import instance_parameters
from model.levers.cloud_sql_pool import pool_notes, pool_risk
from model.levers.cloud_sql_replicas import removed_replicas, unknown_replicas
from model.levers.cloud_sql_slowdown import saturation, unpriced_slowdown, with_slowdown
from model.levers.cloud_sql_target import Target, contradiction, grown, target_of, today_of
from model.levers.cloud_sql_usage import Refused, instance_usage, removed_usage

if TYPE_CHECKING:
    from model.bill import Bill
    from model.lever import Effects
    from model.parameter import Parameter, Values


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
        """Usage at the demand asked for, replicas, guardrails, risks, calibration and notes at these values."""
        removed = removed_replicas(bill, values)
        result = LeverResult(calibrations=calibrations(bill), guardrails=unknown_replicas(bill, values))
        for instance in instances(bill):
            if instance in removed:
                result = _joined(result, LeverResult(usage=removed_usage(bill, instance)))
            else:
                result = _joined(result, _apply_one(bill, instance, values, effects))
        effects = with_slowdown(bill, values, effects, removed)
        return replace(result, effects=effects, notes=(*result.notes, *untouched_note(bill, values)))


def _apply_one(bill: Bill, instance: Instance, values: Values, effects: Effects) -> LeverResult:
    target, today = target_of(bill, instance, values), today_of(instance)
    result = LeverResult(
        guardrails=(
            *target_guardrails(bill, instance, target, values, effects),
            *saturation(bill, instance, values, effects),
        ),
        risks=pool_risk(bill, instance, values, effects),
        notes=unpriced_slowdown(bill, instance, values, effects),
        remarks=(partial(pool_notes, bill, instance, target, values, effects),),
    )
    problem = contradiction(instance, values)
    if target == today and effects.demand == 1.0 and not problem:
        return result
    if not problem:
        try:
            moved = _usage(bill, instance, target, values, effects)
            return _joined(result, replace(moved, notes=notes_of(bill, instance, target, values)))
        except Refused as error:
            problem = str(error)
    return _joined(result, _refusal(bill, instance, values, effects, problem))


def _usage(bill: Bill, instance: Instance, target: Target, values: Values, effects: Effects) -> LeverResult:
    then = grown(instance, target, values, effects.work_of(instance.name), effects.demand)
    return instance_usage(bill, instance, then, effects.demand)


def _refusal(bill: Bill, instance: Instance, values: Values, effects: Effects, problem: str) -> LeverResult:
    """The instance as it is today, at the demand asked for: what cannot be priced does not move it."""
    refused = Guardrail("can be priced", KEY, instance.name, 0.0, 1.0, "problems", passed=False, sentence=problem)
    return replace(_usage(bill, instance, today_of(instance), values, effects), guardrails=(refused,))


def _joined(first: LeverResult, second: LeverResult) -> LeverResult:
    return replace(
        first,
        usage=first.usage + second.usage,
        new_usage=first.new_usage + second.new_usage,
        guardrails=first.guardrails + second.guardrails,
        risks=first.risks + second.risks,
        notes=first.notes + second.notes,
        remarks=first.remarks + second.remarks,
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
