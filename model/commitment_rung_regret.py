"""The table of regrets of a mix or a ladder: all its rungs together, as typed or as shares, over the next 36 months.

The best in hindsight is the better of one commitment of 1 year, renewed, and one of 3 years at its best amount, and of
the amounts that are shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from model.commitment_load import best_level, saved_by_month
from model.commitment_regret import PLANNED, SHARES, Amount, RegretTable
from model.commitment_rung_risk import saved
from model.horizon import HORIZON_MONTHS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from model.commitment_future import PoolAhead
    from model.commitment_load import Future, TermLoad
    from model.commitment_loads import Workload
    from model.levers.commitment_plan import PoolPlan

    Floats = NDArray[np.float64]


def rungs_regret_table(
    pool: PoolAhead, terms: Iterable[TermLoad], plan: PoolPlan, against: tuple[Future, ...], workload: Workload | None
) -> RegretTable:
    """Hold the rungs of a plan, shares of them and none against some futures (36 months or longer)."""
    kept = None if workload is None else workload.kept
    commit = max(sum(rung.commit_per_hour for rung in plan.rungs if rung.is_live(m)) for m in range(HORIZON_MONTHS))
    covered = max(
        sum(rung.covered_on_demand_per_hour for rung in plan.rungs if rung.is_live(m)) for m in range(HORIZON_MONTHS)
    )
    shares = sorted([(0.0, "nothing"), (1.0, PLANNED), *SHARES])
    saving = np.array([[_saving(pool, share, each, kept) for each in against] for share, _ in shares])
    single = [[_best(term, each) for each in against] for term in terms]
    best = np.array([max(column)[1] for column in zip(*single, strict=True)])
    top = np.maximum(np.max(np.array([[value for value, _ in row] for row in single]), axis=0), saving.max(axis=0))
    amounts = tuple(Amount(title, commit * share, covered * share) for share, title in shares)
    return RegretTable(plan.term, amounts, tuple(each.title for each in against), saving, top - saving, best)


def _saving(pool: PoolAhead, share: float, future: Future, kept: Floats | None) -> float:
    if share == 0.0:
        return 0.0
    rungs = tuple(
        replace(
            rung,
            commit_per_hour=rung.commit_per_hour * share,
            covered_on_demand_per_hour=rung.covered_on_demand_per_hour * share,
        )
        for rung in pool.rungs
    )
    return float(saved(replace(pool, rungs=rungs), future, 1.0, kept).sum())


def _best(term: TermLoad, future: Future) -> tuple[float, float]:
    """What one commitment at its best amount saves in 36 months, and that amount."""
    level = best_level(term, future, HORIZON_MONTHS)
    return float(saved_by_month(term, np.array([level]), future, HORIZON_MONTHS).sum()), level
