"""How much faster 10,000 draws × 36 months are than a plain Python loop over the same surface, on the demo bill.

The loop is given the same priced nodes and does the same arithmetic, one draw and one month at a time, on a hundredth
of the draws. Pricing every draw in full is timed beside it on a few. Run: ``python -m benchmarks.draws_speed``.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from data.workspace import Workspace
from model import horizon
from model.drawing import drawn
from model.drawn_plan import drawn_plan
from model.outcome import evaluate
from model.response_surface import COMMITMENTS, USAGE, exact_saving
from model.scenario import Scenario
from model.uncertainty import DRAWS, SEED
from pages.parts import session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from model.drawn_plan import DrawnPlan

LOOPED_DRAWS = DRAWS // 100
PRICED = 10
PLAN = Scenario(
    settings={
        "cloud_run.*.min_instances": 1,
        "cloud_run.*.max_instances": 20,
        "cloud_sql.main-db.vcpu": 4,
        "commitments.compute_flexible.term": "3y",
    }
)


def ratios() -> list[tuple[str, float, str]]:
    """(name, plain seconds ÷ our seconds, remark)."""
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        session.import_demo(workspace)
        bill = session.load_bill(workspace)
    started = time.perf_counter()
    plan = drawn_plan(evaluate(bill, PLAN))
    nodes_s = time.perf_counter() - started
    ours_s, (npv, _) = _timed(lambda: plan.npv(drawn(plan.ranges, DRAWS, SEED)))
    sample = drawn(plan.ranges, DRAWS, SEED)[:LOOPED_DRAWS]
    loop_s, looped = _timed(lambda: [_npv_of(plan, row) for row in sample.tolist()])
    assert np.allclose(looped, npv[:LOOPED_DRAWS], rtol=1e-9), "the loop and the draws disagree"
    loop_s *= DRAWS / LOOPED_DRAWS
    priced_s = _timed(lambda: [exact_saving(plan.plan, {}, 1.0 + 0.01 * k, 1.0) for k in range(PRICED)])[0] / PRICED
    full_s = priced_s * DRAWS * horizon.HORIZON_MONTHS
    what = f"{DRAWS:,} draws × {horizon.HORIZON_MONTHS} months of {len(plan.ranges)} things"
    return [
        ("draws against a plain loop", loop_s / ours_s, f"{what}: loop {loop_s:.0f} s, ours {ours_s * 1e3:.0f} ms"),
        (
            "draws with their nodes against pricing each in full",
            full_s / (nodes_s + ours_s),
            f"{what}: in full {full_s / 3600:.0f} h, ours {nodes_s + ours_s:.1f} s of which nodes {nodes_s:.1f} s",
        ),
    ]


def _timed(job: Callable[[], object]) -> tuple[float, object]:
    started = time.perf_counter()
    found = job()
    return time.perf_counter() - started, found


def _npv_of(plan: DrawnPlan, row: Sequence[float]) -> float:
    """One draw, month by month, in plain Python."""
    at = {each.key: value for each, value in zip(plan.ranges, row, strict=True)}
    terms, surface = plan.terms, plan.surface
    demands, prices, grid = surface.demand.tolist(), surface.price.tolist(), surface.grid.tolist()
    growth = at.get(horizon.GROWTH, terms.growth_per_year)
    change = at.get(horizon.PRICE_CHANGE, terms.price_change_per_year)
    errors = [at.get(f"model_error.{lever}", 0.0) for lever in plan.plan.levers]
    savings, weight = plan.saving.tolist(), plan.weight.tolist()
    shifts = {c.key: _straight(c.nodes.tolist(), c.change.tolist(), at[c.key]) for c in surface.curves}
    npv = -at.get(horizon.ONE_OFF_COST, terms.one_off_cost)
    for k in range(horizon.HORIZON_MONTHS):
        demand, price = (1.0 + growth) ** ((k + 1) / 12.0), (1.0 + change) ** ((k + 1) / 12.0)
        usage, commitments = (_on_grid(demands, prices, grid, demand, price, layer) for layer in (USAGE, COMMITMENTS))
        ramps = [line[k] for line in weight]
        size = sum(abs(saving) for saving in savings)
        together = sum(r * abs(s) for r, s in zip(ramps, savings, strict=False)) / size if size else 1.0
        by_lever = sum(r * (s + e) for r, s, e in zip(ramps, savings, errors, strict=False))
        by_lever += sum(shifts[key] * _ramp_of(plan, ramps, key) for key in shifts)
        saving = (
            (usage - sum(savings) * demand * price) * together + commitments * ramps[-1] + demand * price * by_lever
        )
        flow = saving - at.get(horizon.RECURRING_COST, terms.recurring_cost_per_month)
        npv += flow / (1.0 + terms.discount_rate_per_year) ** ((k + 1) / 12.0)
    return npv


def _ramp_of(plan: DrawnPlan, ramps: Sequence[float], key: str) -> float:
    levers = [*plan.plan.levers, "commitments"]
    lever = key.partition(".")[0]
    return ramps[levers.index(lever) if lever in levers else 0]


def _on_grid(
    demands: Sequence[float], prices: Sequence[float], grid: Sequence[Sequence[Sequence[float]]], demand: float,
    price: float, layer: int,
) -> float:  # fmt: skip
    values = [_straight(prices, [cell[layer] for cell in line], price) for line in _around(demands, grid, demand)]
    return _straight(_around(demands, demands, demand), values, demand)


def _around(nodes: Sequence[float], items: Sequence, value: float) -> Sequence:
    at = min(max(bisect_right(nodes, value) - 1, 0), max(len(nodes) - 2, 0))
    return items[at : at + 2]


def _straight(nodes: Sequence[float], values: Sequence[float], value: float) -> float:
    at = min(max(bisect_right(nodes, value) - 1, 0), max(len(nodes) - 2, 0))
    if len(nodes) == 1:
        return values[0]
    share = min(max((value - nodes[at]) / (nodes[at + 1] - nodes[at]), 0.0), 1.0)
    return values[at] * (1.0 - share) + values[at + 1] * share


if __name__ == "__main__":
    for name, ratio, remark in ratios():
        print(f"{name}: {ratio:.0f} times faster ({remark})")
