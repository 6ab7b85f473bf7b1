"""A plan's saving as a surface: priced exactly at some nodes of demand, prices and each assumption, joined in between.

saving(g, p, a) ≈ U(g, p) + C(g, p) + Σ_i Δ_i(a_i) · g · p: the usage levers and the commitments on a grid of demand and
price levels, and what each assumption alone changes today, scaled with the bill. How far this is from pricing every
draw is measured on some of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.forward_costs import costs_at
from model.projection import AGREES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from model.commitment_future import Ahead
    from model.drawing import Range
    from model.forward_costs import Decided

    Floats = NDArray[np.float64]

_DEEPEST: Final = 4
_PRICE_NODES: Final = 5
BASELINE, USAGE, COMMITMENTS = range(3)
"""Layers of the grid: cost as it is, saving of the usage levers, saving of new commitments; a month, currency units."""


@dataclass(frozen=True, eq=False)
class Curve:
    """What one assumption changes of the saving a month today, at nodes of its value."""

    key: str
    nodes: Floats
    change: Floats

    def at(self, value: Floats) -> Floats:
        """The change at values (n,), straight between nodes."""
        return np.interp(value, self.nodes, self.change)


@dataclass(frozen=True, eq=False)
class Surface:
    """The grid (G, P, 3) over demand and price level, and a curve per assumption.

    ``by_state`` holds it for each set of commitments in force and ``state`` (36,) which of them a month ahead has; both
    are empty where all months are as the window.
    """

    demand: Floats
    price: Floats
    grid: Floats
    curves: tuple[Curve, ...]
    by_state: tuple[Floats, ...] = ()
    state: tuple[int, ...] = ()

    def at(self, demand: Floats, price: Floats, weights: Floats, month: int | None = None) -> Floats:
        """Σ layers × ``weights`` (3,) at demand and price levels (n,), bilinear; the ends are not left."""
        grid = self.by_state[self.state[month]] if self.by_state and month is not None else self.grid
        table = np.ascontiguousarray(grid @ weights)
        at, above = _place(self.demand, demand)
        if len(self.price) == 1:
            return _between(table[at, 0], table[np.minimum(at + 1, len(table) - 1), 0], above)
        column, dearer = _place(self.price, price)
        flat, width, cell = table.ravel(), len(self.price), at * len(self.price) + column
        low = _between(flat[cell], flat[cell + 1], dearer)
        if len(table) == 1:
            return low
        return _between(low, _between(flat[cell + width], flat[cell + width + 1], dearer), above)


def _between(low: Floats, high: Floats, share: Floats) -> Floats:
    mixed: Floats = low + (high - low) * share
    return mixed


def _place(nodes: Floats, value: Floats) -> tuple[NDArray[np.intp], Floats]:
    """The node below each value, and how far above it (0..1) the value lies."""
    if len(nodes) == 1:
        return np.zeros(len(value), dtype=np.intp), np.zeros(len(value))
    below = np.clip(np.searchsorted(nodes, value, side="right") - 1, 0, len(nodes) - 2)
    return below, np.clip((value - nodes[below]) / np.diff(nodes)[below], 0.0, 1.0)


def surface_of(
    plan: Decided,
    demands: tuple[float, float],
    prices: tuple[float, float],
    assumptions: Sequence[Range],
    coming: Ahead,
) -> Surface:
    """Price a plan at nodes of demand (halved where its cost bends), of prices, and at each assumption's ends.

    ``coming`` are the commitments in the months ahead, which may start and end.
    """
    price = _price_nodes(*prices)

    def at(demand: float) -> Floats:
        return _layers(costs_at(plan, plan.scenario, demand, price.tolist(), plan.ends))

    known = {1.0: at(1.0)}
    known[1.0][int(np.searchsorted(price, 1.0))] = _layers(plan.today[[*plan.ends, -1]])
    for end in demands:
        if end != 1.0:
            _halve(known, at, 1.0, end, 2.0 * AGREES * abs(float(plan.today[0])))
    nodes = sorted(known)
    curves = tuple(_curve(plan, each) for each in assumptions)
    grid = np.array([known[node] for node in nodes])
    if coming.is_as_billed:
        return Surface(np.array(nodes), price, grid, curves)
    firsts = [coming.state.index(number) for number in range(max(coming.state) + 1)]
    by_state = tuple(_in_month(grid, coming, month, nodes, price) for month in firsts)
    return Surface(np.array(nodes), price, grid, curves, by_state, coming.state)


def _in_month(grid: Floats, coming: Ahead, month: int, demand: Sequence[float], price: Floats) -> Floats:
    """The grid with the commitments that are in force in a month."""
    shifts = np.array([[coming.layers(month, node, each) for each in price.tolist()] for node in demand])
    return np.asarray(np.stack(
        [grid[..., BASELINE] + shifts[..., 0], grid[..., USAGE] + shifts[..., 1], shifts[..., 2]], axis=-1
    ), dtype=np.float64)  # fmt: skip


def exact_saving(plan: Decided, values: dict[str, float], demand: float, price: float) -> float:
    """What a plan saves a month at one demand, price level and set of assumptions, priced by every lever."""
    return sum(exact_savings(plan, values, demand, price))


def exact_savings(plan: Decided, values: dict[str, float], demand: float, price: float) -> tuple[float, float]:
    """The same, of the usage levers and of what is bought at once."""
    scenario = plan.scenario
    for key, value in values.items():
        scenario = scenario.with_assumption(key, value)
    steps = costs_at(plan, scenario, demand, [price], plan.ends)[0]
    return float(steps[0] - steps[-2]), float(steps[-2] - steps[-1])


def _price_nodes(low: float, high: float) -> Floats:
    if low == high == 1.0:
        return np.ones(1)
    return np.unique(np.concatenate([[1.0], np.geomspace(min(low, 1.0), max(high, 1.0), _PRICE_NODES)]))


def _layers(steps: Floats) -> Floats:
    """Costs (…, N+1) → baseline, saving of usage levers, saving of commitments (…, 3)."""
    now, usage, after = steps[..., 0], steps[..., -2], steps[..., -1]
    return np.stack([now, now - usage, usage - after], axis=-1)


def _halve(
    known: dict[float, Floats], at: Callable[[float], Floats], low: float, high: float, tolerance: float, depth: int = 0
) -> None:
    """Add nodes between two until the middle of each stretch lies within the tolerance."""
    middle = (low + high) / 2.0
    for node in (low, middle, high):
        if node not in known:
            known[node] = at(node)
    miss = float(np.abs(known[middle] - (known[low] + known[high]) / 2.0).max())
    if depth + 1 < _DEEPEST and miss > tolerance:
        _halve(known, at, low, middle, tolerance, depth + 1)
        _halve(known, at, middle, high, tolerance, depth + 1)


def _curve(plan: Decided, each: Range) -> Curve:
    """An assumption's ends and the middles towards them, each priced with the others at their values."""
    nodes = sorted({each.low, (each.low + each.value) / 2.0, each.value, (each.value + each.high) / 2.0, each.high})
    now = float(plan.today[-1])

    def change(value: float) -> float:
        if value == each.value:
            return 0.0
        scenario = plan.scenario.with_assumption(each.key, value)
        return now - float(costs_at(plan, scenario, 1.0, [1.0], (len(plan.levers),))[0, -1])

    ends = {node: change(node) for node in (each.low, each.high)}
    if not any(ends.values()):
        return Curve(each.key, np.array([each.value]), np.zeros(1))
    return Curve(each.key, np.array(nodes), np.array([ends[n] if n in ends else change(n) for n in nodes]))
