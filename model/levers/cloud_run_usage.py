"""New usage of a Cloud Run service: its billed rows times what the autoscaler does at new settings over today's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from model.lever import UsageChange
from model.levers.cloud_run_billed import (
    ACTIVE_CPU,
    ACTIVE_MEMORY,
    IDLE_CPU,
    IDLE_MEMORY,
    INSTANCE_CPU,
    INSTANCE_MEMORY,
    REQUESTS,
)
from model.levers.cloud_run_demand import HOUR_S, active_s, alive_s, idle_s
from model.levers.cloud_run_settings import REQUEST_BASED, capacity

if TYPE_CHECKING:
    from model.behaviour.autoscaler import Capacity, Floats
    from model.lever import RequestShift
    from model.levers.cloud_run_billed import Billed
    from model.levers.cloud_run_demand import Demand
    from model.levers.cloud_run_reading import Reading
    from model.levers.cloud_run_settings import BillingMode, Settings, Workload
    from model.parameter import Evidence

_LEAST_SHARE: Final = 0.05
"""Below this share of min's time, modelled idle time is too small to divide by: the change is added instead."""

ACTIVE_FORMULA: Final = "actual × B(new) ÷ B(current); B = n(1 − e^(−λS/n)) + starts × start-up"
IDLE_FORMULA: Final = "actual × I(new) ÷ I(current), or + I(new) − I(current); I = E[(min − busy)⁺]"
REQUESTS_FORMULA: Final = "actual × growth of demand × what queues send"
ALIVE_FORMULA: Final = "actual × A(new) ÷ A(current); A = most wanted in the trailing 15 minutes, at least min"
TO_INSTANCES_FORMULA: Final = (
    "A(new) × size; A = most wanted in the trailing 15 minutes, at least min and what is active"
)
TO_REQUESTS_FORMULA: Final = "B(new) × size, idle I(new) × size, requests λ; per hour that is billed by instance"


@dataclass(frozen=True)
class Working:
    """A service at work: what one instance carries, under a demand of some burstiness; seconds by hour (U,)."""

    capacity: Capacity
    demand: Demand
    burstiness: float
    startup_s: float

    def active(self) -> Floats:
        """Active instance-seconds."""
        return active_s(self.demand, self.capacity, self.burstiness, self.startup_s)

    def idle(self) -> Floats:
        """Idle instance-seconds of min."""
        return idle_s(self.demand, self.capacity, self.burstiness)

    def alive(self) -> Floats:
        """Instance-seconds up."""
        return alive_s(self.demand, self.capacity, self.burstiness)


@dataclass(frozen=True)
class Move:
    """One service taken from today's settings to new ones, under a workload, the database's work and grown demand.

    ``growth`` multiplies the request rate of every hour after the move; today's is ``demand``. ``shift`` is what queues
    change of the requests. ``is_lower_bound``: a saturated database makes requests longer than anything predicts.
    """

    current: Settings
    new: Settings
    workload: Workload
    demand: Demand
    database_work: float
    growth: float = 1.0
    shift: RequestShift | None = None
    is_lower_bound: bool = False

    @cached_property
    def before(self) -> Capacity:
        """One instance today."""
        return capacity(self.current, self.current, self.workload)

    @cached_property
    def after(self) -> Capacity:
        """One instance at the new settings."""
        return capacity(self.new, self.current, self.workload, self.database_work)

    @property
    def changes_nothing(self) -> bool:
        """Whether the service works exactly as today."""
        return self.current == self.new and self.before == self.after and self.is_as_billed

    @property
    def is_as_billed(self) -> bool:
        """Whether as many requests come as are billed, and when they do."""
        return self.growth == 1.0 and self.shift is None

    @property
    def vcpu_ratio(self) -> float:
        """New vCPU per current one."""
        return self.new.vcpu / self.current.vcpu

    @property
    def memory_ratio(self) -> float:
        """New memory per current one."""
        return self.new.memory_gib / self.current.memory_gib

    @cached_property
    def today(self) -> Working:
        """The service as it works now."""
        return Working(self.before, self.demand, self.workload.burstiness, self.workload.startup_s)

    @cached_property
    def then(self) -> Working:
        """The service at the new settings, the requests that queues leave it, and the grown demand."""
        burstiness, demand = self.workload.burstiness, self.demand
        if self.shift is not None:
            burstiness = max(0.0, burstiness + self.shift.burstiness)
            demand = demand.shifted(self.shift)
        return Working(self.after, demand.grown(self.growth), burstiness, self.workload.startup_s)


@dataclass(frozen=True)
class Moved:
    """Usage by kind after a move, the formula of each kind, and what could not be repriced."""

    usage: dict[str, Floats]
    formula: dict[str, str]
    notes: tuple[str, ...] = ()


