"""A pool's usage at other demands: what a commitment of some size would cover in each month of its own term.

Between two demands at which the levers were run each node is scaled by what the pool uses there, T(demand) ÷ T(node)
with T joined straight, and both are joined: usage that demand does not move (a database's tier) is not scaled by it,
and what is covered in full at both is so between them.
Months of the assumed growth are nodes themselves, so they are exact. Existing commitments cover their
share while they stand. Prices and what falls away scale the hours: with the factor f a commitment C covers
f · V(C ÷ f), since its fee stays as it was signed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.commitment_curve import TIE, commitment_curve, paid_ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from model.behaviour.commitment_curve import CommitmentCurve, FillOrder

    Floats = NDArray[np.float64]

LEVELS: Final = 257
ROUNDS: Final = 5


@dataclass(frozen=True, eq=False)
class Load:
    """Usage of one pool in on-demand units by demand node (N,), rate class and calendar hour: (N, K, C) each.

    ``covered`` is what existing commitments cover of ``hours``; ``standing`` (T,) is the share of them that stands in
    each month ahead, ``bought_since`` what was typed beside the bill, in on-demand units per hour. ``months`` are
    those of the window. ``is_units``: of resource commitments, which cover units whatever they cost.
    """

    name: str
    classes: tuple[str, ...]
    fill_order: FillOrder
    demand: Floats
    hours: Floats
    covered: Floats
    standing: Floats
    bought_since: float
    months: int
    is_units: bool = False

    @property
    def hours_per_month(self) -> float:
        """Calendar hours of the window ÷ its months."""
        return float(self.hours.shape[2]) / self.months

    def left(self, node: int, share: float, kept: Floats | None = None) -> Floats:
        """What a new commitment could cover (K, C) at a demand node while a share of existing ones stands.

        ``kept`` (K, C) is the share of the usage that is still there.
        """
        hours = self.hours[node] if kept is None else self.hours[node] * kept
        left = hours - np.minimum(hours, self.covered[node] * share)
        if self.bought_since <= 0.0:
            return np.asarray(left, dtype=np.float64)
        total = left.sum(axis=0)
        taken = np.divide(np.minimum(total, self.bought_since), total, out=np.zeros_like(total), where=total > 0.0)
        return np.asarray(left * (1.0 - taken), dtype=np.float64)

    def between(self, demand: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """The nodes below and above each demand, and how far between them (0..1) it lies."""
        below = np.clip(np.searchsorted(self.demand, demand, side="right") - 1, 0, max(0, len(self.demand) - 2))
        above = np.minimum(below + 1, len(self.demand) - 1)
        width = self.demand[above] - self.demand[below]
        return below, above, np.divide(demand - self.demand[below], width, out=np.zeros_like(width), where=width > 0.0)

    def usage_at(self, demand: float) -> tuple[Floats, Floats]:
        """Hours and what existing commitments cover of them (K, C) at any demand: both nodes, joined straight."""
        low, high, joined = self.between(np.asarray(demand))
        weight = float(joined)
        if weight == 0.0:
            return self.hours[int(low)], self.covered[int(low)]
        hours, covered = (x[int(low)] * (1.0 - weight) + x[int(high)] * weight for x in (self.hours, self.covered))
        return hours, covered

    def left_at(self, demand: float, share: float, kept: Floats | None = None) -> Floats:
        """What a new commitment could cover (K, C) at any demand: the hours of both nodes, joined straight."""
        low, high, joined = self.between(np.asarray(demand))
        below, weight = self.left(int(low), share, kept), float(joined)
        return below if weight == 0.0 else (1.0 - weight) * below + weight * self.left(int(high), share, kept)


@dataclass(frozen=True, eq=False)
class TermLoad:
    """A pool at the discounts of one term, which ``rows`` of its classes have; curves are made as they are asked for.

    ``states`` are shares of what stands, each then again with the ``kept`` (K, C) part of the usage; ``state`` (T,) is
    the state of each month ahead, ``without`` (T,) that with one workload gone.
    """

    load: Load
    term: str
    discounts: Mapping[str, float]
    rows: tuple[int, ...]
    mean_paid: float
    states: tuple[tuple[float, Floats | None], ...]
    state: NDArray[np.int64]
    without: NDArray[np.int64]
    _curves: dict[tuple[int, int], CommitmentCurve] = field(default_factory=dict, repr=False)

    @cached_property
    def top(self) -> float:
        """The largest commitment that could be used in full in any hour of any state, discounted units per hour."""
        paid = np.array([paid_ratio(self.discounts[self.load.classes[k]]) for k in self.rows])
        least = min(share for share, _ in self.states)
        left = (self.load.left(node, least)[list(self.rows)] for node in range(len(self.load.demand)))
        return max(float((paid @ hours).max()) for hours in left)

    def curve(self, state: int, node: int) -> CommitmentCurve:
        """What a commitment covers at one demand node in one state."""
        found = self._curves.get((state, node))
        if found is None:
            hours = self.load.left(node, *self.states[state])[list(self.rows)]
            rates = [self.discounts[self.load.classes[k]] for k in self.rows]
            found = self._curves[state, node] = commitment_curve(hours, rates, self.load.fill_order)
        return found

    def covered(self, level: Floats, state: int, demand: Floats, scale: Floats) -> Floats:
        """On-demand units covered a month by ``level`` at demand and scale; all of one shape or broadcast.

        Units stay as many when prices fall, so what they cover is worth less; as a scale does not tell prices from
        usage, the lower of both readings is taken: with f = scale, f · V(C ÷ max(1, f)).
        """
        if self.load.is_units:
            most = np.maximum(scale, 1.0)
            return np.asarray(self._covered(level, state, demand, most) * (scale / most), dtype=np.float64)
        return self._covered(level, state, demand, scale)

    def _covered(self, level: Floats, state: int, demand: Floats, scale: Floats) -> Floats:
        below, _, weight = self.load.between(demand)
        shape = np.broadcast_shapes(level.shape, demand.shape, scale.shape)
        levels, scales, nodes, weights = (np.broadcast_to(each, shape) for each in (level, scale, below, weight))
        total = np.zeros(shape)
        for node in np.unique(below).tolist():
            here = nodes == node
            total[here] = self._joined(state, node, levels[here], scales[here], weights[here])
        return total / self.load.months

    def _joined(self, state: int, node: int, level: Floats, scale: Floats, weight: Floats) -> Floats:
        """Between a node and the next, all (n,): both scaled to the usage T(demand) there, and joined.

        At least what both join to as they are: hours that lie straight between the nodes cover no less.
        """
        low = self.curve(state, node)
        if not weight.any():
            return _scaled(low, level, scale)
        high = self.curve(state, node + 1)
        usage = low.on_demand + weight * (high.on_demand - low.on_demand)
        scaled, as_they_are = np.zeros(level.shape), np.zeros(level.shape)
        for curve, share in ((low, 1.0 - weight), (high, weight)):
            as_they_are += share * _scaled(curve, level, scale)
            if curve.on_demand > 0.0:
                scaled += share * _scaled(curve, level, scale * usage / curve.on_demand)
        is_between = (weight >= 0.0) & (weight <= 1.0)
        return np.where(is_between, np.maximum(scaled, as_they_are), scaled)

    def saving(self, level: Floats, state: int, demand: Floats, scale: Floats) -> Floats:
        """Covered − fee a month; negative where the fee finds too little."""
        return self.covered(level, state, demand, scale) - level * self.load.hours_per_month


def _scaled(curve: CommitmentCurve, level: Floats, factor: Floats) -> Floats:
    """What a level covers where all hours of a curve are ``factor`` times as large: f · V(C ÷ f)."""
    part = np.divide(level, factor, out=np.zeros_like(level), where=factor > 0.0)
    return factor * curve.covered_at(part)


@dataclass(frozen=True, eq=False)
class Future:
    """One way that a term could go: demand and scale in each month ahead (T,), and from when a workload is gone.

    ``gone_from`` None: never.
    """

    title: str
    demand: Floats
    scale: Floats
    gone_from: int | None = None

    def months(self, term_months: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Demand, scale and whether the workload is gone, over the term."""
        gone = np.arange(term_months) >= (term_months if self.gone_from is None else self.gone_from)
        return self.demand[:term_months], self.scale[:term_months], gone


