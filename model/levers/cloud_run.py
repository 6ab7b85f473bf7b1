"""The Cloud Run lever: min and max instances, size, concurrency and billing mode of every service."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from model.lever import Calibration, Effects, LeverResult
from model.levers.cloud_run_billed import ACTIVE_CPU, IDLE_CPU, INSTANCE_CPU
from model.levers.cloud_run_levels import ServiceLevels, service_levels
from model.levers.cloud_run_parameters import DECLARED, service_parameters
from model.levers.cloud_run_reading import LEVER_KEY, Reading, chosen_values, read, sharing_cpu, with_rate
from model.levers.cloud_run_risk import risk_of
from model.levers.cloud_run_settings import settings_from, workload_from
from model.levers.cloud_run_usage import Move, usage_changes

if TYPE_CHECKING:
    from model.bill import Bill
    from model.lever import RequestShift
    from model.parameter import Parameter, Value, Values

_SHOWN: Final = 0.0005


class CloudRun:
    """Reprices each service by what the autoscaler does at new settings over what it does today (model §4.4)."""

    key = LEVER_KEY
    title = "Cloud Run"

    def parameters(self, bill: Bill) -> list[Parameter]:
        """Settings and assumptions of every service of the bill."""
        return [parameter for resource in bill.of(LEVER_KEY) for parameter in service_parameters(read(bill, resource))]

    def missing(self, bill: Bill) -> str:
        """Why there is nothing to move."""
        return "" if bill.of(LEVER_KEY) else "Not in this bill: Cloud Run usage."

    def apply(self, bill: Bill, values: Values, effects: Effects) -> LeverResult:
        """Changed usage, guardrails, risks and calibration of every service at these values."""
        parts = [_at(read(bill, resource), values, effects) for resource in bill.of(LEVER_KEY)]
        return LeverResult(
            usage=tuple(change for part in parts for change in part.usage),
            guardrails=tuple(guardrail for part in parts for guardrail in part.guardrails),
            risks=tuple(risk for part in parts for risk in part.risks),
            calibrations=tuple(calibration for part in parts for calibration in part.calibrations),
            notes=tuple(note for part in parts for note in part.notes),
        )


def _at(reading: Reading, values: Values, effects: Effects) -> LeverResult:
    """One service at these values; services that do not move are remembered."""
    chosen = chosen_values(reading, values)
    slow = effects.slowdown_of(reading.resource.name)
    work = (effects.database_work * slow.value, effects.database_work_worst * slow.worst)
    at = _today if effects.demand == 1.0 else _grown
    shift = effects.requests_of(reading.resource.name)
    return at(reading, chosen, *work, service_levels(values), effects.demand, shift, slow.is_saturated)


def _service(
    reading: Reading,
    chosen: tuple[Value, ...],
    work: float,
    worst_work: float,
    limits: ServiceLevels,
    growth: float,
    shift: RequestShift | None,
    is_lower_bound: bool,  # noqa: FBT001 - memoised by position
) -> LeverResult:
    known = dict(zip(DECLARED, chosen, strict=True))
    workload = workload_from(known)
    demand = with_rate(reading, workload.requests_per_s)
    workload = sharing_cpu(reading, workload, demand)
    move = Move(reading.settings, settings_from(known), workload, demand, work, growth, shift, is_lower_bound)
    usage, notes = usage_changes(reading, move)
    memory = known["peak_memory_utilisation"]
    risk, guardrails = risk_of(reading, move, worst_work, limits, None if memory is None else float(memory))
    return LeverResult(
        usage=usage,
        guardrails=guardrails,
        risks=(risk,),
        calibrations=_calibrations(reading, move),
        notes=(*reading.notes, *notes),
    )


_today: Final = lru_cache(maxsize=512)(_service)
_grown: Final = lru_cache(maxsize=256)(_service)
"""Fewer at a grown demand: it is asked for by the plan and by today's settings, then no more."""


def _calibrations(reading: Reading, move: Move) -> tuple[Calibration, ...]:
    """The model at today's settings against each billed kind, in vCPU-seconds of the hours that bill its mode."""
    usage, today = reading.billed, move.today
    by_request = usage.by_hour[ACTIVE_CPU] + usage.by_hour[IDLE_CPU] > 0.0
    modelled = {
        ACTIVE_CPU: today.active()[by_request],
        IDLE_CPU: today.idle()[by_request],
        INSTANCE_CPU: today.alive()[usage.by_hour[INSTANCE_CPU] > 0.0],
    }
    return tuple(
        _calibration(reading.resource.name, kind, actual, float(seconds.sum()) * reading.settings.vcpu)
        for kind, seconds in modelled.items()
        if (actual := usage.total(kind)) > 0.0
    )


def _calibration(name: str, kind: str, actual: float, modelled: float) -> Calibration:
    error = modelled / actual - 1.0
    what = kind.rpartition(".")[2].replace("_", " ")
    apart = f"{error:+.1%} off" if abs(error) >= _SHOWN else "within 0.05 % of"
    sentence = f"{name}: at today's settings the model is {apart} the billed {what}; the bill's rows are scaled."
    return Calibration(name, kind, actual, modelled, error, sentence)


LEVER: Final = CloudRun()
