"""How sure a plan's saving is: 10,000 seeded draws of what is assumed, the same for the plan and for no change.

Settings and commitments are fixed before the draw (``pinned``): what is signed does not follow what comes. Each draw
takes growth, prices, every assumption with a range that can matter, and the model's own measured error. Quantiles are
of the whole; quantiles of parts do not add up and are not added.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from model import horizon
from model.drawing import drawn
from model.drawn_plan import drawn_plan
from model.forward_costs import SameOutcome
from model.horizon import HORIZON_MONTHS
from model.response_surface import exact_savings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.drawn_plan import DrawnPlan
    from model.outcome import Outcome

    Floats = NDArray[np.float64]

SEED: Final = 20_260_101
DRAWS: Final = 10_000
CHECKED_DRAWS: Final = 8
_SHOWN: Final = 0.005


@dataclass(frozen=True)
class Quantiles:
    """One in ten draws lies below p10, half below p50, nine in ten below p90."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True)
class TornadoBar:
    """Present value with one thing at its low and at its high, all others at their values."""

    key: str
    title: str
    low: float
    high: float
    npv_low: float
    npv_high: float

    @property
    def swing(self) -> float:
        """How far apart the two are."""
        return abs(self.npv_high - self.npv_low)


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """What the draws say, in currency units: mean saving a month over 36 months, present value, and by month (36, 3).

    ``surrogate_error`` is the mean difference between the surface and pricing a draw in full, over what such draws save
    in the mean; None where nothing is saved.
    """

    draws: int
    seed: int
    saving_per_month: Quantiles
    npv: Quantiles
    by_month: Floats
    probability_of_loss: float
    tornado: tuple[TornadoBar, ...]
    surrogate_error: float | None
    notes: tuple[str, ...]


def uncertain(outcome: Outcome, draws: int = DRAWS, seed: int = SEED) -> Uncertainty:
    """Draw the plan's future; the same outcome, draws and seed give the same figures."""
    return _uncertain(SameOutcome(outcome), draws, seed)


@lru_cache(maxsize=32)
def _uncertain(same: SameOutcome, draws: int, seed: int) -> Uncertainty:
    plan = drawn_plan(same.outcome)
    sample = drawn(plan.ranges, draws, seed)
    npv, saving = plan.npv(sample)
    return Uncertainty(
        draws=draws,
        seed=seed,
        saving_per_month=_quantiles(saving.mean(axis=1)),
        npv=_quantiles(npv),
        by_month=np.quantile(saving, (0.1, 0.5, 0.9), axis=0).T,
        probability_of_loss=float((npv < 0.0).mean()),
        tornado=_tornado(plan),
        surrogate_error=_surrogate_error(plan, sample, seed),
        notes=plan.notes,
    )


def _quantiles(values: Floats) -> Quantiles:
    p10, p50, p90 = (float(q) for q in np.quantile(values, (0.1, 0.5, 0.9)))
    return Quantiles(p10, p50, p90)


def _tornado(plan: DrawnPlan) -> tuple[TornadoBar, ...]:
    """A bar for everything that is drawn and moves the present value, the widest first."""
    if not plan.ranges:
        return ()
    middle = np.array([each.value for each in plan.ranges])
    rows = np.repeat(middle[None, :], 2 * len(plan.ranges), axis=0)
    for i, each in enumerate(plan.ranges):
        rows[2 * i, i], rows[2 * i + 1, i] = each.low, each.high
    npv = plan.npv(rows)[0].reshape(-1, 2).tolist()
    bars = (
        TornadoBar(each.key, each.title, each.low, each.high, low, high)
        for each, (low, high) in zip(plan.ranges, npv, strict=True)
    )
    return tuple(sorted((bar for bar in bars if bar.swing >= _SHOWN), key=lambda bar: (-bar.swing, bar.key)))


def _surrogate_error(plan: DrawnPlan, sample: Floats, seed: int) -> float | None:
    """Some draws, each in a month of its own, priced in full: mean difference ÷ mean saving; ramps left out."""
    if not np.any(np.diff(plan.plan.today)):
        return None
    full = plan.unramped()
    random = np.random.Generator(np.random.PCG64([seed, len(plan.ranges)]))
    exact, told = [], []
    for draw in random.integers(0, len(sample), CHECKED_DRAWS).tolist():
        month = int(random.integers(0, HORIZON_MONTHS))
        row = full.without_errors(sample[[draw]])
        told.append(float(full.savings(row)[0, month]))
        exact.append(_priced(full, row, month))
    size = math.fsum(abs(saving) for saving in exact)
    return math.fsum(abs(a - b) for a, b in zip(exact, told, strict=True)) / size if size else None


def _priced(plan: DrawnPlan, row: Floats, month: int) -> float:
    terms, years = plan.terms, (month + 1) / 12.0
    growth = float(plan.column(row, horizon.GROWTH, terms.growth_per_year)[0])
    price = float(plan.column(row, horizon.PRICE_CHANGE, terms.price_change_per_year)[0])
    values = {curve.key: float(plan.column(row, curve.key, 0.0)[0]) for curve in plan.surface.curves}
    demand, prices = (1.0 + growth) ** years, (1.0 + price) ** years
    usage, bought = exact_savings(plan.plan, values, demand, prices)
    if plan.coming.is_as_billed:
        return usage + bought
    _, relief, saved = plan.coming.layers(month, demand, prices)
    return usage + relief + saved
