"""What could go wrong with a mix or a ladder: its rungs over the next 36 months.

In the future as assumed every hour is filled by one rung after the other. Over the draws what the rungs of a month
cover together is read off the pool's curve, which is the same where its usage has one discount; where it has several,
at the mean one, and the draws are moved by what the two differ by in the future as assumed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from model.commitment_risk import TermRisk, largest_fall, npv_of_levels, safe_from
from model.horizon import HORIZON_MONTHS
from model.uncertainty import Quantiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from model.commitment_future import PoolAhead
    from model.commitment_load import Future, TermLoad
    from model.commitment_risk import Money
    from model.levers.commitment_plan import BoughtRung, PoolPlan

    Floats = NDArray[np.float64]


def rungs_risk(pool: PoolAhead, term: TermLoad, plan: PoolPlan, assumed: Future, money: Money) -> TermRisk:
    """Judge the rungs of a plan over 36 months; ``term`` are the pool's curves at one of their terms."""
    saving = saved(pool, assumed, 1.0)
    owed = tuple(
        sum(_owed(rung, month, term) for rung in plan.rungs if rung.start <= month)
        for month in range(HORIZON_MONTHS + 1)
    )
    npv = rungs_npv_by_draw(pool, term, plan, assumed, money)
    return TermRisk(
        term=plan.term,
        months=HORIZON_MONTHS,
        commit_per_hour=plan.commit_per_hour,
        covered_on_demand_per_hour=plan.covered_on_demand_per_hour,
        npv=float(money.weights(HORIZON_MONTHS) @ saving),
        drawn_npv=Quantiles(*(float(q) for q in np.quantile(npv, (0.1, 0.5, 0.9)))),
        probability_of_loss=float((npv < 0.0).mean()),
        best_commit_per_hour=None,
        best_covered_on_demand_per_hour=None,
        saving_by_month=tuple(saving.tolist()),
        owed=owed,
        largest_fall=largest_fall(lambda left: float(saved(pool, assumed, left).sum())),
        safe_from_month=safe_from(saving, owed),
        draws=money.draws,
        seed=money.seed,
    )


def saved(pool: PoolAhead, future: Future, left: float, kept: Floats | None = None) -> Floats:
    """Saving by month ahead (36,) in a future of which a share of the usage is left.

    ``kept`` (K, C) is what stays of the usage once the future's workload is gone.
    """
    found: dict[tuple[object, float, float, bool], float] = {}
    total = []
    for month in range(HORIZON_MONTHS):
        demand, scale = float(future.demand[month]), float(future.scale[month]) * left
        is_gone = kept is not None and future.gone_from is not None and month >= future.gone_from
        key = (pool.in_force(month), demand, scale, is_gone)
        if key not in found:
            found[key] = pool.saved(month, demand, scale, kept if is_gone else None)
        total.append(found[key])
    return np.array(total)


def rungs_npv_by_draw(pool: PoolAhead, term: TermLoad, plan: PoolPlan, assumed: Future, money: Money) -> Floats:
    """Present value by draw (n,)."""
    months = range(HORIZON_MONTHS)
    covered = np.array([sum(r.covered_on_demand_per_hour for r in plan.rungs if r.is_live(m)) for m in months])
    commit = np.array([sum(r.commit_per_hour for r in plan.rungs if r.is_live(m)) for m in months])
    levels, fees = covered * term.mean_paid, commit * term.load.hours_per_month
    state, demand, scale = term.state, assumed.demand, assumed.scale
    read = np.array([float(term.covered(levels[m], int(state[m]), demand[m], scale[m])) - fees[m] for m in months])
    apart = float(money.weights(HORIZON_MONTHS) @ (saved(pool, assumed, 1.0) - read))
    return npv_of_levels(term, levels, fees, money) + apart


def _owed(rung: BoughtRung, month: int, term: TermLoad) -> float:
    """What is due of a rung before a month ahead."""
    return rung.commit_per_hour * term.load.hours_per_month * max(0, min(rung.months, rung.start + rung.months - month))
