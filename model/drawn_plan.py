"""A plan as draws see it: what is drawn, and how one row of draws becomes 36 months and a present value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from model import horizon
from model.commitment_future import ahead
from model.drawing import Range
from model.forward_costs import decided
from model.horizon import HORIZON_MONTHS
from model.model_error import ERROR_KEY, model_errors, unmeasured
from model.outcome import RATE_LEVER, parameters, remembered_run, title_of
from model.projection import ramp_share_of, shortfalls, terms_of
from model.response_surface import surface_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from model.commitment_future import Ahead
    from model.forward_costs import Decided
    from model.outcome import Outcome
    from model.parameter import Parameter, Values
    from model.projection import Terms
    from model.response_surface import Surface

    Floats = NDArray[np.float64]

MOST_ASSUMPTIONS: Final = 60
_FUTURE: Final = (
    horizon.GROWTH, horizon.PRICE_CHANGE, horizon.ONE_OFF_COST, horizon.RECURRING_COST, horizon.MINIMUM_SPEND,
    horizon.DISCOUNT_RATE,
)  # fmt: skip
_DEMAND_LEVERS: Final = ("queries", "cache")
_UNMEASURED: Final = "The model's own error is not measured for {}, and not drawn."
_LEFT_OUT: Final = "{} assumptions of resources that save least are held at their values."
_RAMPS: Final = "Ramps are not drawn: their months stay as typed."


@dataclass(frozen=True, eq=False)
class DrawnPlan:
    """A plan's surface with what turns its savings into flows: one row of draws makes 36 months and a present value.

    ``weight`` (L+1, 36) is each lever's ramp, commitments last; ``saving`` (L,) what each usage lever saves today.
    """

    ranges: tuple[Range, ...]
    plan: Decided
    surface: Surface
    terms: Terms
    weight: Floats
    saving: Floats
    coming: Ahead
    notes: tuple[str, ...]

    def column(self, draws: Floats, key: str, otherwise: float) -> Floats:
        """Draws (n,) of one thing; its value where it is not drawn."""
        at = next((i for i, each in enumerate(self.ranges) if each.key == key), None)
        return np.full(len(draws), otherwise) if at is None else draws[:, at]

    def savings(self, draws: Floats) -> Floats:
        """Saving by draw and month ahead (n, 36)."""
        demand, price = self._levels(draws)
        together, own = self._mean_weight(), self._by_lever(draws) @ self.weight
        own -= float(self.saving.sum()) * together
        for k in range(HORIZON_MONTHS):
            layers = np.array([0.0, together[k], self.weight[-1, k]])
            own[:, k] = own[:, k] * (demand[k] * price[k]) + self.surface.at(demand[k], price[k], layers, k)
        return own

    def _baseline(self, draws: Floats) -> Floats:
        """Cost as it is by draw and month ahead (n, 36)."""
        layers = np.array([1.0, 0.0, 0.0])
        levels = zip(*self._levels(draws), strict=True)
        months = [self.surface.at(*level, layers, month) for month, level in enumerate(levels)]
        return np.stack(months, axis=1)

    def _levels(self, draws: Floats) -> tuple[list[Floats], list[Floats]]:
        """Demand and prices (n,) of each month ahead."""
        growth = np.log1p(self.column(draws, horizon.GROWTH, self.terms.growth_per_year))
        change = np.log1p(self.column(draws, horizon.PRICE_CHANGE, self.terms.price_change_per_year))
        years = (np.arange(1, HORIZON_MONTHS + 1) / 12.0).tolist()
        return [np.exp(growth * year) for year in years], [np.exp(change * year) for year in years]

    def unramped(self) -> DrawnPlan:
        """The same plan with every lever in full from the first month."""
        return replace(self, weight=np.ones_like(self.weight))

    def without_errors(self, draws: Floats) -> Floats:
        """Draws with the model's own errors left out."""
        is_error = [each.key.startswith(ERROR_KEY) for each in self.ranges]
        return np.where(is_error, 0.0, draws)

    def npv(self, draws: Floats) -> tuple[Floats, Floats]:
        """Present value (n,) and saving (n, 36) by draw."""
        saving = self.savings(draws)
        flows = saving - self.column(draws, horizon.RECURRING_COST, self.terms.recurring_cost_per_month)[:, None]
        floor = self.column(draws, horizon.MINIMUM_SPEND, self.terms.minimum_spend_per_year)
        if floor.any():
            baseline = self._baseline(draws)
            flows = flows - shortfalls(baseline - saving, floor) + shortfalls(baseline, floor)
        rate = self.column(draws, horizon.DISCOUNT_RATE, self.terms.discount_rate_per_year)
        discount = (1.0 + rate)[:, None] ** (-np.arange(1, HORIZON_MONTHS + 1) / 12.0)
        return (flows * discount).sum(axis=1) - self.column(
            draws, horizon.ONE_OFF_COST, self.terms.one_off_cost
        ), saving

    def _mean_weight(self) -> Floats:
        """Ramp of the usage levers together, weighted by what each saves or costs today (36,)."""
        size = np.abs(self.saving)
        return self.weight[:-1].T @ size / size.sum() if size.sum() > 0.0 else np.ones(HORIZON_MONTHS)

    def _by_lever(self, draws: Floats) -> Floats:
        """What each lever saves a month today with its error and its assumptions (n, L+1); of commitments the shift."""
        levers = [*self.plan.levers, RATE_LEVER]
        found = np.zeros((len(draws), len(levers)))
        for i, lever in enumerate(self.plan.levers):
            found[:, i] = self.saving[i] + self.column(draws, ERROR_KEY + lever, 0.0)
        for curve in self.surface.curves:
            lever = curve.key.partition(".")[0]
            found[:, levers.index(lever) if lever in levers else 0] += curve.at(self.column(draws, curve.key, 0.0))
        return found


