"""What a scenario costs: levers applied jointly in causal order, attributed so that everything adds up to the nano."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from model import horizon
from model.bounds import migrations
from model.changes import plan_changes
from model.costs import Breakdown, Costs, breakdown, merged, summed
from model.free_tier import free_tier_deltas
from model.growth import grown_pools, growth_deltas
from model.lever import Effects
from model.levers import commitments
from model.levers.cloud_sql_replicas import refuse_changes_of_removed
from model.levers.registry import LEVERS
from model.pools import eligible_after
from model.providers import only_others
from model.rate_changes import rate_deltas
from model.repricing import Delta, Unpriced, price_new, reprice
from model.tax import tax_deltas

if TYPE_CHECKING:
    from model.bill import Bill
    from model.lever import Calibration, Guardrail, LeverResult, NewUsage, PlanChange, Risk, UsageChange
    from model.levers.commitments import PoolPlan
    from model.parameter import Parameter, Values
    from model.pools import Series
    from model.scenario import Scenario

RATE_LEVER = "commitments"


@dataclass(frozen=True)
class Run:
    """One pricing of a scenario with some levers active."""

    deltas: tuple[Delta, ...]
    results: tuple[tuple[str, LeverResult], ...]
    pools: tuple[PoolPlan, ...]
    values: Values
    notes: tuple[str, ...]

    @property
    def remarks(self) -> tuple[str, ...]:
        """Notes that take work to find."""
        return tuple(note for _, result in self.results for remark in result.remarks for note in remark())

    @property
    def saving_nanos(self) -> int:
        """What the run saves on the headline basis."""
        return -sum(delta.costs.headline for delta in self.deltas)


@dataclass(frozen=True)
class LeverOutcome:
    """One lever: saving alone, and in causal order after those before it (nanos, headline basis)."""

    lever: str
    title: str
    alone_nanos: int
    in_sequence_nanos: int


@dataclass(frozen=True)
class Outcome:
    """The repriced bill beside the current one, with attribution, guardrails, risks and the changes to make."""

    scenario: Scenario
    bill: Bill
    baseline: Breakdown
    result: Breakdown
    deltas: tuple[Delta, ...]
    levers: tuple[LeverOutcome, ...]
    interaction_nanos: int
    guardrails: tuple[Guardrail, ...]
    risks: tuple[Risk, ...]
    calibrations: tuple[Calibration, ...]
    changes: tuple[PlanChange, ...]
    pools: tuple[PoolPlan, ...]
    notes: tuple[str, ...]

    @property
    def saving_nanos(self) -> int:
        """Baseline − outcome on the headline basis, over the window."""
        return self.baseline.total.headline - self.result.total.headline


@lru_cache(maxsize=8)
def parameters(bill: Bill) -> tuple[Parameter, ...]:
    """Every parameter of this bill: usage levers in causal order, commitments, then what is assumed of the future."""
    usage = [parameter for lever in LEVERS for parameter in lever.parameters(bill)]
    rates = commitments.parameters(bill)
    present = dict.fromkeys(parameter.lever for parameter in (*usage, *rates))
    return (*usage, *rates, *horizon.parameters(((key, title_of(key)) for key in present), bill.currency))


@lru_cache(maxsize=8)
def baseline(bill: Bill) -> Breakdown:
    """The bill as it is."""
    return breakdown(bill.lines, bill.months)


def missing(bill: Bill) -> dict[str, str]:
    """Levers that have nothing to work on in this bill, with the reason."""
    others = only_others(bill.lines)
    return {lever.key: others or sentence for lever in LEVERS if (sentence := lever.missing(bill))}


def evaluate(bill: Bill, scenario: Scenario) -> Outcome:
    """Price a scenario on a bill; raises ScenarioError for keys or values that this bill does not take.

    Alone: one lever active, the others at their current settings. In sequence: what each adds in causal order; these
    sum to the combined saving. Interaction = combined − Σ alone, of either sign.
    """
    scenario.check(parameters(bill))
    refuse_changes_of_removed(bill, scenario, scenario.values(parameters(bill)))
    combined = remembered_run(bill, scenario)
    levers = _attributed(bill, scenario, combined)
    changes = plan_changes(bill, parameters(bill), combined.values, _derived_changes(combined))
    return Outcome(
        scenario=scenario,
        bill=bill,
        baseline=baseline(bill),
        result=_result(bill, combined.deltas),
        deltas=combined.deltas,
        levers=levers,
        interaction_nanos=combined.saving_nanos - sum(lever.alone_nanos for lever in levers),
        guardrails=_guardrails(combined),
        risks=tuple(risk for _, result in combined.results for risk in result.risks),
        calibrations=tuple(c for _, result in combined.results for c in result.calibrations),
        changes=changes,
        pools=combined.pools,
        notes=(*dict.fromkeys((*combined.notes, *combined.remarks, *migrations(changes))),),
    )


@dataclass(frozen=True)
class UsageRun:
    """What the usage levers make of a bill at some demand, before commitments: the first half of a run.

    ``eligible`` are the on-demand amounts per pool and rate class, (H,) each, that a commitment could cover.
    """

    deltas: tuple[Delta, ...]
    results: tuple[tuple[str, LeverResult], ...]
    eligible: Series
    notes: tuple[str, ...]


def run(bill: Bill, scenario: Scenario, active: frozenset[str] | None = None, demand: float = 1.0) -> Run:
    """Apply the active levers jointly: demand, capacity, waste, then rate on what is left; ``demand`` is growth."""
    values = scenario.values(parameters(bill), active)
    usage = usage_run(bill, values, demand)
    pools = commitments.plan_pools(bill, values, usage.eligible)
    deltas = [*usage.deltas]
    deltas += rate_deltas(bill, pools, deltas)
    deltas += tax_deltas(bill, deltas)
    notes = [*usage.notes, *(note for pool in pools for note in pool.notes)]
    return Run(tuple(deltas), usage.results, pools, values, (*dict.fromkeys(notes),))


def usage_run(bill: Bill, values: Values, demand: float = 1.0) -> UsageRun:
    """Apply the usage levers at these values, and grow what no lever owns; no commitments, no tax."""
    results: list[tuple[str, LeverResult]] = []
    effects = Effects(demand=demand)
    for lever in LEVERS:
        result = lever.apply(bill, values, effects)
        effects = result.effects or effects
        results.append((lever.key, result))
    changes = [(key, change) for key, result in results for change in result.usage]
    fresh = [(key, usage) for key, result in results for usage in result.new_usage]
    deltas, unpriced = priced(bill, changes, fresh)
    deltas += growth_deltas(bill, demand)
    eligible = eligible_after(bill, changes, fresh, grown_pools(bill, demand))
    notes = [*unpriced, *(note for _, result in results for note in result.notes)]
    return UsageRun(tuple(deltas), tuple(results), eligible, tuple(notes))


def remembered_run(bill: Bill, scenario: Scenario, active: frozenset[str] | None = None, demand: float = 1.0) -> Run:
    """``run``, remembered: comparisons, attributions and pages ask for the same sets of levers again."""
    moved = frozenset(moved_levers(bill, scenario))
    is_all = active is None or moved <= active
    return _remembered(bill, scenario, None if is_all or active is None else active & moved, demand)


@lru_cache(maxsize=48)
def _remembered(bill: Bill, scenario: Scenario, active: frozenset[str] | None, demand: float) -> Run:
    return run(bill, scenario, active, demand)


def _guardrails(combined: Run) -> tuple[Guardrail, ...]:
    of_usage = [guardrail for _, result in combined.results for guardrail in result.guardrails]
    return (*of_usage, *(guardrail for pool in combined.pools for guardrail in pool.guardrails))


def _derived_changes(combined: Run) -> tuple[PlanChange, ...]:
    of_usage = [change for _, result in combined.results for change in result.plan]
    return (*of_usage, *(pool.change for pool in combined.pools if pool.change is not None))


def title_of(lever: str) -> str:
    """A lever's name for people; that of a group of assumptions for its key."""
    titles = {item.key: item.title for item in LEVERS} | {RATE_LEVER: "Commitments"} | horizon.TITLES
    return titles.get(lever, lever)


