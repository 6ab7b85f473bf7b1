"""One pool's purchase judged from every side: terms, risk, regret, coverage, whole pieces.

Where the scenario buys nothing in a pool, the better of 1 and 3 years at the highest savings is judged, and said to
be no part of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from model.commitment_coverage import hourly_coverage
from model.commitment_future import ahead
from model.commitment_judgement import PoolAdvice
from model.commitment_load import best_level
from model.commitment_loads import LADDER_MONTHS, largest_workload, term_load
from model.commitment_machines import machine_plans
from model.commitment_pool_notes import better_instead, ending_notes, fallen_notes, sized_notes
from model.commitment_pools import rule_of
from model.commitment_rates import price_base
from model.commitment_regret import (
    PLANNED,
    Amount,
    assumed_future,
    falling_future,
    futures,
    regret_table,
)
from model.commitment_resources import pool_of, resource_pools
from model.commitment_risk import npv_by_draw, term_risk
from model.commitment_rung_regret import rungs_regret_table
from model.commitment_rung_risk import rungs_npv_by_draw, rungs_risk
from model.commitment_steps import whole_pieces
from model.commitment_terms import compare_terms
from model.commitment_trend import trend_of
from model.horizon import HORIZON_MONTHS
from model.levers.commitment_plan import TERM_MONTHS
from model.levers.pool_planning import Purchase, plan_usage
from model.outcome import parameters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from model.bill import Pool
    from model.commitment_coverage import HourlyCoverage
    from model.commitment_future import PoolAhead
    from model.commitment_holdings import Holding
    from model.commitment_load import Future, Load, TermLoad
    from model.commitment_loads import Workload
    from model.commitment_machines import MachinePlan
    from model.commitment_regret import RegretTable, Shocks
    from model.commitment_risk import Money, TermRisk
    from model.commitment_steps import WholePieces
    from model.commitment_terms import Terms
    from model.commitment_trend import Trend
    from model.levers.commitment_plan import PoolPlan
    from model.outcome import Outcome

    Floats = NDArray[np.float64]

WORTH_SIGNING: Final = 0.05
"""Share of the best amount at today's usage below which nothing is advised while it falls."""
LEAST_SHARE: Final = 1e-9
"""Instead of none at all: draws are spread in logarithms."""