def usage_changes(reading: Reading, move: Move) -> tuple[tuple[UsageChange, ...], tuple[str, ...]]:
    """Changed usage of every kind of a service, and notes; nothing where settings and workload stay.

    Hours billed by request and hours billed by instance are each repriced from their own rows. A new billing mode
    moves them to the other mode's kinds; without one each stays where it is.
    """
    if move.changes_nothing:
        return (), ()
    parts = [part for part in (_request_part(reading.billed, move), _instance_part(reading.billed, move)) if part]
    usage: dict[str, Floats] = {}
    formula: dict[str, str] = {}
    for part in parts:
        for kind, amount in part.usage.items():
            usage[kind] = usage[kind] + amount if kind in usage else amount
        formula |= part.formula
    evidence = _evidence(reading, move)
    changes = tuple(
        UsageChange(reading.resource, kind, amount, evidence, formula[kind])
        for kind, amount in usage.items()
        if not np.array_equal(amount, reading.billed.by_slot[kind])
    )
    return changes, tuple(f"{reading.resource.name}: {note}" for part in parts for note in part.notes)


def _evidence(reading: Reading, move: Move) -> Evidence:
    """Memory alone, from a known size, needs no assumption; a saturated database leaves a bound (its limit says so)."""
    if move.is_lower_bound:
        return "modelled"
    same = (move.new.min_instances, move.new.vcpu, move.new.concurrency, move.new.billing_mode) == (
        move.current.min_instances, move.current.vcpu, move.current.concurrency, move.current.billing_mode,
    )  # fmt: skip
    is_known = reading.told["memory_gib"].evidence == "measured"
    as_today = same and move.before == move.after and move.is_as_billed
    return "measured" if as_today and is_known else "modelled"


def _request_part(usage: Billed, move: Move) -> Moved | None:
    if not any(usage.by_slot[kind].any() for kind in (ACTIVE_CPU, ACTIVE_MEMORY, IDLE_CPU, IDLE_MEMORY, REQUESTS)):
        return None
    if _target_mode(move, REQUEST_BASED) == REQUEST_BASED:
        return _requests_stay(usage, move)
    return _requests_to_instances(usage, move)


def _instance_part(usage: Billed, move: Move) -> Moved | None:
    if not (usage.by_slot[INSTANCE_CPU].any() or usage.by_slot[INSTANCE_MEMORY].any()):
        return None
    if _target_mode(move, "instance_based") == REQUEST_BASED:
        return _instances_to_requests(usage, move)
    return _instances_stay(usage, move)


def _target_mode(move: Move, own: BillingMode) -> BillingMode:
    """Where usage of a mode goes: to the newly set mode; where that is unchanged it stays in its own."""
    return own if move.new.billing_mode == move.current.billing_mode else move.new.billing_mode


def _requests_stay(usage: Billed, move: Move) -> Moved:
    active, extra = _active(usage, move)
    moved = {
        ACTIVE_CPU: usage.by_slot[ACTIVE_CPU] * active * move.vcpu_ratio + extra * move.new.vcpu,
        ACTIVE_MEMORY: usage.by_slot[ACTIVE_MEMORY] * active * move.memory_ratio + extra * move.new.memory_gib,
        REQUESTS: _requests(usage, move),
    }
    idle, notes = _idle(usage, move)
    formula = {ACTIVE_CPU: ACTIVE_FORMULA, ACTIVE_MEMORY: ACTIVE_FORMULA, REQUESTS: REQUESTS_FORMULA}
    return Moved(moved | idle, formula | dict.fromkeys(idle, IDLE_FORMULA), notes)


def _active(usage: Billed, move: Move) -> tuple[Floats, Floats]:
    """Active time by slot (H,): a factor, and instance-seconds to add where queues bring work into quiet hours."""
    before, after = move.today.active(), move.then.active()
    if move.shift is None:
        return _ratio(before, after)[usage.clock.hour_of_slot], np.zeros(len(usage.clock.hour_of_slot))
    ratio, added = _moved(before, after, _LEAST_SHARE * float(before.mean()))
    return ratio[usage.clock.hour_of_slot], usage.clock.on_calendar(added)


def _requests(usage: Billed, move: Move) -> Floats:
    """Requests by slot (H,), grown, and moved by what queues change."""
    if move.shift is None:
        return usage.by_slot[REQUESTS] * move.growth
    before, after = move.demand.rate * HOUR_S, move.then.demand.rate * HOUR_S
    ratio, added = _moved(before, after, _LEAST_SHARE * float(before.mean()))
    return usage.by_slot[REQUESTS] * ratio[usage.clock.hour_of_slot] + usage.clock.on_calendar(added)