def drawn_plan(outcome: Outcome) -> DrawnPlan:
    """Price the plan at the nodes of everything that is drawn."""
    plan = decided(outcome)
    values = plan.scenario.values(parameters(outcome.bill))
    assumptions, left_out = _assumptions(outcome, values)
    future = [each for each in (_range(values, key) for key in _FUTURE) if each.high > each.low]
    errors = model_errors(outcome, plan.levers)
    growth, price = (_range(values, key) for key in (horizon.GROWTH, horizon.PRICE_CHANGE))
    years = HORIZON_MONTHS / 12.0
    surface = surface_of(
        plan,
        ((1.0 + min(0.0, growth.low)) ** years, (1.0 + max(0.0, growth.high)) ** years),
        ((1.0 + min(0.0, price.low)) ** years, (1.0 + max(0.0, price.high)) ** years),
        assumptions,
        coming := ahead(outcome),
    )
    weight = np.stack([ramp_share_of(values, lever) for lever in (*plan.levers, RATE_LEVER)])
    return DrawnPlan(
        ranges=(*future, *errors, *assumptions),
        plan=plan,
        surface=surface,
        terms=terms_of(values),
        weight=weight,
        saving=-np.diff(plan.today)[:-1],
        coming=coming,
        notes=_notes(values, unmeasured(plan.levers), left_out),
    )


def _range(values: Values, key: str, title: str = "") -> Range:
    """An assumption's value with its bounds, which a value beyond them widens; no width where it has none."""
    value = values.number(key)
    chosen = values.by_key.get(key)
    bounds = (None, None) if chosen is None else (chosen.low, chosen.high)
    low, high = (value if bound is None else bound for bound in bounds)
    return Range(key, title or _TITLES.get(key, key), min(low, value), value, max(high, value))


def _assumptions(outcome: Outcome, values: Values) -> tuple[list[Range], int]:
    """Assumptions with a width that can move the saving, the resources that save most first, and how many are left."""
    touched = _touched(outcome)
    moved = {lever.lever for lever in outcome.levers}
    is_upstream = bool(moved.intersection(_DEMAND_LEVERS))
    found: list[tuple[float, Range]] = []
    for parameter in parameters(outcome.bill):
        place = (parameter.lever, parameter.resource)
        if parameter.kind != "assumption" or parameter.key in _FUTURE or _is_plain(values, parameter):
            continue
        if place in touched or parameter.lever in moved.intersection(_DEMAND_LEVERS) or is_upstream:
            each = _range(values, parameter.key, parameter.title)
            found += [(-touched.get(place, 0.0), each)] if each.high > each.low else []
    found.sort(key=lambda pair: pair[0])
    kept = [each for _, each in found[:MOST_ASSUMPTIONS]]
    return kept, len(found) - len(kept)


def _is_plain(values: Values, parameter: Parameter) -> bool:
    """Whether nothing of it can be drawn: no number, no range, or not an assumption of a lever."""
    chosen = values.by_key[parameter.key]
    is_number = isinstance(chosen.value, int | float) and not isinstance(chosen.value, bool)
    return not is_number or chosen.low is None or parameter.lever in horizon.TITLES


def _touched(outcome: Outcome) -> dict[tuple[str, str], float]:
    """Resources whose settings or usage a plan moves, with how much of the saving is theirs (nanos, either sign)."""
    run = remembered_run(outcome.bill, outcome.scenario)
    changed = (p for p in parameters(outcome.bill) if p.kind == "setting" and run.values.is_changed(p.key))
    touched = {(parameter.lever, parameter.resource): 0.0 for parameter in changed}
    for delta in run.deltas:
        place = (delta.lever, delta.resource)
        touched[place] = touched.get(place, 0.0) + abs(delta.costs.headline)
    return touched


def _notes(values: Values, unmeasured_levers: Iterable[str], left_out: int) -> tuple[str, ...]:
    without = ", ".join(title_of(lever) for lever in unmeasured_levers)
    ramps = any(c.low is not None for key, c in values.by_key.items() if key.startswith("ramp."))
    said = {_UNMEASURED.format(without): bool(without), _LEFT_OUT.format(left_out): left_out > 0, _RAMPS: ramps}
    return tuple(sentence for sentence, applies in said.items() if applies)


_TITLES: Final = {
    horizon.GROWTH: "Usage growth a year",
    horizon.PRICE_CHANGE: "Price change a year",
    horizon.ONE_OFF_COST: "One-off cost of the change",
    horizon.RECURRING_COST: "Recurring cost a month",
    horizon.MINIMUM_SPEND: "Minimum spend agreed a year",
    horizon.DISCOUNT_RATE: "Discount rate a year",
}
