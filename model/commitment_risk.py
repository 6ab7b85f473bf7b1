"""What could go wrong with a commitment: its own term drawn many times, and when it loses money.

Growth and prices are drawn as everywhere (seeded triangles), each draw for the commitment's own term: the fee stays,
what it finds to cover does not. Under uncertainty the best amount is the d-quantile of all hours of the term pooled
over the draws, with the months discounted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model import finance
from model.commitment_load import Future, saved_by_month, searched
from model.drawing import drawn
from model.levers.commitment_plan import TERM_MONTHS
from model.uncertainty import DRAWS, SEED, Quantiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from model.commitment_load import TermLoad
    from model.drawing import Range

    Floats = NDArray[np.float64]

FINE: Final = (65, 9)
COARSE: Final = (17, 5)
"""Nodes of demand and of prices between which draws are joined: fine for one amount, coarse to compare many."""


@dataclass(frozen=True)
class TermRisk:
    """One amount over its own term, in currency units; ``owed`` (T+1,) is what is still due before each month.

    ``npv`` is against on-demand in the future as assumed, ``drawn_npv`` over the draws; ``probability_of_loss`` is the
    share of draws with a negative one, ``best_commit_per_hour`` the amount of highest mean NPV (None for rungs, which
    are judged over 36 months, ``owed`` then counting those that have started). ``largest_fall`` is by how much usage
    may be lower throughout (0..1) until nothing is saved, None where nothing is saved as it is; ``safe_from_month`` the
    first month after which all usage may vanish and nothing is lost, None for never.
    """

    term: str
    months: int
    commit_per_hour: float
    covered_on_demand_per_hour: float
    npv: float
    drawn_npv: Quantiles
    probability_of_loss: float
    best_commit_per_hour: float | None
    best_covered_on_demand_per_hour: float | None
    saving_by_month: tuple[float, ...]
    owed: tuple[float, ...]
    largest_fall: float | None
    safe_from_month: int | None
    draws: int
    seed: int

    @property
    def lock_in(self) -> float:
        """What the signature binds: the fee of the whole term."""
        return self.owed[0]


@dataclass(frozen=True)
class Money:
    """What growth and prices may do, and what later money is worth: ranges of yearly ratios, a yearly rate.

    ``usage_share`` is what of the window's usage they start from: less where usage has fallen within it.
    """

    growth: Range
    price: Range
    rate_per_year: float
    draws: int = DRAWS
    seed: int = SEED
    usage_share: float = 1.0

    def weights(self, months: int) -> Floats:
        """Present value of one unit at each month's end (T,)."""
        rate = finance.monthly_rate(self.rate_per_year)
        return np.asarray((1.0 + rate) ** -np.arange(1.0, months + 1.0), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Draws:
    """Demand and scale by draw and month (n, T), with a grid of both that they lie in."""

    demand: Floats
    scale: Floats
    demand_nodes: Floats
    scale_nodes: Floats

    def corners(self, months: NDArray[np.int64]) -> list[tuple[NDArray[np.int64], NDArray[np.int64], Floats]]:
        """The four grid points around the draws of some months, with their weights."""
        d, wd = _place(self.demand_nodes, self.demand[:, months])
        s, ws = _place(self.scale_nodes, self.scale[:, months])
        up, right = np.minimum(d + 1, len(self.demand_nodes) - 1), np.minimum(s + 1, len(self.scale_nodes) - 1)
        return [
            (d, s, (1.0 - wd) * (1.0 - ws)), (up, s, wd * (1.0 - ws)),
            (d, right, (1.0 - wd) * ws), (up, right, wd * ws),
        ]  # fmt: skip


def term_risk(term: TermLoad, level: float, future: Future, money: Money) -> TermRisk:
    """Judge an amount (discounted units per hour) over its own term; ``future`` is the one that is assumed."""
    months = TERM_MONTHS[term.term]
    weights = money.weights(months)
    saving = saved_by_month(term, np.array([level]), future, months)[:, 0]
    npv = _npv(term, level, _draws(money, months, FINE, term.load.demand), weights)
    best = _best(term, _draws(money, months, COARSE, np.ones(1)), weights)
    fee = level * term.load.hours_per_month
    owed = tuple((fee * np.arange(months, -1, -1)).tolist())
    return TermRisk(
        term=term.term,
        months=months,
        commit_per_hour=level,
        covered_on_demand_per_hour=level / term.mean_paid,
        npv=float(weights @ saving),
        drawn_npv=Quantiles(*(float(q) for q in np.quantile(npv, (0.1, 0.5, 0.9)))),
        probability_of_loss=float((npv < 0.0).mean()),
        best_commit_per_hour=best,
        best_covered_on_demand_per_hour=best / term.mean_paid,
        saving_by_month=tuple(saving.tolist()),
        owed=owed,
        largest_fall=_largest_fall(term, level, future, months),
        safe_from_month=safe_from(saving, owed),
        draws=money.draws,
        seed=money.seed,
    )


def npv_by_draw(term: TermLoad, level: float, money: Money) -> Floats:
    """Present value of an amount against on-demand by draw (n,); draws of several pools belong together."""
    months = TERM_MONTHS[term.term]
    return _npv(term, level, _draws(money, months, FINE, term.load.demand), money.weights(months))


def _draws(money: Money, months: int, nodes: tuple[int, int], bends: Floats) -> _Draws:
    """The same slices as every other draw of the plan: growth first, then prices; ``bends`` (B,) are nodes too."""
    ranges = [each for each in (money.growth, money.price) if each.high > each.low]
    sample = drawn(ranges, money.draws, money.seed)
    years = np.arange(1, months + 1) / 12.0

    def path(each: Range) -> Floats:
        rate = sample[:, ranges.index(each)] if each in ranges else np.full(money.draws, each.value)
        return np.asarray((1.0 + rate[:, None]) ** years, dtype=np.float64)

    demand, scale = path(money.growth), path(money.price) * money.usage_share
    return _Draws(demand, scale, _nodes(demand, nodes[0], bends), _nodes(scale, nodes[1], np.ones(1)))


def _nodes(values: Floats, count: int, bends: Floats) -> Floats:
    """Evenly spread in logarithms, and where what is covered may bend: a commitment that is used in full stays so."""
    low, high = float(values.min()), float(values.max())
    return np.unique(np.concatenate([np.geomspace(low, high, count), bends[(bends > low) & (bends < high)]]))


def _place(nodes: Floats, values: Floats) -> tuple[NDArray[np.int64], Floats]:
    below = np.clip(np.searchsorted(nodes, values, side="right") - 1, 0, max(0, len(nodes) - 2)).astype(np.int64)
    above = np.minimum(below + 1, len(nodes) - 1)
    width = nodes[above] - nodes[below]
    weight = np.divide(values - nodes[below], width, out=np.zeros_like(values), where=width > 0.0)
    return below, np.clip(weight, 0.0, 1.0)


def _npv(term: TermLoad, level: float, draws: _Draws, weights: Floats) -> Floats:
    """Present value of the saving by draw (n,)."""
    covered = _covered_value(term, np.full(len(weights), level), draws, weights)
    return covered - level * term.load.hours_per_month * float(weights.sum())


def npv_of_levels(term: TermLoad, levels: Floats, fees: Floats, money: Money) -> Floats:
    """Present value by draw (n,) of levels that change: (T,) discounted units per hour at ``term``'s prices.

    ``fees`` (T,) are what is paid in each month.
    """
    draws, weights = _draws(money, len(levels), FINE, term.load.demand), money.weights(len(levels))
    return _covered_value(term, levels, draws, weights) - float(fees @ weights)


def _covered_value(term: TermLoad, levels: Floats, draws: _Draws, weights: Floats) -> Floats:
    """Present value of what levels (T,) cover, by draw (n,)."""
    total = np.zeros(len(draws.demand))
    for state, of_state in _states(term, len(weights)):
        for level in np.unique(levels[of_state]).tolist():
            months = of_state[levels[of_state] == level]
            table = term.covered(np.array(level), state, draws.demand_nodes[:, None], draws.scale_nodes[None, :])
            covered = sum(table[d, s] * w for d, s, w in draws.corners(months))
            total += covered @ weights[months]
    return total


def _best(term: TermLoad, draws: _Draws, weights: Floats) -> float:
    """The level of highest mean present value."""
    shape = (len(draws.demand_nodes), len(draws.scale_nodes))
    mass = {}
    for state, months in _states(term, len(weights)):
        spread = np.broadcast_to(weights[months], (len(draws.demand), len(months)))
        parts = [
            np.bincount((d * shape[1] + s).ravel(), (w * spread).ravel(), shape[0] * shape[1])
            for d, s, w in draws.corners(months)
        ]
        mass[state] = np.sum(parts, axis=0).reshape(shape) / len(draws.demand)
    demand, scale = draws.demand_nodes[:, None, None], draws.scale_nodes[None, :, None]

    def value(levels: Floats) -> Floats:
        covered = sum(np.tensordot(m, term.covered(levels, state, demand, scale), 2) for state, m in mass.items())
        return np.asarray(covered - levels * term.load.hours_per_month * float(weights.sum()), dtype=np.float64)

    return searched(value, term.top * max(1.0, float(draws.scale_nodes.max())))


def _states(term: TermLoad, months: int) -> list[tuple[int, NDArray[np.int64]]]:
    state = term.state[:months]
    return [(int(each), np.flatnonzero(state == each).astype(np.int64)) for each in np.unique(state)]


def _largest_fall(term: TermLoad, level: float, future: Future, months: int) -> float | None:
    def saving(left: float) -> float:
        fallen = Future("", future.demand, future.scale * left)
        return float(saved_by_month(term, np.array([level]), fallen, months).sum())

    return None if level <= 0.0 else largest_fall(saving)


def largest_fall(saving: Callable[[float], float]) -> float | None:
    """By how much usage may fall until ``saving`` (of the share that is left) is 0; None where it is negative now.

    By bisection: the saving never rises when usage falls.
    """
    if saving(1.0) < 0.0:
        return None
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2.0
        low, high = (low, middle) if saving(middle) >= 0.0 else (middle, high)
    return 1.0 - high


def safe_from(saving: Floats, owed: Sequence[float]) -> int | None:
    """First month k with Σ_{j ≤ k} saving ≥ what is owed after it; ``saving`` (T,), ``owed`` (T+1,)."""
    after = np.array(owed[1:])
    enough = np.cumsum(saving) >= after - 1e-9 * max(owed[0], *owed[1:])
    return int(np.flatnonzero(enough)[0]) + 1 if enough.any() else None
