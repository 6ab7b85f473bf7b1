"""How much faster the exact commitment optimum is than a grid of 1,000 sizes: a year of hours, six pools.

The grid is vectorised NumPy, one pass over the hours per size, and still only finds the optimum to a thousandth of the
peak. Run: ``python -m benchmarks.commitment_plan``.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from model.behaviour.commitment_curve import optimal_level, optimum_at_one_rate, paid_ratio

if TYPE_CHECKING:
    from collections.abc import Callable

HOURS = 8760
POOLS = 6
GRID_POINTS = 1000
DISCOUNTS = (0.17, 0.46)


def ratios() -> list[tuple[str, float, str]]:
    """(name, grid seconds ÷ exact seconds, remark)."""
    pools = [_pool(seed) for seed in range(POOLS)]
    one_rate = [pool.sum(axis=0) for pool in pools]
    return [
        _ratio(
            "a bill: five pools of one rate, one of two",
            lambda: [_grid_two_rates(pools[0]), *(_grid_one_rate(series) for series in one_rate[1:])],
            lambda: [
                optimal_level(pools[0], DISCOUNTS),
                *(optimum_at_one_rate(series, DISCOUNTS[0]) for series in one_rate[1:]),
            ],
        ),
        _ratio(
            "one rate",
            lambda: [_grid_one_rate(series) for series in one_rate],
            lambda: [optimum_at_one_rate(series, DISCOUNTS[0]) for series in one_rate],
        ),
        _ratio(
            "two rates, pro rata",
            lambda: [_grid_two_rates(pool) for pool in pools],
            lambda: [optimal_level(pool, DISCOUNTS) for pool in pools],
        ),
    ]


def _pool(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    day = 5.0 + 3.0 * np.sin(np.arange(HOURS) * 2.0 * np.pi / 24.0)
    return np.stack([day + rng.gamma(2.0, 1.0, HOURS), day / 2.0 + rng.gamma(3.0, 0.5, HOURS)])


def _grid_one_rate(series: np.ndarray) -> float:
    sizes = np.linspace(0.0, series.max(), GRID_POINTS)
    total = series.sum()
    costs = [total + c * paid_ratio(DISCOUNTS[0]) * HOURS - np.minimum(c, series).sum() for c in sizes]
    return float(sizes[int(np.argmin(costs))])


def _grid_two_rates(pool: np.ndarray) -> float:
    on_demand = pool.sum(axis=0)
    demand = pool[0] * paid_ratio(DISCOUNTS[0]) + pool[1] * paid_ratio(DISCOUNTS[1])
    worth, total = on_demand / demand, on_demand.sum()
    levels = np.linspace(0.0, demand.max(), GRID_POINTS)
    costs = [total + level * HOURS - np.minimum(level, demand) @ worth for level in levels]
    return float(levels[int(np.argmin(costs))])


def _ratio(name: str, grid: Callable[[], object], exact: Callable[[], object]) -> tuple[str, float, str]:
    slow, fast = _best_seconds(grid, 3), _best_seconds(exact, 9)
    return name, slow / fast, f"{POOLS} pools × {HOURS} h: grid {slow * 1e3:.0f} ms, exact {fast * 1e3:.1f} ms"


def _best_seconds(job: Callable[[], object], repeats: int) -> float:
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - started)
    return min(seconds)


if __name__ == "__main__":
    for name, ratio, remark in ratios():
        print(f"{name}: {ratio:.0f} times faster ({remark})")