@lru_cache(maxsize=1024)
def _repriced(bill: Bill, lever: str, change: UsageChange) -> tuple[Delta, ...]:
    """A change that a lever hands out again is priced once."""
    return tuple(reprice(bill, lever, change))


def priced(
    bill: Bill, changes: list[tuple[str, UsageChange]], fresh: list[tuple[str, NewUsage]]
) -> tuple[list[Delta], list[str]]:
    """Deltas of changed and of new usage by lever, the free tier evaluated again; a sentence for what has no price."""
    deltas: list[Delta] = []
    sentences = []
    for key, change in changes:
        try:
            deltas += _repriced(bill, key, change)
        except Unpriced as error:
            sentences.append(str(error))
    for key, usage in fresh:
        try:
            deltas += price_new(bill, key, usage)
        except Unpriced as error:
            sentences.append(str(error))
    return deltas + free_tier_deltas(bill, changes), sentences


def moved_levers(bill: Bill, scenario: Scenario) -> tuple[str, ...]:
    """Levers of which the scenario moves a setting, in causal order."""
    moved = {p.lever for p in parameters(bill) if p.kind == "setting" and scenario.is_moved(p)}
    return tuple(key for key in (*(lever.key for lever in LEVERS), RATE_LEVER) if key in moved)


def _attributed(bill: Bill, scenario: Scenario, combined: Run) -> tuple[LeverOutcome, ...]:
    """Every moved lever alone, and what it adds in causal order."""
    moved = moved_levers(bill, scenario)

    def saving_of(active: tuple[str, ...]) -> int:
        if len(active) == len(moved):
            return combined.saving_nanos
        return remembered_run(bill, scenario, frozenset(active)).saving_nanos if active else 0

    steps = [saving_of(moved[:i]) for i in range(len(moved) + 1)] if moved else []
    return tuple(
        LeverOutcome(key, title_of(key), saving_of((key,)), steps[i + 1] - steps[i]) for i, key in enumerate(moved)
    )


def _result(bill: Bill, deltas: tuple[Delta, ...]) -> Breakdown:
    base = baseline(bill)
    total = sum((delta.costs for delta in deltas), start=Costs())
    return Breakdown(
        total=base.total + total,
        by_month=merged(base.by_month, _sums(deltas, bill.months)),
        by_product=merged(base.by_product, summed((d.product, d.costs) for d in deltas)),
        by_project=merged(base.by_project, summed((d.project, d.costs) for d in deltas)),
    )


def _sums(deltas: tuple[Delta, ...], months: tuple[int, ...]) -> dict[int, Costs]:
    sums: dict[int, Costs] = {}
    for delta in deltas:
        month = months[delta.month_index]
        sums[month] = sums.get(month, Costs()) + delta.costs
    return sums
