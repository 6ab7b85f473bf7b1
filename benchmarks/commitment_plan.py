"""How much faster the exact commitment optimum is than a grid of 1,000 sizes: a year of hours, six pools.

The grid is vectorised NumPy, one pass over the hours per size, and still only finds the optimum to a thousandth of the
peak. The whole plan also says what is covered, used, saved and lost by month, with notes, steps and guardrails; so it
is held against that grid, and against a grid that prices a plan for each size.
Run: ``python -m benchmarks.commitment_plan``.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from model.behaviour.commitment_curve import optimal_level, optimum_at_one_rate, paid_ratio
from model.bill import Bill, HourAxis, Lines, Pool
from model.levers.commitment_plan import TERM_MONTHS
from model.levers.commitments import options
from model.levers.pool_hours import pool_usage
from model.levers.pool_planning import Purchase, plan_usage
from model.parameter import Values
from model.prices import Discount, PriceBook

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
    bill, values, eligible = _bill(one_rate, pools[0])

    def both_terms() -> list[float]:
        return [best for _ in TERM_MONTHS for best in (_grid_two_rates(pools[0]), *map(_grid_one_rate, one_rate[1:]))]

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
        _ratio(
            "two rates, highest first",
            lambda: [_grid_two_rates(pool) for pool in pools],
            lambda: [optimal_level(pool, DISCOUNTS, "highest_first") for pool in pools],
        ),
        _ratio("the whole plan, both terms", both_terms, lambda: options(bill, values, eligible)),
        _ratio(
            "the whole plan, against one plan for each size, both terms",
            lambda: _grid_of_plans(bill, eligible),
            lambda: options(bill, values, eligible),
            repeats=1,
        ),
        _ratio(
            "the whole plan with its curves and ranges read, both terms",
            both_terms,
            lambda: [
                (plan.curve, plan.saving_range, plan.zero_saving_level, plan.committing_first_loss)
                for plan in options(bill, values, eligible)
            ],
        ),
    ]


def _bill(one_rate: list[np.ndarray], two_rates: np.ndarray) -> tuple[Bill, Values, dict[str, dict[str, np.ndarray]]]:
    """A year's bill with six pools and nothing else."""
    nothing, none = np.zeros(HOURS), np.zeros(0, np.int64)
    classes = [{"a": two_rates[0], "b": two_rates[1]}, *({"a": series} for series in one_rate[1:])]
    pools = tuple(
        Pool(f"pool{i}", f"pool{i}", "", series, dict.fromkeys(series, nothing), nothing, nothing)
        for i, series in enumerate(classes)
    )
    text = {name: np.zeros(0, object) for name in ("pool", "region", "rate_class", "consumption_model")}
    discounts = {key: Discount(d, d, "benchmark", "2026-11-24", "") for key, d in zip("ab", DISCOUNTS, strict=True)}
    bill = Bill(
        "USD", tuple(202601 + m for m in range(12)),
        HourAxis(np.arange(HOURS), np.arange(HOURS) // 730, np.ones(HOURS, bool)),
        Lines(text, none, np.zeros(0), none, none, none, none, {}), {}, pools, PriceBook(discounts=discounts),
    )  # fmt: skip
    return bill, Values(), {pool.name: dict(pool.eligible) for pool in pools}


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


def _grid_of_plans(bill: Bill, eligible: dict[str, dict[str, np.ndarray]]) -> list[float]:
    """The best saving of a plan for each size, by pool and term."""
    best = []
    for pool in bill.pools:
        sizes = np.linspace(0.0, sum(pool.eligible.values()).max(), GRID_POINTS).tolist()
        usage = pool_usage(bill, pool, eligible[pool.name])
        for term in TERM_MONTHS:
            plans = (plan_usage(bill, pool, Purchase(term, covered_per_hour=size), usage) for size in sizes)
            best.append(max(plan.saving for plan in plans))
    return best


def _ratio(
    name: str, grid: Callable[[], object], exact: Callable[[], object], repeats: int = 3
) -> tuple[str, float, str]:
    slow, fast = _best_seconds(grid, repeats), _best_seconds(exact, 9)
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