def _ratio(before: Floats, after: Floats) -> Floats:
    """New over current by hour; hours where the model sees no work move like the service as a whole."""
    total = float(before.sum())
    whole = float(after.sum()) / total if total > 0.0 else 1.0
    return np.where(before > 0.0, after / np.where(before > 0.0, before, 1.0), whole)


def _idle(usage: Billed, move: Move) -> tuple[dict[str, Floats], tuple[str, ...]]:
    """New idle usage; left as billed where today's settings say that there should be none.

    What less demand adds to a busy hour's little idle time is added, since a factor would blow up its error.
    """
    before, after = move.today.idle(), move.then.idle()
    has_rows = usage.total(IDLE_CPU) > 0.0
    if has_rows and not before.any():
        return {}, ("the bill has idle rows although min is 0 today; they are left as they are.",)
    if not has_rows and not after.any():
        return {}, ()
    floor = _LEAST_SHARE * move.current.min_instances * HOUR_S
    can_scale_up = has_rows and move.is_as_billed
    ratio, added = _moved(before, after, floor if can_scale_up else np.inf)
    ratio_by_slot, added_by_slot = ratio[usage.clock.hour_of_slot], usage.clock.on_calendar(added)
    cpu = usage.by_slot[IDLE_CPU] * ratio_by_slot * move.vcpu_ratio + added_by_slot * move.new.vcpu
    memory = usage.by_slot[IDLE_MEMORY] * ratio_by_slot * move.memory_ratio + added_by_slot * move.new.memory_gib
    return {IDLE_CPU: cpu, IDLE_MEMORY: memory}, ()


def _moved(before: Floats, after: Floats, floor: float) -> tuple[Floats, Floats]:
    """Per hour a factor on actual usage, or an addition where ``before`` is too small (< floor) to divide by."""
    can_divide = (before > 0.0) & ((after <= before) | (before >= floor))
    ratio = np.where(can_divide, after / np.where(can_divide, before, 1.0), 1.0)
    return ratio, np.where(can_divide, 0.0, after - before)


def _requests_to_instances(usage: Billed, move: Move) -> Moved:
    """All that is up is billed, at least what is active; requests and idle rates end."""
    active, extra_active = _active(usage, move)
    own_hours = usage.by_hour[INSTANCE_CPU] <= 0.0
    alive = np.where(own_hours, move.then.alive(), 0.0)
    serving = usage.by_slot[ACTIVE_CPU] * active / move.current.vcpu + extra_active
    extra = usage.clock.on_calendar(np.maximum(alive - usage.clock.by_hour(serving), 0.0))
    up = serving + extra
    ended = dict.fromkeys((ACTIVE_CPU, ACTIVE_MEMORY, IDLE_CPU, IDLE_MEMORY, REQUESTS), np.zeros_like(up))
    moved = ended | {INSTANCE_CPU: up * move.new.vcpu, INSTANCE_MEMORY: up * move.new.memory_gib}
    return Moved(moved, dict.fromkeys(moved, TO_INSTANCES_FORMULA))


def _instances_stay(usage: Billed, move: Move) -> Moved:
    before, after = move.today.alive(), move.then.alive()
    ratio, added = _moved(before, after, _LEAST_SHARE * HOUR_S)
    ratio_by_slot, added_by_slot = ratio[usage.clock.hour_of_slot], usage.clock.on_calendar(added)
    moved = {
        INSTANCE_CPU: usage.by_slot[INSTANCE_CPU] * ratio_by_slot * move.vcpu_ratio + added_by_slot * move.new.vcpu,
        INSTANCE_MEMORY: usage.by_slot[INSTANCE_MEMORY] * ratio_by_slot * move.memory_ratio
        + added_by_slot * move.new.memory_gib,
    }
    return Moved(moved, dict.fromkeys(moved, ALIVE_FORMULA))


def _instances_to_requests(usage: Billed, move: Move) -> Moved:
    """Serving time, idle min instances and requests, in the hours that are billed by instance now."""
    by_hour = usage.by_hour[INSTANCE_CPU]
    share = usage.by_slot[INSTANCE_CPU] / np.where(by_hour > 0.0, by_hour, np.inf)[usage.clock.hour_of_slot]
    serving = share * move.then.active()[usage.clock.hour_of_slot]
    idle = share * move.then.idle()[usage.clock.hour_of_slot]
    moved = {
        INSTANCE_CPU: np.zeros_like(share),
        INSTANCE_MEMORY: np.zeros_like(share),
        ACTIVE_CPU: serving * move.new.vcpu,
        ACTIVE_MEMORY: serving * move.new.memory_gib,
        IDLE_CPU: idle * move.new.vcpu,
        IDLE_MEMORY: idle * move.new.memory_gib,
        REQUESTS: share * move.then.demand.rate[usage.clock.hour_of_slot] * HOUR_S,
    }
    return Moved(moved, dict.fromkeys(moved, TO_REQUESTS_FORMULA))
