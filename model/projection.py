"""The next 36 months: what would be paid as it is and with the plan, and the flows that the difference makes.

A month ahead is the window's monthly average of what recurs, at that month's demand (1 + g)^(k/12) and prices
(1 + p)^(k/12), k = 1…36, repriced by every lever; settings stay as decided today, commitments start and end in their
months. Demand moves usage before levers, so tiers follow in steps; prices move what is paid for use, not what is
signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model import finance, horizon
from model.commitment_future import ahead
from model.commitment_pools import pool_title
from model.costs import NOT_IN_HEADLINE, Costs
from model.forward_costs import SameOutcome, costs_at, decided, paid_once, pinned
from model.horizon import HORIZON_MONTHS
from model.money import NANOS
from model.outcome import RATE_LEVER, parameters
from model.ramp import ramp_share

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from model.forward_costs import Decided
    from model.outcome import Outcome
    from model.parameter import Values

    Floats = NDArray[np.float64]

__all__ = ["Projection", "Terms", "figures", "pinned", "project", "terms_of"]

AGREES: Final = 5e-4
"""Months between two that are priced are interpolated where this share of the bill is not exceeded in their middle."""

_NAMED: Final = 3
_RENEWED: Final = "{}: its 1-year commitment is taken as renewed each year at the same fee over the 36 months."
_RUNGS: Final = "{}: its rungs are taken to start and end in their months, and none is renewed."
_EXISTING: Final = (
    "Commitments of {} in the bill are taken as renewed over the 36 months: the bill does not tell when they end. Type "
    "held_months_left, or give cud_subscriptions_export."
)
_ENDING: Final = (
    "Commitments of {} in the bill end after {:.0f} months and are not renewed: from there on their fee is no longer "
    "due and what they covered is paid at on-demand, unless the plan buys anew."
)


@dataclass(frozen=True)
class Terms:
    """What is assumed of money and time: yearly rates as ratios, amounts in currency units."""

    growth_per_year: float
    price_change_per_year: float
    discount_rate_per_year: float
    one_off_cost: float
    recurring_cost_per_month: float
    minimum_spend_per_year: float


@dataclass(frozen=True, eq=False)
class Projection:
    """36 months ahead in currency units a month, nominal; arrays by month ahead (36,) unless said otherwise.

    ``after_usage`` has the usage levers, ``after_commitments`` all of the plan; ``shortfall`` is what the plan pays
    more than today's settings towards a minimum spend, at each year's end. ``flows`` (37,) is −one-off cost today, then
    baseline − after_commitments − recurring cost − shortfall. ``run_rate`` is the window's last month beside its
    average. ``esr_now`` and ``esr_plan`` are 1 − effective cost ÷ on-demand cost of the window; None without one.
    """

    currency: str
    months: tuple[int, ...]
    demand: Floats
    prices: Floats
    baseline: Floats
    after_usage: Floats
    after_commitments: Floats
    shortfall: Floats
    flows: Floats
    one_off: float
    recurring: float
    rate_per_year: float
    run_rate: float
    esr_now: float | None
    esr_plan: float | None
    notes: tuple[str, ...]

    @property
    def saving(self) -> Floats:
        """Baseline − plan before recurring cost and shortfall."""
        return self.baseline - self.after_commitments

    @property
    def discounted(self) -> Floats:
        """Flows at today's value (37,)."""
        rate = finance.monthly_rate(self.rate_per_year)
        return np.asarray(self.flows / (1.0 + rate) ** np.arange(len(self.flows)), dtype=np.float64)

    @property
    def cumulative(self) -> Floats:
        """Running total of the flows (37,)."""
        return np.cumsum(self.flows)


def figures(projection: Projection) -> finance.Figures:
    """Present value, return and payback of the plan over the 36 months."""
    return finance.judge(projection.flows.tolist(), projection.rate_per_year)


def project(outcome: Outcome) -> Projection:
    """The next 36 calendar months of an outcome; remembered by bill and scenario."""
    return _projected(SameOutcome(outcome))