def saved_by_month(term: TermLoad, levels: Floats, future: Future, term_months: int) -> Floats:
    """What levels (L,) save in each month of a term (T, L), nominal."""
    demand, scale, gone = future.months(term_months)
    state = np.where(gone, term.without[:term_months], term.state[:term_months])
    found = np.zeros((term_months, len(levels)))
    for each in np.unique(state).tolist():
        rows = np.flatnonzero(state == each)
        found[rows] = term.saving(levels[None, :], int(each), demand[rows, None], scale[rows, None])
    return found


def best_level(term: TermLoad, future: Future, term_months: int, weights: Floats | None = None) -> float:
    """The level of highest saving over a term; ``weights`` (T,) discount the months."""
    weight = np.ones(term_months) if weights is None else weights
    top = term.top * max(1.0, float(future.scale[:term_months].max()))
    return searched(lambda levels: weight @ saved_by_month(term, levels, future, term_months), top)


def searched(value: Callable[[Floats], Floats], top: float) -> float:
    """The lowest level of highest value between 0 and ``top``; ``value`` maps levels (L,) to values (L,).

    Rounds of evenly spaced levels close in on the best one: exact to 3e-11 of the top where the value is concave.
    """
    low, high, best = 0.0, top, 0.0
    for _ in range(ROUNDS):
        levels = np.linspace(low, high, LEVELS)
        found = value(levels)
        at = int(np.argmax(found >= found.max() - TIE * max(1.0, abs(float(found.max())))))
        best = float(levels[at])
        low, high = float(levels[max(0, at - 1)]), float(levels[min(LEVELS - 1, at + 1)])
    return best
