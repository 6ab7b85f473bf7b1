"""How much longer a query takes on a busy database: its computing part waits for one of the vCPU (M/M/v).

Over bursty minutes of hours of different load, weighted by queries. From ``SATURATED`` on a minute is too short for the
queue to settle (its relaxation time is S ÷ v ÷ (1 − √ρ)², minutes for queries of tenths of a second), and measured CPU
does not show the need either: the stretch stops there, and the share of queries that meet it is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from model.behaviour.autoscaler import demand_points
from model.behaviour.queueing import log_reciprocal_erlang_b

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SATURATED: Final = 0.95
_GRID_POINTS: Final = 96


@dataclass(frozen=True)
class Slowness:
    """A database at some load: mean time of computing over that alone; share of queries that meet a saturated one."""

    stretch: float
    saturated_share: float


def stretch(utilisation: Floats, vcpu: float) -> Floats:
    """Time of computing over its time alone (…): 1 + C(v, vρ) ÷ (v(1 − ρ)), C by Erlang, ρ at most ``SATURATED``.

    One vCPU: 1 ÷ (1 − ρ). A part of a vCPU counts as one.

    >>> stretch(np.array([0.0, 0.5, 0.75]), 1).round(6).tolist()
    [1.0, 2.0, 4.0]
    >>> stretch(np.array([0.5]), 2).round(6).tolist()
    [1.333333]
    """
    servers = max(1, round(vcpu))
    rho = np.clip(utilisation, 0.0, SATURATED)
    reciprocal = np.exp(np.minimum(log_reciprocal_erlang_b(servers, rho * servers), 700.0))
    waits = 1.0 / (reciprocal * (1.0 - rho) + rho)
    return np.asarray(1.0 + np.where(rho > 0.0, waits / (servers * (1.0 - rho)), 0.0), dtype=np.float64)


def slowness(load: Floats, burstiness: float, other: float, queries: float, vcpu: float) -> Slowness:
    """Slowness under queries of hourly load (U,), mean 1, that use ``queries`` of the CPU on average beside ``other``.

    One-minute loads in an hour are Gamma with CV² ``burstiness``; utilisation of a minute is other + queries × load.
    """
    point = demand_points(burstiness)
    top = float(load.max(initial=0.0))
    if top <= 0.0:
        return Slowness(1.0, 0.0)
    grid = np.linspace(0.0, top, _GRID_POINTS)
    utilisation = other + queries * grid[:, None] * point
    stretched = (point * stretch(utilisation, vcpu)).mean(axis=1)
    is_full = (point * (utilisation >= SATURATED)).mean(axis=1)
    total = float(load.sum())
    return Slowness(*(float((load * np.interp(load, grid, curve)).sum()) / total for curve in (stretched, is_full)))


def queries_at_peak(load: Floats, burstiness: float, peak: float, quantile: float) -> float:
    """Mean utilisation by queries whose minutes reach ``peak`` at this quantile of all minutes; 0 without any load."""
    minutes = load[:, None] * demand_points(burstiness)
    top = float(np.quantile(minutes, quantile)) if minutes.size else 0.0
    return peak / top if top > 0.0 else 0.0


def computing_share(queries: float, vcpu: float, in_database: float, stretched: float) -> float:
    """Part of a query's time alone in which it computes: c of r = c ÷ (1 + c(s − 1)), 0 ≤ c ≤ 1.

    r is the vCPU that queries use on average over the queries that are under way, s the stretch today.
    """
    ratio = queries * vcpu / in_database if in_database > 0.0 else 1.0
    left = 1.0 - ratio * (stretched - 1.0)
    return min(1.0, ratio / left) if left > 0.0 else 1.0