@lru_cache(maxsize=32)
def _projected(same: SameOutcome) -> Projection:
    outcome = same.outcome
    values = outcome.scenario.values(parameters(outcome.bill))
    terms = terms_of(values)
    k = np.arange(1, HORIZON_MONTHS + 1) / 12.0
    demand, prices = (1.0 + terms.growth_per_year) ** k, (1.0 + terms.price_change_per_year) ** k
    baseline, after_usage, after = _costs_ahead(outcome, values, demand, prices)
    floor = np.array(terms.minimum_spend_per_year)
    shortfall = shortfalls(after, floor) - shortfalls(baseline, floor)
    monthly = baseline - after - terms.recurring_cost_per_month - shortfall
    return Projection(
        currency=outcome.bill.currency,
        months=months_after(outcome.bill.months[-1]),
        demand=demand,
        prices=prices,
        baseline=baseline,
        after_usage=after_usage,
        after_commitments=after,
        shortfall=shortfall,
        flows=np.concatenate([[-terms.one_off_cost], monthly]),
        one_off=terms.one_off_cost,
        recurring=terms.recurring_cost_per_month,
        rate_per_year=terms.discount_rate_per_year,
        run_rate=outcome.baseline.by_month.get(outcome.bill.months[-1], Costs()).headline / NANOS,
        esr_now=_esr(outcome, is_plan=False),
        esr_plan=_esr(outcome, is_plan=True),
        notes=_notes(outcome),
    )


def _costs_ahead(outcome: Outcome, values: Values, demand: Floats, prices: Floats) -> tuple[Floats, Floats, Floats]:
    """Cost by month ahead (36,) at today's settings, with the usage levers, and with all of the plan, ramped in."""
    plan = decided(outcome)
    shares = [ramp_share_of(values, lever) for lever in (*plan.levers, RATE_LEVER)]
    is_ramped = any((share != 1.0).any() for share in shares)
    steps = _steps_ahead(plan, demand, prices, plan.each_lever if is_ramped else plan.ends)
    savings = -np.diff(steps, axis=1)
    coming = ahead(outcome)
    if coming.pools:
        savings[:, -1] = coming.saved(demand, prices)
    now, then = (coming.ended(demand, prices, is_plan=is_plan) for is_plan in (False, True))
    full = savings[:, :-1].sum(axis=1)
    if is_ramped:
        savings = savings * np.stack(shares, axis=1)
    ramped = savings[:, :-1].sum(axis=1)
    relief = (now - then) * np.divide(ramped, full, out=np.ones_like(full), where=full != 0.0)
    baseline = steps[:, 0] + now
    after_usage = baseline - ramped - relief
    return baseline, after_usage, after_usage - savings[:, -1]


def terms_of(values: Values) -> Terms:
    """Money and time as the scenario assumes them."""
    return Terms(
        growth_per_year=values.number(horizon.GROWTH),
        price_change_per_year=values.number(horizon.PRICE_CHANGE),
        discount_rate_per_year=values.number(horizon.DISCOUNT_RATE),
        one_off_cost=values.number(horizon.ONE_OFF_COST),
        recurring_cost_per_month=values.number(horizon.RECURRING_COST),
        minimum_spend_per_year=values.number(horizon.MINIMUM_SPEND),
    )


def ramp_share_of(values: Values, lever: str) -> Floats:
    """Share of a lever's saving in each month ahead (36,)."""
    return ramp_share(values.number(f"ramp.{lever}.start_month"), values.number(f"ramp.{lever}.months"))