@dataclass(frozen=True, eq=False)
class PoolQuestion:
    """One pool on its way to advice: what the scenario chose, what is offered, and what it is held against."""

    outcome: Outcome
    chosen: PoolPlan
    options: tuple[PoolPlan, ...]
    load: Load | None
    money: Money
    shocks: Shocks

    def advice(self, holding: Holding | None) -> PoolAdvice:
        """Judge the pool; what cannot be planned keeps its notes."""
        loads = self._loads()
        if self.load is None or not loads:
            return self._without(holding)
        return self._of_units(self.load, loads) if self.chosen.units else self._of_spend(self.load, loads, holding)

    def _loads(self) -> dict[str, TermLoad]:
        """The curves of every term that is on offer."""
        if self.load is None:
            return {}
        found = {term: term_load(self.outcome, self.load, term, self._workload) for term in TERM_MONTHS}
        return {term: load for term, load in found.items() if load is not None}

    def _of_units(self, load: Load, loads: Mapping[str, TermLoad]) -> PoolAdvice:
        """A resource commitment as the scenario buys it, over its own term."""
        plan = self.chosen
        risks = self._risks(plan, loads, {}, assumed_future(self.now, LADDER_MONTHS))
        regret = self._regret(plan, loads, risks)
        return PoolAdvice(
            rule=rule_of(plan.pool),
            plan=plan,
            is_in_scenario=True,
            options=(),
            risks=risks,
            terms=None,
            regret=regret,
            coverage=self._coverage(plan, load),
            holding=None,
            pieces=(),
            trend=self.trend,
            notes=(*fallen_notes(self.trend, plan, risks, regret, is_bought=True), *plan.notes),
        )

    def _of_spend(self, load: Load, loads: Mapping[str, TermLoad], holding: Holding | None) -> PoolAdvice:
        """A spend commitment, as the scenario buys it or as it would pay best."""
        assumed = assumed_future(self.now, LADDER_MONTHS)
        feared = falling_future(self.now, self.trend, LADDER_MONTHS) if self.trend else assumed
        options = self._safe(loads, feared)
        amounts = {option.term: option.commit_per_hour for option in options if option.term in loads}
        terms = compare_terms(load, loads, amounts, feared, self.now.weights(LADDER_MONTHS))
        plan = self.chosen if self.chosen.rungs else _better(options, terms)
        risks = self._risks(plan, loads, amounts, assumed)
        regret = self._regret(plan, loads, risks) if plan.rungs else None
        pieces, machines, beside = self._instead(load)
        told = (
            *fallen_notes(self.trend, plan, risks, regret, is_bought=bool(self.chosen.rungs)),
            *sized_notes(plan, options, self.trend),
            *better_instead(plan, pieces, machines),
            *ending_notes(plan, load.standing),
        )
        return PoolAdvice(
            rule=rule_of(plan.pool),
            plan=plan,
            is_in_scenario=bool(self.chosen.rungs),
            options=options,
            risks=risks,
            terms=terms,
            regret=regret,
            coverage=self._coverage(plan, load),
            holding=holding,
            pieces=pieces,
            machines=machines,
            trend=self.trend,
            notes=(*told, *plan.notes, *terms.notes, *beside),
        )

    def _instead(self, load: Load) -> tuple[tuple[WholePieces, ...], tuple[MachinePlan, ...], tuple[str, ...]]:
        """Resource commitments as another way to cover the usage, with what is not planned.

        None where the scenario buys some already: it has decided how much of each. None while usage falls: a whole
        number of slots or machines binds for its term as much as any other commitment.
        """
        names = {plan.name for plan in self.outcome.pools if plan.units}
        bill = self.outcome.bill
        if any(each.name in names and each.source == self.chosen.name for each in resource_pools(bill)):
            return (), (), ()
        if self.trend is not None:
            return (), (), ()
        left = load.left_at(1.0, float(load.standing[0])) * self.now.usage_share
        pieces, why = whole_pieces(bill, self._pool, left)
        machines, beside = machine_plans(bill, self._pool, load.classes, left, load.fill_order, self._price_base)
        return pieces, machines, (*why, *beside)

    @cached_property
    def _workload(self) -> Workload | None:
        return None if self.load is None else largest_workload(self.outcome, self.load)

    @cached_property
    def trend(self) -> Trend | None:
        """How far usage has fallen within the bill."""
        return trend_of(self.outcome.bill, self.chosen.shape.usage)

    @cached_property
    def now(self) -> Money:
        """What growth and prices start from: the last month where usage has fallen."""
        return (
            self.money
            if self.trend is None
            else replace(self.money, usage_share=max(self.trend.last_share, LEAST_SHARE))
        )

    def _risks(
        self, plan: PoolPlan, loads: Mapping[str, TermLoad], amounts: Mapping[str, float], assumed: Future
    ) -> dict[str, TermRisk]:
        levels = {**amounts, **({plan.term: plan.commit_per_hour} if _is_single(plan) else {})}
        risks = {term: term_risk(loads[term], level, assumed, self.now) for term, level in levels.items()}
        if plan.rungs and not _is_single(plan):
            risks[plan.term] = rungs_risk(self._ahead, _of_rungs(plan, loads), plan, assumed, self.now)
        return risks

    def _safe(self, loads: Mapping[str, TermLoad], feared: Future) -> tuple[PoolPlan, ...]:
        """The options; where usage or prices fall, no more than is best in the future that is feared."""
        if self.trend is None and min(self.money.growth.value, self.money.price.value) >= 0.0:
            return self.options
        return tuple(self._at_most(option, loads.get(option.term), feared) for option in self.options)

    def _at_most(self, option: PoolPlan, load: TermLoad | None, feared: Future) -> PoolPlan:
        offer = option.shape.offer
        if offer is None or load is None or not option.is_planned:
            return option
        level = best_level(load, feared, TERM_MONTHS[option.term])
        if level >= option.commit_per_hour and self.trend is None:
            return option
        kept = min(level, option.commit_per_hour) if level > WORTH_SIGNING * option.commit_per_hour else 0.0
        amount, order = kept / offer.mean_paid, offer.fill_order
        asked = Purchase(option.term, amount, fill_order=order, price_base=self._price_base)
        plan = plan_usage(self.outcome.bill, self._pool, asked, option.shape.usage)
        return plan if plan.is_planned else replace(plan, notes=(), guardrails=())

    def npv_by_draw(self, advice: PoolAdvice) -> Floats:
        """Present value of the purchase by draw; zeros where nothing is bought."""
        if self.load is None or advice.risk is None:
            return np.zeros(self.money.draws)
        plan = advice.plan
        if _is_single(plan):
            load = term_load(self.outcome, self.load, plan.term)
            return np.zeros(self.money.draws) if load is None else npv_by_draw(load, plan.commit_per_hour, self.now)
        loads = {term: load for term in TERM_MONTHS if (load := term_load(self.outcome, self.load, term)) is not None}
        assumed = assumed_future(self.now, LADDER_MONTHS)
        return rungs_npv_by_draw(self._ahead, _of_rungs(plan, loads), plan, assumed, self.now)

    @property
    def _price_base(self) -> str:
        return price_base(self.outcome.scenario.values(parameters(self.outcome.bill)), self.chosen.name)

    @property
    def _ahead(self) -> PoolAhead:
        """The rungs of the scenario in the months ahead."""
        return next(each for each in ahead(self.outcome).pools if each.load.name == self.chosen.name)

    @property
    def _pool(self) -> Pool:
        return pool_of(self.outcome.bill, self.chosen.name)

    def _without(self, holding: Holding | None) -> PoolAdvice:
        notes = self.chosen.notes or (self.options[0].notes if self.options else ())
        return PoolAdvice(
            rule_of(self.chosen.pool), self.chosen, self.chosen.is_planned, self.options, {}, None, None, None, holding,
            (), notes,
        )  # fmt: skip

    def _regret(self, plan: PoolPlan, loads: Mapping[str, TermLoad], risks: Mapping[str, TermRisk]) -> RegretTable:
        workload = self._workload
        if not _is_single(plan):
            against = futures(self.now, self.shocks, workload, HORIZON_MONTHS, self.trend)
            return rungs_regret_table(self._ahead, loads.values(), plan, against, workload)
        risk, months = risks[plan.term], TERM_MONTHS[plan.term]
        planned = Amount(PLANNED, plan.commit_per_hour, plan.covered_on_demand_per_hour)
        best, covered = risk.best_commit_per_hour or 0.0, risk.best_covered_on_demand_per_hour or 0.0
        careful = Amount("best over the draws", best, covered)
        against = futures(self.now, self.shocks, workload, months, self.trend)
        return regret_table(loads[plan.term], planned, careful, against)

    def _coverage(self, plan: PoolPlan, load: Load) -> HourlyCoverage:
        today = int(np.argmin(abs(load.demand - 1.0)))
        usage = (load.hours[today], load.covered[today])
        axis = self.outcome.bill.hours
        return hourly_coverage(axis, usage, load.classes, plan.rates, plan.commit_per_hour, load.fill_order)


def _better(options: Sequence[PoolPlan], terms: Terms) -> PoolPlan:
    """The option of higher present value over the same 36 months; the shorter term of two that are equal."""
    worth = {choice.key: choice.npv for choice in terms.choices}
    ranked = sorted(options, key=lambda option: TERM_MONTHS[option.term])
    return max(ranked, key=lambda option: (option.is_planned, round(worth.get(option.term, 0.0), 6)))


def _is_single(plan: PoolPlan) -> bool:
    """Whether it is one commitment that is bought at once."""
    return plan.is_planned and plan.term in TERM_MONTHS and plan.rungs[0].is_renewed


def _of_rungs(plan: PoolPlan, loads: Mapping[str, TermLoad]) -> TermLoad:
    """The curves at the longest of the terms that are bought."""
    return loads[max((rung.term for rung in plan.rungs), key=lambda term: TERM_MONTHS[term])]