def months_after(month: int, count: int = HORIZON_MONTHS) -> tuple[int, ...]:
    """The calendar months that follow one, YYYYMM.

    >>> months_after(202511, 3)
    (202512, 202601, 202602)
    """
    first = month // 100 * 12 + month % 100
    return tuple((first + i) // 12 * 100 + (first + i) % 12 + 1 for i in range(count))


def shortfalls(spend: Floats, minimum_per_year: Floats) -> Floats:
    """What is due below a minimum spend (…) at each year's end: spend by month (…, 36) → (…, 36).

    A minimum of 0 is no agreement: nothing is due, also where refunds make a year negative.
    """
    due: Floats = np.zeros_like(spend)
    for last in range(11, spend.shape[-1], 12):
        year = spend[..., last - 11 : last + 1].sum(axis=-1)
        due[..., last] = np.where(minimum_per_year > 0.0, np.maximum(minimum_per_year - year, 0.0), 0.0)
    return due


def _steps_ahead(plan: Decided, demand: Floats, prices: Floats, counts: tuple[int, ...]) -> Floats:
    """Cost by month ahead and step (36, N+1); a month is priced where its neighbours do not tell it."""
    today = plan.today[[*counts, -1]]
    if (demand == 1.0).all() and (prices == 1.0).all():
        return np.tile(today, (len(demand), 1))
    if (demand == 1.0).all():
        return costs_at(plan, plan.scenario, 1.0, prices.tolist(), counts)

    def at(month: int) -> Floats:
        growth, price = float(demand[month]), float(prices[month])
        steps: Floats = costs_at(plan, plan.scenario, growth, [price], counts)[0]
        return steps

    return interpolated(at, demand * prices, AGREES * abs(float(today[0])))


def interpolated(at: Callable[[int], Floats], scale: Floats, tolerance: float) -> Floats:
    """Values (n, S) of ``at(0…n − 1)``: stretches are halved until their middle lies within the tolerance × scale.

    Between two that are known values are joined straight over ``scale`` (n,), since costs follow it: what is a fixed
    amount plus a share of the scale is exact. ``scale`` rises, falls or stays from first to last.
    """
    last = len(scale) - 1
    rise = float(scale[last] - scale[0])
    place = np.arange(last + 1.0) if abs(rise) < 1e-9 else scale * np.sign(rise)
    known = {i: at(i) for i in {0, last}}

    def fill(low: int, high: int) -> None:
        middle = (low + high) // 2
        if middle == low:
            return
        known[middle] = at(middle)
        weight = (place[middle] - place[low]) / (place[high] - place[low])
        guess = known[low] * (1.0 - weight) + known[high] * weight
        if float(np.abs(known[middle] - guess).max()) > tolerance * scale[middle] or high - low == last:
            fill(low, middle)
            fill(middle, high)

    fill(0, last)
    at_known = sorted(known)
    table = np.array([known[i] for i in at_known])
    columns = [np.interp(place, place[at_known], column) for column in table.T]
    return np.stack(columns, axis=1)


def _esr(outcome: Outcome, *, is_plan: bool) -> float | None:
    """1 − effective ÷ on-demand over the window, lines beside the headline left out."""
    lines = outcome.bill.lines
    beside = np.isin(lines.text["charge_class"], NOT_IN_HEADLINE)
    on_demand = float(lines.on_demand_nanos[~beside].sum(dtype=np.float64))
    effective = outcome.result.total.headline if is_plan else outcome.baseline.total.headline
    if is_plan:
        on_demand += float(sum(delta.costs.on_demand for delta in outcome.deltas))
    return 1.0 - effective / on_demand if on_demand > 0.0 else None


def _notes(outcome: Outcome) -> tuple[str, ...]:
    bought = [(pool_title(pool.name), pool.term, pool.rungs) for pool in outcome.pools if pool.rungs]
    renewed = [_RENEWED.format(title) for title, term, rungs in bought if term == "1y" and rungs[0].is_renewed]
    renewed += [_RUNGS.format(title) for title, _, rungs in bought if not rungs[0].is_renewed]
    return (*renewed, *_standing(outcome), *_left_out(outcome))


def _left_out(outcome: Outcome) -> tuple[str, ...]:
    """What of the window comes once and is not projected, the largest by SKU."""
    bill = outcome.bill
    if not bill.one_offs:
        return ()
    largest = sorted(bill.one_offs, key=lambda each: (-abs(each.nanos), each.sku))
    named = ", ".join(f"{each.nanos / NANOS:,.2f} of {each.sku or each.service}" for each in largest[:_NAMED])
    more = f" and {len(largest) - _NAMED} more" if len(largest) > _NAMED else ""
    amount = f"{paid_once(bill):,.2f} {bill.currency}"
    return (f"Left out of the months ahead: {amount} of refunds and corrections that come once ({named}{more}).",)


def _standing(outcome: Outcome) -> tuple[str, ...]:
    """What is taken of commitments that the bill pays for: renewed where their end is not known, else ended."""
    values = outcome.scenario.values(parameters(outcome.bill))
    paid = [pool.name for pool in outcome.pools if pool.existing.fee_per_hour > 0.0]
    ends = {name: values.get(f"{RATE_LEVER}.{name}.held_months_left") for name in paid}
    unknown = [name for name, end in ends.items() if not isinstance(end, int | float)]
    known = [(name, float(end)) for name, end in ends.items() if isinstance(end, int | float)]
    ending = tuple(_ENDING.format(pool_title(name), end) for name, end in known if end < HORIZON_MONTHS)
    return (*([_EXISTING.format("; ".join(map(pool_title, unknown)))] if unknown else []), *ending)
